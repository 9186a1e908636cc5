"""Lambda `console`: every page that is neither the second factor's nor a provider's. Routes: each module's `register`."""

from __future__ import annotations

from pathlib import Path

from functions.console import security, sign_in, site
from functions.console.compose import Dependencies, dependencies
from ledgercast.web.app import App

app: App[Dependencies] = App("console", dependencies, Path(__file__).parent / "templates")
for part in (site, sign_in, security):
    part.register(app)

handler = app.handle
