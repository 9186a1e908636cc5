"""The pulses of the workspace, and one of them with all that can be known of it and done with it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from functions.console.compose import Dependencies
from functions.console.pulse_runs import latest, recent
from functions.console.pulse_views import SUMMARIES, past_run, shown_pulse, target_names, zone_named
from ledgercast.domain.pulses import Destination, Pulse
from ledgercast.domain.recipients import address_hash
from ledgercast.domain.runs import TEST
from ledgercast.domain.schedules import WINDOW_MINUTES
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, not_found, page
from ledgercast.web.visit import Visit

RECENT = 5
LOOK_AGAIN_SECONDS = 2
MOST_LOOKS = 30
"""How often the page of a pulse looks again by itself for the end of a run that was just asked for."""

SLOT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")  # never "..": it becomes part of the keys of what is kept

DONE = {
    "created": "The pulse is made. See below when it runs next, or send a test to see it arrive.",
    "changed": "The changes are saved.",
    "copied": "This is the copy. It is paused: edit it, and resume it when it is right.",
    "paused": "The pulse is paused: nothing is sent on schedule until it is resumed.",
    "resumed": "The pulse is active again.",
    "deleted": "The pulse is deleted. What it sent stays in the activity.",
}
"""What a page says after a redirect to `?done=<word>`."""


@dataclass(frozen=True)
class Asked:
    """A run that was just asked for by hand, as far as it has come."""

    words: str
    tone: str
    under_way: bool


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/pulses", who="member")(pulses)
    app.route("GET", "/pulses/{pulse}", who="member")(pulse)


def pulses(visit: Visit, deps: Dependencies) -> Reply:
    found = deps.pulses.list()
    connections = {one.id: one for one in deps.connections.list()}
    last, now = latest(deps, found), deps.edge.now()
    rows = [shown_pulse(one, connections, last.get(one.id), now) for one in found]
    # A token of its own for every button, so that a second press of the same page sends nothing more.
    return page("pulses.html.j2", notice=_said(visit), pulses=[(one, new_key()) for one in rows])


def pulse(visit: Visit, deps: Dependencies) -> Reply:
    found = deps.pulses.get(visit.params["pulse"])
    return pulse_page(visit, deps, found) if found else not_found()


def pulse_page(visit: Visit, deps: Dependencies, found: Pulse, status: int = 200, alert: str | None = None) -> Reply:
    connections = {one.id: one for one in deps.connections.list()}
    runs = recent(deps, found, RECENT)
    zone = zone_named(str(found.schedule.get("timezone") or ""))
    one = shown_pulse(found, connections, runs[0] if runs else None, deps.edge.now(), count=5)
    asked = _asked(visit, deps, found)
    left = deps.opt_outs.of_pulse(found.id)
    own = found.created_by == visit.actor
    made_by = visit.member if own else deps.edge.members.get(found.created_by)
    answer = page(
        "pulse.html.j2",
        status,
        alert=alert,
        notice=None if alert else _said(visit),
        one=one,
        places=[_place(target, left) for target in found.destinations],
        summary=SUMMARIES[found.summary],
        runs=[past_run(run, zone) for run in runs],
        asked=asked,
        window=WINDOW_MINUTES,
        key=new_key(),
        test_key=new_key(TEST),
        made_by=made_by.email if made_by else "",
    )
    looks = _looks(visit)
    if asked and asked.under_way and looks < MOST_LOOKS:
        slot = quote(visit.query["slot"], safe="")
        again = f"/pulses/{found.id}?done=sent&slot={slot}&look={looks + 1}"
        return answer.with_headers(Refresh=f"{LOOK_AGAIN_SECONDS}; url={again}")
    return answer


def new_key(begin: str = "now-") -> str:
    return f"{begin}{secrets.token_hex(8)}"


def _asked(visit: Visit, deps: Dependencies, found: Pulse) -> Asked | None:
    """How the run stands that `?done=sent&slot=` speaks of; read by its key, so that it is never a moment old."""
    slot = visit.query.get("slot", "")
    if visit.query.get("done") != "sent" or not SLOT.fullmatch(slot):
        return None
    run, kind = deps.runs.get(found.id, slot), "The test" if slot.startswith(TEST) else "The pulse"
    if run is None or run.state == "running":
        if _looks(visit) >= MOST_LOOKS:
            return Asked(f"{kind} is still on its way. It will be listed under the runs below.", "", under_way=False)
        return Asked(f"{kind} is on its way. This page looks again by itself.", "", under_way=True)
    past = past_run(run, zone_named(""))
    words = {"sent": "was sent", "partly_sent": "was sent in part", "skipped": "was skipped"}.get(run.state)
    told = f"{kind} {words or f'has not been sent ({past.words.lower()})'}. {past.why}".strip()
    return Asked(told, "good" if run.state == "sent" else "warn" if words else "bad", under_way=False)


def _looks(visit: Visit) -> int:
    look = visit.query.get("look", "")
    return min(int(look), MOST_LOOKS) if re.fullmatch(r"\d{1,9}", look, re.ASCII) else 0


def _place(target: Destination, left: Collection[str]) -> dict[str, Any]:
    """`left`: the hashes of those who have unsubscribed; `out` are the addresses that are theirs."""
    out = [address for address in target.addresses if address_hash(address) in left]
    kind = "Slack" if target.kind == "slack" else "Email"
    return {"kind": kind, "names": target_names(target), "id": target.channel, "out": out}


def _said(visit: Visit) -> str | None:
    return DONE.get(visit.query.get("done", ""))
