"""Runs for programs (contracts.md 1): the same as the activity's pages, as JSON."""

from __future__ import annotations

from typing import Any

from functions.console.activity import newest
from functions.console.compose import Dependencies
from functions.console.run_deliveries import Delivery, deliveries
from functions.console.run_page import find, kept_of, rows_of, start_again, why_no_retry
from functions.console.run_views import can_retry
from functions.console.zones import zone_of
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.errors import code_of
from ledgercast.domain.pulses import artefact_key
from ledgercast.domain.runs import Run
from ledgercast.messages import reason
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, error_reply, json_reply
from ledgercast.web.visit import Visit

PAGE = 100


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/api/v1/runs", who="member")(runs)
    app.route("GET", "/api/v1/runs/{run}", who="member")(run)
    app.route("GET", "/api/v1/runs/{run}/facts", who="member")(facts)
    app.route("POST", "/api/v1/runs/{run}/retry", who="member")(retry)


def runs(visit: Visit, deps: Dependencies) -> Reply:
    """Newest first, PAGE at a time; the rest by `?next=<that token>`, which is the last one's id."""
    found, more, _ = newest(visit, deps, PAGE, "next")
    return json_reply({"items": [_told(one) for one in found], "next": found[-1].id if more else None})


def run(visit: Visit, deps: Dependencies) -> Reply:
    """One run with its deliveries, one for a channel and one for each address of a list."""
    found = find(deps, visit.params["run"])
    if found is None:
        return _unknown()
    pulse = deps.state.pulse(WORKSPACE, found.pulse)
    reached = deliveries(found, pulse, rows_of(deps, found), zone_of(deps.settings.get()))
    kept = kept_of(deps, found)
    return json_reply(
        {
            **_told(found),
            "deliveries": [told for one in reached for told in _delivered(one)],
            "summary": kept.summary,
            "facts": f"/api/v1/runs/{found.id}/facts" if kept.content else None,
            "image": f"/activity/{found.id}/chart.png" if kept.has_chart else None,
            "retry": can_retry(found),
        }
    )


def facts(visit: Visit, deps: Dependencies) -> Reply:
    """The very numbers that went out."""
    found = find(deps, visit.params["run"])
    if found is None:
        return _unknown()
    kept = deps.artefacts.get_json(artefact_key(WORKSPACE, found.pulse, found.slot, "facts.json"))
    if kept is None:
        return error_reply("artefact.missing", "This run has no figures, or they are no longer kept.", 404)
    return json_reply(kept)


def retry(visit: Visit, deps: Dependencies) -> Reply:
    """202 {"run", "slot"}: what did not arrive is tried again."""
    found = find(deps, visit.params["run"])
    if found is None:
        return _unknown()
    refusal = why_no_retry(deps, found)
    if refusal:
        return error_reply("run.not_retriable", refusal, 409)
    start_again(visit, deps, found)
    return json_reply({"run": found.id, "slot": found.slot}, 202)


def _told(one: Run) -> dict[str, Any]:
    """`seconds` is how long it took, null while it runs; `message` is the reason in words."""
    return {
        "id": one.id,
        "pulse": one.pulse,
        "metric": one.metric or None,
        "connection": one.connection or None,
        "slot": one.slot,
        "status": one.state,
        "reason": code_of(one.reason) if one.reason else None,
        "message": reason(one.reason) if one.reason else None,
        "started_at": one.started_at,
        "finished_at": one.finished_at or None,
        "seconds": None if one.took is None else round(one.took.total_seconds(), 2),
        "attempt": one.attempt,
        "xero_calls": one.xero_calls,
    }


def _delivered(one: Delivery) -> list[dict[str, Any]]:
    """As the demo's summary.json has them (contracts.md 5); `parts` are what was posted to a channel."""
    base = {"destination": one.id, "kind": one.kind.lower()}
    if one.kind == "Slack" or not one.parts:
        main = next((part for part in one.parts if part.part == "message"), None)
        sent = main.at.isoformat(timespec="seconds") if main and main.at and main.status == "sent" else None
        parts = {part.part: part.status for part in one.parts}
        ended = {"status": one.status, "reason": one.code or None, "sent_at": sent, "parts": parts}
        return [{**base, "address": None, **ended}]
    return [
        {
            **base,
            "address": part.address or None,
            "status": part.status,
            "reason": part.code or None,
            "sent_at": part.at.isoformat(timespec="seconds") if part.at and part.status == "sent" else None,
        }
        for part in one.parts
    ]


def _unknown() -> Reply:
    return error_reply("run.unknown", "There is no such run.", 404)
