"""Lambda `mfa`: the second factor. Set-up, codes at sign-in, backup codes, turning it off, an owner's reset."""

from __future__ import annotations

from pathlib import Path

from functions.mfa import change, reset, set_up, sign_in
from functions.mfa.compose import Dependencies, dependencies
from ledgercast.web.app import App

app: App[Dependencies] = App("mfa", dependencies, Path(__file__).parent / "templates")
for part in (set_up, sign_in, change, reset):
    part.register(app)

handler = app.handle
