"""The connected organisations: what each is good for, what it lacks, and the way to connect, mend and end it."""

from __future__ import annotations

from functions.console.compose import Dependencies
from functions.console.permissions import about_you, of_the_books
from functions.console.views import by_category, shown
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, not_found, page
from ledgercast.web.visit import Visit

DONE = {
    "connected": "The organisation is connected.",
    "reconnected": "The organisation is connected again. What was held for it goes on by itself.",
    "another": "Another organisation was connected than the one you wanted to mend. Reconnect, and choose it in Xero.",
    "disconnected": "The organisation was disconnected. What was kept of its books, and of what was sent of them, was "
    "deleted.",
    "pending": "The organisation is disconnected here, and nothing more is read. What is left to be done, at Xero or "
    "with what was kept here, is tried again every day.",
    "left_at_xero": "The organisation is disconnected here. Xero takes our access no longer, so it still lists the "
    "app: remove it in Xero, under Settings, Connected apps.",
}
"""What a page says after a redirect to `?done=<word>`."""


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/sources", who="member")(sources)
    app.route("GET", "/sources/{connection}", who="member")(source)


def sources(visit: Visit, deps: Dependencies) -> Reply:
    return page(
        "sources.html.j2",
        notice=_said(visit),
        sources=[shown(one) for one in deps.connections.list()],
        books=of_the_books(deps.xero_scopes),
        person=about_you(deps.xero_scopes),
    )


def source(visit: Visit, deps: Dependencies) -> Reply:
    found = deps.connections.get(visit.params["connection"])
    if found is None:
        return not_found()
    one = shown(found)
    by = deps.edge.members.get(found.connected_by) if found.connected_by else None
    return page(
        "source.html.j2",
        notice=_said(visit),
        source=one,
        categories=by_category(one),
        books=of_the_books(found.scopes),
        person=about_you(found.scopes),
        ungranted=of_the_books(scope for scope in deps.xero_scopes if scope not in found.scopes),
        by=by.email if by else "",
    )


def _said(visit: Visit) -> str | None:
    return DONE.get(visit.query.get("done", ""))
