"""Lambda `oauth`: the ways to Xero and Slack and back, and the ends of both connections."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from functions.oauth import choose, pages, slack, sources, xero
from functions.oauth.compose import Dependencies, dependencies
from ledgercast.web.app import App


def build(compose: Callable[[], Dependencies] = dependencies) -> App[Dependencies]:
    app: App[Dependencies] = App("oauth", compose, Path(__file__).parent / "templates")
    for part in (xero, choose, slack, sources, pages):
        part.register(app)
    return app


app = build()
handler = app.handle
