"""What the site has besides pages: the style sheet, the icon, and a sign of life."""

from __future__ import annotations

from functions.console.compose import Dependencies
from ledgercast.web.app import App
from ledgercast.web.render import asset_body
from ledgercast.web.reply import Reply, asset, not_found, text
from ledgercast.web.visit import Visit

_TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/healthz", who="nobody")(_healthz)
    app.route("GET", "/assets/{name}", who="nobody")(_asset)


def _healthz(visit: Visit, deps: Dependencies) -> Reply:
    return text("ok")


def _asset(visit: Visit, deps: Dependencies) -> Reply:
    name = visit.params["name"]
    try:
        body = asset_body(name)
    except KeyError:
        return not_found()
    return asset(body, _TYPES[name.rpartition(".")[2]])
