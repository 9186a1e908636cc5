"""`/api/v1/stream-routes` (contracts.md 1): the same rules as the page's, and the same words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from functions.console.compose import Dependencies
from functions.console.stream_body import Invalid, read
from functions.console.stream_views import Shown
from functions.console.streams import add, all_shown, remove, shown_of
from ledgercast.domain.streams import new_route_id
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, error_reply, json_reply
from ledgercast.web.visit import Visit

_PATH = "/api/v1/stream-routes"


def register(app: App[Dependencies]) -> None:
    app.route("GET", _PATH, who="member")(routes)
    app.route("POST", _PATH, who="member")(create)
    app.route("DELETE", f"{_PATH}/{{route}}", who="member")(delete)


def routes(visit: Visit, deps: Dependencies) -> Reply:
    """All of them at once: a workspace has few."""
    return json_reply({"items": [_told(one) for one in all_shown(deps)], "next": None})


def create(visit: Visit, deps: Dependencies) -> Reply:
    if not isinstance(visit.json, Mapping):
        return error_reply("invalid", 'Send {"connection", "channel", "kinds", "only"} as JSON.', 422)
    try:
        wanted = read(visit.json, deps)
    except Invalid as wrong:
        return error_reply("invalid", str(wrong), 422)
    made = add(visit, deps, wanted, new_route_id())
    return json_reply(_told(shown_of(made, deps)), 201)


def delete(visit: Visit, deps: Dependencies) -> Reply:
    if not remove(visit, deps, visit.params["route"]):
        return error_reply("not_found", "There is no such stream.", 404)
    return Reply(204)


def _told(one: Shown) -> dict[str, Any]:
    """`reason` is a code, `why` its sentence; instants are of the last event that came and the last message posted."""
    route = one.route
    return {
        "id": route.id,
        "connection": route.connection,
        "channel": route.channel,
        "channel_name": route.channel_name,
        "kinds": list(route.kinds),
        "only": route.only,
        "state": one.state,
        "reason": route.failing_reason or None,
        "why": one.why or None,
        "last_event_at": _instant(route.last_event_at),
        "last_posted_at": _instant(route.last_posted_at),
    }


def _instant(seconds: int) -> str | None:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}" if seconds else None
