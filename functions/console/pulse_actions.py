"""What is done with a pulse at the press of a button: sending, testing, pausing, copying, deleting."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from functions.console.compose import Dependencies
from functions.console.pulse_views import name_of
from functions.console.pulses import SLOT, pulse_page
from ledgercast.domain.audit import Act
from ledgercast.domain.pulses import Pulse
from ledgercast.domain.runs import TEST
from ledgercast.domain.schedules import ScheduleInvalid
from ledgercast.pulses import Gone
from ledgercast.text import shorten
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, not_found, redirect
from ledgercast.web.visit import Visit

_MOST_NAME = 100


def register(app: App[Dependencies]) -> None:
    app.route("POST", "/pulses/{pulse}/pause", who="member")(pause)
    app.route("POST", "/pulses/{pulse}/resume", who="member")(resume)
    app.route("POST", "/pulses/{pulse}/delete", who="member")(delete)
    app.route("POST", "/pulses/{pulse}/duplicate", who="member")(duplicate)
    app.route("POST", "/pulses/{pulse}/send", who="member")(send)
    app.route("POST", "/pulses/{pulse}/test", who="member")(test)


def pause(visit: Visit, deps: Dependencies) -> Reply:
    return _changed(visit, deps, deps.pulses.pause, "pulse.paused", "paused")


def resume(visit: Visit, deps: Dependencies) -> Reply:
    try:
        return _changed(visit, deps, deps.pulses.resume, "pulse.resumed", "resumed")
    except ScheduleInvalid as wrong:
        found = deps.pulses.get(visit.params["pulse"])
        return pulse_page(visit, deps, found, 422, alert=str(wrong)) if found else not_found()


def delete(visit: Visit, deps: Dependencies) -> Reply:
    try:
        gone = deps.pulses.delete(visit.params["pulse"])
    except Gone:
        return not_found()
    deps.edge.audit.note("pulse.deleted", visit.actor, visit.address, gone.id)
    return redirect("/pulses?done=deleted")


def _changed(visit: Visit, deps: Dependencies, change: Callable[[str], Pulse], act: Act, done: str) -> Reply:
    try:
        pulse = change(visit.params["pulse"])
    except Gone:
        return not_found()
    deps.edge.audit.note(act, visit.actor, visit.address, pulse.id)
    return redirect(f"/pulses/{pulse.id}?done={done}")


def duplicate(visit: Visit, deps: Dependencies) -> Reply:
    found = deps.pulses.get(visit.params["pulse"])
    if found is None:
        return not_found()
    made = deps.pulses.duplicate(found.id, visit.actor, f"{shorten(name_of(found), _MOST_NAME - 7)} (copy)")
    deps.edge.audit.note("pulse.created", visit.actor, visit.address, made.id, "copied")
    return redirect(f"/pulses/{made.id}?done=copied")


def send(visit: Visit, deps: Dependencies) -> Reply:
    """The page's own key is the slot: pressed twice, it is sent once."""
    return _sent(visit, deps, test=False)


def test(visit: Visit, deps: Dependencies) -> Reply:
    return _sent(visit, deps, test=True)


def _sent(visit: Visit, deps: Dependencies, *, test: bool) -> Reply:
    found = deps.pulses.get(visit.params["pulse"])
    if found is None:
        return not_found()
    slot = visit.form.get("key", "")
    if not SLOT.fullmatch(slot) or slot.startswith(TEST) != test:
        return pulse_page(visit, deps, found, 422, alert=_PRESS_AGAIN)
    refusal = why_not(found, deps)
    if refusal:
        return pulse_page(visit, deps, found, 409, alert=refusal)
    run(visit, deps, found, slot)
    return redirect(f"/pulses/{found.id}?done=sent&slot={quote(slot, safe='')}")


def why_not(pulse: Pulse, deps: Dependencies) -> str:
    """Why a run by hand would send nothing; "" where it would."""
    connection = deps.connections.get(pulse.connection)
    if pulse.state == "held" or connection is None or not connection.is_open:
        return "Nothing was sent: the pulse is held, since its organisation is not connected. See Sources."
    return ""


def run(visit: Visit, deps: Dependencies, pulse: Pulse, slot: str) -> None:
    """Start the run of a slot, unless it was begun already; of two starts at once the machine's claim lets one send."""
    if deps.runs.get(pulse.id, slot) is None:
        deps.executions.start(pulse.id, slot)
        act: Act = "pulse.tested" if slot.startswith(TEST) else "pulse.sent"
        deps.edge.audit.note(act, visit.actor, visit.address, f"{pulse.id}/{slot}")


_PRESS_AGAIN = "Nothing was sent: please press the button on this page again."
