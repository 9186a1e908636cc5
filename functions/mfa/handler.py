"""Lambda `mfa`: the second factor. Set-up, codes at sign-in, backup codes, turning it off, an owner's reset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from functions.mfa import change, reset, set_up, sign_in
from functions.mfa.compose import Dependencies, dependencies
from ledgercast.web.app import App


def build(compose: Callable[[], Dependencies] = dependencies) -> App[Dependencies]:
    app: App[Dependencies] = App("mfa", compose, Path(__file__).parent / "templates")
    for part in (set_up, sign_in, change, reset):
        part.register(app)
    return app


app = build()
handler = app.handle
