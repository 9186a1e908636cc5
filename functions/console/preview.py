"""A metric tried on a connection before anything is sent: as JSON for programs, as chart and figures for people.

The figures are computed, and the chart is drawn, by the pipeline's own functions, so that what is tried is what will be
sent. While Xero makes us wait, so does the answer: 202 with Retry-After, and for people a page that looks again by
itself. The chart is drawn when a browser asks for the picture, so that the page need not wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from functions.console.compose import Dependencies
from functions.console.views import listed, shown
from ledgercast.content import content_of
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.catalogue import Metric, metric
from ledgercast.domain.connections import BY_MEMBER, Connection
from ledgercast.domain.errors import ArtefactMissing, UnknownMetric
from ledgercast.domain.facts import Facts
from ledgercast.domain.pulses import preview_key
from ledgercast.messages import reason
from ledgercast.observability import logger
from ledgercast.store.invoke import FunctionFailed, StillWorking
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, error_reply, json_reply, not_found, page, picture, problem
from ledgercast.web.visit import Visit
from ledgercast.xero.scopes import missing

log = logger("console")

LOOK_AGAIN_SECONDS = 2
LONGEST_WATCH = 120
"""A longer wait than this many seconds is told to people, and not watched by their page."""

_CONFLICTS = ("xero.grant.disconnected", "xero.connection.gone", "xero.scope.missing", "xero.role.missing")
_LATER = ("xero.unreachable", "xero.unavailable")
_LATER_SECONDS = 30


@dataclass(frozen=True)
class Ready:
    facts: dict[str, Any]

    @property
    def empty(self) -> bool:
        return not self.facts["series"]


@dataclass(frozen=True)
class Waiting:
    """`reason` is a code of `ledgercast.messages`, "" while the work is simply not done yet."""

    seconds: int
    reason: str = ""

    @property
    def words(self) -> str:
        return _WAITS.get(self.reason) or (reason(self.reason) if self.reason else "The figures are being fetched.")


@dataclass(frozen=True)
class Refused:
    """`retry` is the number of seconds after which it may well succeed, 0 where asking again gives the same."""

    status: int
    code: str
    message: str
    retry: int = 0


Outcome = Ready | Waiting | Refused


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/api/v1/metrics/{metric}/preview", who="member")(for_programs)
    app.route("GET", "/sources/{connection}/metrics/{metric}", who="member")(for_people)
    app.route("GET", "/sources/{connection}/metrics/{metric}/chart.png", who="member")(chart)


def for_programs(visit: Visit, deps: Dependencies) -> Reply:
    """200 {"facts", "image": its address, null without activity}, 202 with Retry-After, 409, or another error."""
    name = visit.asked("connection", 80)
    if not name:
        return error_reply("invalid", "Name the connection: ?connection=<its id>.", 422)
    chosen, connection = _metric(visit.params["metric"]), deps.connections.get(name)
    if chosen is None or connection is None:
        code = "metric.unknown" if chosen is None else "connection.unknown"
        return error_reply(code, "There is no such metric." if chosen is None else "There is no such connection.", 404)
    outcome = _outcome(visit, deps, chosen, connection)
    if isinstance(outcome, Ready):
        image = None if outcome.empty else f"/sources/{connection.id}/metrics/{chosen.id}/chart.png"
        return json_reply({"facts": outcome.facts, "image": image})
    if isinstance(outcome, Waiting):
        told = {"status": "waiting", "seconds": outcome.seconds, "reason": outcome.reason, "message": outcome.words}
        return json_reply(told, 202).with_headers(Retry_After=str(outcome.seconds))
    refused = error_reply(outcome.code, outcome.message, outcome.status)
    return refused.with_headers(Retry_After=str(outcome.retry)) if outcome.retry else refused


def for_people(visit: Visit, deps: Dependencies) -> Reply:
    chosen, connection = _metric(visit.params["metric"]), deps.connections.get(visit.params["connection"])
    if chosen is None or connection is None:
        return not_found()
    outcome = _outcome(visit, deps, chosen, connection)
    values: dict[str, Any] = {"source": shown(connection), "metric": chosen}
    if isinstance(outcome, Ready):
        image = f"/sources/{connection.id}/metrics/{chosen.id}/chart.png"
        content = content_of(Facts.from_json(outcome.facts), None, None)
        return page("preview.html.j2", content=content, image=image, **values)
    if isinstance(outcome, Waiting):
        watched = outcome.seconds <= LONGEST_WATCH
        waiting = page("preview_waiting.html.j2", 202, waiting=outcome, watched=watched, **values)
        waiting = waiting.with_headers(Retry_After=str(outcome.seconds))
        # A header and not an element, which would have to stand in the head of every page's frame.
        return waiting.with_headers(Refresh=str(outcome.seconds)) if watched else waiting
    return page("preview_refused.html.j2", outcome.status, refused=outcome, **values)


def chart(visit: Visit, deps: Dependencies) -> Reply:
    """The chart of the figures that were fetched last, drawn where it was not: ?theme=dark for the dark one."""
    chosen, connection = _metric(visit.params["metric"]), deps.connections.get(visit.params["connection"])
    if chosen is None or connection is None:
        return not_found()
    closed = _closed(chosen, connection)
    if closed:
        return problem(closed.status, "No chart", closed.message)
    event = {
        "workspace": WORKSPACE,
        "preview": {"metric": chosen.id, "connection": connection.id},
        "facts": preview_key(WORKSPACE, connection.id, chosen.id),
        "theme": "dark" if visit.query.get("theme") == "dark" else "light",
    }
    try:
        drawn = deps.render.ask(event)
    except StillWorking:
        return problem(503, "Not drawn yet", "The chart is being drawn.").with_headers(Retry_After="2")
    except FunctionFailed as failed:
        if str(failed) == ArtefactMissing.__name__:
            return not_found()  # nobody looked at the figures before, or too long ago
        log.error("no chart was drawn", extra={"kind": str(failed)})
        return problem(502, "No chart", reason("internal"))
    return picture(deps.artefacts.get(drawn["chart"])) if drawn["chart"] else not_found()


def _outcome(visit: Visit, deps: Dependencies, chosen: Metric, connection: Connection) -> Outcome:
    closed = _closed(chosen, connection)
    if closed:
        return closed
    try:
        wanted = {"metric": chosen.id, "connection": connection.id}
        answer = deps.fetch.ask({"workspace": WORKSPACE, "preview": wanted})
    except StillWorking:
        return Waiting(LOOK_AGAIN_SECONDS)
    except FunctionFailed as failed:
        log.error("no preview was made", extra={"kind": str(failed)})
        return Refused(502, "internal", reason("internal"))
    outcome = _read(answer, deps)
    if isinstance(outcome, Ready):
        subject = f"{connection.id}/{chosen.id}"
        deps.edge.audit.note("metric.previewed", visit.actor, visit.address, subject)
    return outcome


def _closed(chosen: Metric, connection: Connection) -> Refused | None:
    """Why this connection cannot be asked at all."""
    if connection.state == "held":
        return _held()
    if not connection.is_open:
        by_member = connection.held_reason == BY_MEMBER
        return Refused(409, "xero.grant.disconnected", _BY_MEMBER if by_member else reason("xero.grant.disconnected"))
    gap = missing(chosen.id, connection.scopes)
    if gap:
        needs = f"The connection lacks a permission for this metric: {listed(gap)}. Reconnect it under Sources."
        return Refused(409, "xero.scope.missing", needs)
    return None


def _read(answer: dict[str, Any], deps: Dependencies) -> Outcome:
    """What the function's outcome (functions/fetch/run.py) means for somebody who looks."""
    outcome, code = answer["outcome"], str(answer.get("reason") or "")
    if outcome == "ready":
        return Ready(deps.artefacts.get_json(answer["facts"]))
    if outcome in ("wait", "defer"):
        return Waiting(max(1, int(answer["seconds"])), code)
    if outcome == "skip":
        return _held()
    if code in _CONFLICTS:
        return Refused(409, code, reason(code))
    if code in _LATER:
        return Refused(503, code, reason(code), _LATER_SECONDS)
    return Refused(502, code, reason(code))


def _held() -> Refused:
    return Refused(409, "connection.held", "The connection is held, so nothing is asked of Xero. See it under Sources.")


def _metric(metric_id: str) -> Metric | None:
    try:
        return metric(metric_id)
    except UnknownMetric:
        return None


_BY_MEMBER = "The connection was disconnected here. Reconnect it under Sources."
_WAITS = {
    "snapshot.in_progress": "Another run is asking Xero for the same figures.",
    "grant.refresh_in_progress": "The access to Xero is being renewed.",
    "xero.limit.minute": "Xero's limit of calls per minute is reached.",
    "xero.limit.concurrent": "Other calls to this organisation are under way.",
    "xero.limit.day": "Xero's daily limit of calls for this organisation is reached.",
    "xero.offline": "Xero, or this organisation, is offline for maintenance.",
}
