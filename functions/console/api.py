"""The API's answers about oneself and the connections; lists are {"items", "next"} (contracts.md 1)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from functions.console.compose import Dependencies
from functions.console.views import Shown, shown
from ledgercast.domain.catalogue import METRICS
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, json_reply
from ledgercast.web.visit import Visit


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/api/v1/me", who="member")(me)
    app.route("GET", "/api/v1/connections", who="member")(connections)


def me(visit: Visit, deps: Dependencies) -> Reply:
    """`mfa`: whether the second factor is on; `mfa_verified`: whether this very session passed it."""
    member, session = visit.signed_in, visit.own_session
    return json_reply(
        {
            "id": member.id,
            "email": member.email,
            "role": member.role,
            "mfa": member.totp == "on",
            "mfa_verified": session.has_second_factor,
            "workspace": session.workspace,
        }
    )


def connections(visit: Visit, deps: Dependencies) -> Reply:
    """All of them at once: a workspace has few."""
    return json_reply({"items": [_connection(shown(one)) for one in deps.connections.list()], "next": None})


def _connection(one: Shown) -> dict[str, Any]:
    """`missing` names the metrics that cannot be made, each with the scopes it lacks; `metrics` those that can."""
    return {
        "id": one.id,
        "organisation": one.connection.name,
        "tenant": one.connection.tenant,
        "state": one.state,
        "reason": one.connection.held_reason or None,
        "scopes": list(one.connection.scopes),
        "missing": {metric: list(scopes) for metric, scopes in one.lacking.items()},
        "metrics": [metric.id for metric in METRICS if one.is_open and metric.id not in one.lacking],
        "connected_by": one.connection.connected_by or None,
        "connected_at": _instant(one.connection.connected_at),
    }


def _instant(seconds: int) -> str | None:
    """In UTC, as every other instant of the API; None where it is not known."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else None
