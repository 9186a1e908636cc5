"""One run: how it went, the very chart, text and numbers that went out, to whom and when, and another try of what did
not arrive.

Everything shown was kept by the run itself (design 10); nothing is computed anew. What is older than the workspace
keeps such things is gone, and the page says so; the record of who was sent to and when stays.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from functions.console.compose import Dependencies
from functions.console.pulse_actions import why_not
from functions.console.run_deliveries import Part, deliveries
from functions.console.run_messages import Message, of_mail, of_slack
from functions.console.run_views import Shown, can_retry, view
from functions.console.views import shown as shown_connection
from functions.console.zones import zone_of
from ledgercast.content import Content, content_of
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.errors import ArtefactMissing
from ledgercast.domain.facts import Facts
from ledgercast.domain.pulses import Pulse, artefact_key
from ledgercast.domain.runs import Run, run_id
from ledgercast.messages import reason
from ledgercast.store.table import Item
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, download, not_found, page, picture, redirect
from ledgercast.web.visit import Visit

LOOK_AGAIN_SECONDS = 3

DONE = {"retried": "It is being tried again. This page looks again by itself."}


@dataclass(frozen=True)
class Sent:
    """What is still kept of a run; `content` is None where nothing is, or was made. `summary` is summary.json."""

    content: Content | None
    summary: dict[str, Any] | None
    has_chart: bool


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/activity/{run}", who="member")(run_page)
    app.route("GET", "/activity/{run}/chart.png", who="member")(chart)
    app.route("GET", "/activity/{run}/{destination}/{part}", who="member")(message)
    app.route("GET", "/activity/{run}/{destination}/{part}/mail.eml", who="owner")(mail)
    app.route("POST", "/activity/{run}/retry", who="member")(retry)


def run_page(visit: Visit, deps: Dependencies) -> Reply:
    found = find(deps, visit.params["run"])
    return _page(visit, deps, found) if found else not_found()


def chart(visit: Visit, deps: Dependencies) -> Reply:
    """The very picture that went out."""
    found = find(deps, visit.params["run"])
    if found is None:
        return not_found()
    try:
        return picture(deps.artefacts.get(_key(found, "chart.png")))
    except ArtefactMissing:
        return not_found()


def message(visit: Visit, deps: Dependencies) -> Reply:
    """One message as it went out."""
    found, part = _part(visit, deps)
    if found is None or part is None or not part.kept:
        return not_found()
    pulse, zone = deps.state.pulse(WORKSPACE, found.pulse), zone_of(deps.settings.get())
    shown = _shown(deps, found, pulse, zone)
    return page("run_message.html.j2", run=shown, part=part, message=_as_it_went_out(deps, found, part))


def _as_it_went_out(deps: Dependencies, run: Run, part: Part) -> Message | None:
    """None where it is no longer kept."""
    try:
        if part.is_mail:
            return of_mail(deps.artefacts.get(_kept_key(run, part, "eml")))
        return of_slack(json.loads(deps.artefacts.get(_kept_key(run, part, "json"))))
    except ArtefactMissing:
        return None


def mail(visit: Visit, deps: Dependencies) -> Reply:
    """A mail's own source, to be opened by a mail program. For owners, since it can unsubscribe its reader."""
    found, part = _part(visit, deps)
    if found is None or part is None or not (part.kept and part.is_mail):
        return not_found()
    try:
        body = deps.artefacts.get(_kept_key(found, part, "eml"))
    except ArtefactMissing:
        return not_found()
    return download(body, "message/rfc822", f"{found.pulse}-{part.kept}.eml")


def retry(visit: Visit, deps: Dependencies) -> Reply:
    """Start the same slot once more: what arrived is not sent again, what did not says what the others were told."""
    found = find(deps, visit.params["run"])
    if found is None:
        return not_found()
    refusal = why_no_retry(deps, found)
    if refusal:
        return _page(visit, deps, found, 409, alert=refusal)
    start_again(visit, deps, found)
    return redirect(f"/activity/{found.id}?done=retried")


def find(deps: Dependencies, text: str) -> Run | None:
    """The run of an id."""
    named = run_id(text)
    return deps.runs.get(*named) if named else None


def why_no_retry(deps: Dependencies, run: Run) -> str:
    """Why another try would do nothing; "" where it would."""
    if run.state == "running":
        return "It is under way already."
    if not can_retry(run):
        return "Nothing of this run is left to be sent. What nobody can be sure of is never sent a second time."
    pulse = deps.state.pulse(WORKSPACE, run.pulse)
    if pulse is None or pulse.state == "deleted":
        return "The pulse was deleted, so nothing more is sent for it."
    if pulse.state == "paused":
        return "The pulse is paused. Resume it, then try again."
    return why_not(pulse, deps)


def start_again(visit: Visit, deps: Dependencies, run: Run) -> None:
    deps.executions.start(run.pulse, run.slot, resume=True)
    deps.edge.audit.note("run.retried", visit.actor, visit.address, f"{run.pulse}/{run.slot}")


def kept_of(deps: Dependencies, run: Run) -> Sent:
    facts = deps.artefacts.get_json(_key(run, "facts.json"))
    if facts is None:
        return Sent(None, None, has_chart=False)
    details = deps.artefacts.get_json(_key(run, "chart.json"))
    summary = deps.artefacts.get_json(_key(run, "summary.json"))
    content = content_of(Facts.from_json(facts), details, summary)
    return Sent(content, summary, has_chart=bool((details or {}).get("sha256")))


def rows_of(deps: Dependencies, run: Run) -> list[Item]:
    return deps.ledger.of_slot(WORKSPACE, run.pulse, run.slot)


def _page(visit: Visit, deps: Dependencies, run: Run, status: int = 200, alert: str | None = None) -> Reply:
    zone = zone_of(deps.settings.get())
    pulse = deps.state.pulse(WORKSPACE, run.pulse)
    shown = _shown(deps, run, pulse, zone)
    kept = kept_of(deps, run)
    waits = visit.query.get("done") == "retried" and not alert
    told = run.summary.get("why", "")
    reply = page(
        "run.html.j2",
        status,
        alert=alert,
        notice=DONE["retried"] if waits else None,
        one=shown,
        kept=kept,
        gone=bool(run.facts_hash) and kept.content is None,
        summary_why=reason(told) if told else "",
        deliveries=deliveries(run, pulse, rows_of(deps, run), zone),
        retry=can_retry(run) and not waits,
    )
    if waits or run.state == "running":
        return reply.with_headers(Refresh=f"{LOOK_AGAIN_SECONDS}; url=/activity/{run.id}")
    return reply


def _shown(deps: Dependencies, run: Run, pulse: Pulse | None, zone: tzinfo) -> Shown:
    source = deps.connections.get(run.connection or (pulse.connection if pulse else ""))
    names = {source.id: shown_connection(source).name} if source else {}
    return view(run, pulse, names, zone)


def _part(visit: Visit, deps: Dependencies) -> tuple[Run | None, Part | None]:
    found = find(deps, visit.params["run"])
    if found is None:
        return None, None
    pulse = deps.state.pulse(WORKSPACE, found.pulse)
    of_run = deliveries(found, pulse, rows_of(deps, found), zone_of(deps.settings.get()))
    wanted = (visit.params["destination"], visit.params["part"])
    parts = (part for one in of_run for part in one.parts)
    return found, next((one for one in parts if (one.destination, one.part) == wanted), None)


def _key(run: Run, name: str) -> str:
    return artefact_key(WORKSPACE, run.pulse, run.slot, name)


def _kept_key(run: Run, part: Part, suffix: str) -> str:
    return _key(run, f"sent/{part.destination}-{part.part}-{part.kept}.{suffix}")
