"""The pages of this function that people read: why a connect did not come about, and help with Xero's own pages."""

from __future__ import annotations

import re
from collections.abc import Callable

from functions.oauth.compose import Dependencies
from functions.oauth.reasons import OF, XERO
from ledgercast.store.consents import Provider
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, not_found, page
from ledgercast.web.visit import Visit

_NAMES: dict[Provider, str] = {"xero": "Xero", "slack": "Slack"}
_BACK: dict[Provider, tuple[str, str]] = {"xero": ("/sources", "Sources"), "slack": ("/settings", "Settings")}


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/oauth/xero/problem/{reason}", who="nobody")(_problem("xero"))
    app.route("GET", "/oauth/slack/problem/{reason}", who="nobody")(_problem("slack"))
    app.route("GET", "/oauth/xero/help", who="nobody")(xero_help)


def _problem(provider: Provider) -> Callable[[Visit, Dependencies], Reply]:
    """One page for each reason; its status is 400, since nothing was connected."""

    def answer(visit: Visit, deps: Dependencies) -> Reply:
        reason = OF[provider].get(visit.params["reason"])
        if reason is None:
            return not_found()
        error = visit.query.get("error", "")
        return page(
            "refused.html.j2",
            400,
            code=visit.params["reason"],
            reason=reason,
            error=error if re.fullmatch(r"[0-9a-f]{12}", error) else "",
            provider=_NAMES[provider],
            start=f"/oauth/{provider}/start",
            back=_BACK[provider],
            help="/oauth/xero/help" if provider == "xero" else "",
        )

    return answer


def xero_help(visit: Visit, deps: Dependencies) -> Reply:
    """What Xero says on its own pages without sending anybody back."""
    return page("help.html.j2", reasons=[(code, XERO[code]) for code in ("two_apps", "invalid_scope")])
