"""Metrics and pulses for programs (contracts.md 1): the same use cases as the pages', as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.console.compose import Dependencies
from functions.console.pulse_actions import run, why_not
from functions.console.pulse_body import Invalid, read
from functions.console.pulse_form import content
from functions.console.pulses import SLOT
from ledgercast.domain.audit import Act
from ledgercast.domain.catalogue import METRICS
from ledgercast.domain.pulses import Pulse, shown_state
from ledgercast.domain.schedules import ScheduleInvalid
from ledgercast.pulses import Gone
from ledgercast.store.pulses import Stale
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, error_reply, json_reply
from ledgercast.web.visit import Visit

PAGE = 100
_TRIES = 5
_WRITABLE = (
    "name",
    "connection",
    "metric",
    "destinations",
    "schedule",
    "summary",
    "names_to_ai",
    "theme",
    "skip_unchanged",
    "state",
    "version",
)
_TOLD = ("id", "next", "words", "created_by", "created_at", "updated_at")
"""What an answer has besides: taken and ignored, so that an answer can be sent back as it came."""


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/api/v1/metrics", who="member")(metrics)
    app.route("GET", "/api/v1/pulses", who="member")(pulses)
    app.route("POST", "/api/v1/pulses", who="member")(create)
    app.route("GET", "/api/v1/pulses/{pulse}", who="member")(pulse)
    app.route("PATCH", "/api/v1/pulses/{pulse}", who="member")(change)
    app.route("DELETE", "/api/v1/pulses/{pulse}", who="member")(delete)
    app.route("POST", "/api/v1/pulses/{pulse}/run", who="member")(send)


def metrics(visit: Visit, deps: Dependencies) -> Reply:
    names = ("id", "title", "category", "chart", "source", "meaning", "derivation", "cadence", "better", "recommended")
    return json_reply({"items": [{name: getattr(one, name) for name in names} for one in METRICS], "next": None})


def pulses(visit: Visit, deps: Dependencies) -> Reply:
    """By name, PAGE at a time; the rest by `?next=<that token>`, which is the last one's id."""
    found, after = deps.pulses.list(), visit.asked("next", 80)
    if after:
        place = next((place for place, one in enumerate(found) if one.id == after), None)
        if place is None:
            return error_reply("invalid", "There is no such page of the list. Begin again without ?next.", 422)
        found = found[place + 1 :]
    told = [_told(one, deps) for one in found[:PAGE]]
    return json_reply({"items": told, "next": told[-1]["id"] if len(found) > PAGE else None})


def pulse(visit: Visit, deps: Dependencies) -> Reply:
    found = deps.pulses.get(visit.params["pulse"])
    return json_reply(_told(found, deps)) if found else _unknown()


def create(visit: Visit, deps: Dependencies) -> Reply:
    try:
        given = _given(visit)
        wanted = read(given, deps)
        blank = Pulse("", "", "", (), "off", _state(given, "active"), {})
        made = deps.pulses.create(wanted.over(blank), visit.actor)
    except (Invalid, ScheduleInvalid) as wrong:
        return _invalid(wrong)
    deps.edge.audit.note("pulse.created", visit.actor, visit.address, made.id)
    return json_reply(_told(made, deps), 201)


def change(visit: Visit, deps: Dependencies) -> Reply:
    """Of what is not named nothing changes. With `version`, only where that is still the newest."""
    try:
        given = _given(visit)
        for _ in range(1 if "version" in given else _TRIES):
            found = deps.pulses.get(visit.params["pulse"])
            if found is None:
                return _unknown()
            made = _changed(deps, found, given)
            if made:
                deps.edge.audit.note(_act(found, made), visit.actor, visit.address, made.id)
                return json_reply(_told(made, deps))
    except (Invalid, ScheduleInvalid) as wrong:
        return _invalid(wrong)
    except Gone:
        return _unknown()
    return error_reply("pulse.stale", "Somebody else changed this pulse. Read it again, then change it.", 409)


def _changed(deps: Dependencies, found: Pulse, given: Mapping[str, Any]) -> Pulse | None:
    """None where somebody else saved since it was read: what was merged with that must not undo theirs unseen.

    Raises Invalid, ScheduleInvalid and Gone.
    """
    if given.get("version", found.version) != found.version:
        return None
    state = _state(given, found.state)
    wanted = read(_merged(given, found), deps, found, keep="destinations" not in given)
    try:
        return deps.pulses.change(found.id, found.version, **vars(wanted), state=state)
    except Stale:
        return None


def delete(visit: Visit, deps: Dependencies) -> Reply:
    try:
        gone = deps.pulses.delete(visit.params["pulse"])
    except Gone:
        return _unknown()
    deps.edge.audit.note("pulse.deleted", visit.actor, visit.address, gone.id)
    return Reply(204)


def send(visit: Visit, deps: Dependencies) -> Reply:
    """202 {"run", "slot"}: the Idempotency-Key is the slot, so that the same key twice is one run."""
    found = deps.pulses.get(visit.params["pulse"])
    if found is None:
        return _unknown()
    slot = visit.headers.get("idempotency-key", "")
    if not SLOT.fullmatch(slot):
        return error_reply("invalid", _KEY, 422)
    refusal = why_not(found, deps)
    if refusal:
        return error_reply("pulse.held", refusal, 409)
    run(visit, deps, found, slot)
    return json_reply({"run": f"{found.id}~{slot}", "slot": slot}, 202)


def _given(visit: Visit) -> dict[str, Any]:
    """The body, whose names are all known. Raises Invalid."""
    if not isinstance(visit.json, dict):
        raise Invalid({"body": "Send a JSON object."})
    strange = [name for name in visit.json if name not in (*_WRITABLE, *_TOLD)]
    if strange:
        raise Invalid({"body": f"A pulse has no such field. Its fields are: {', '.join(_WRITABLE)}."})
    return visit.json


def _state(given: Mapping[str, Any], present: Any) -> Any:
    """Raises Invalid for what cannot be asked for; a pulse that is held goes on as it is when that is what is sent."""
    wanted = given.get("state", present)
    if wanted == "held":
        return present
    if wanted not in ("active", "paused"):
        raise Invalid({"state": "Set it to active or paused."})
    return wanted


def _merged(given: Mapping[str, Any], found: Pulse) -> dict[str, Any]:
    """The pulse with what was given over it; a schedule's zone and, for the same frequency, its fields too."""
    before = content(found)
    schedule = given.get("schedule")
    if isinstance(schedule, Mapping):
        same = schedule.get("every", before["schedule"].get("every")) == before["schedule"].get("every")
        stays = before["schedule"] if same else _time(before["schedule"])
        return {**before, **given, "schedule": {**stays, **schedule}}
    return {**before, **given}


def _time(schedule: Mapping[str, Any]) -> dict[str, Any]:
    """What a schedule of another frequency keeps: the zone, and the time of day where there was one."""
    kept = ("timezone",) if schedule.get("every") == "hour" else ("timezone", "at")
    return {name: schedule[name] for name in kept if name in schedule}


def _act(before: Pulse, now: Pulse) -> Act:
    if (before.state, now.state) == ("active", "paused"):
        return "pulse.paused"
    return "pulse.resumed" if (before.state, now.state) == ("paused", "active") else "pulse.changed"


def _told(one: Pulse, deps: Dependencies) -> dict[str, Any]:
    """`next` is the instant of the next run in UTC, null where none is to come."""
    connection, schedule = deps.connections.get(one.connection), one.when
    following = schedule.next_run(deps.edge.now()) if schedule and one.state != "paused" else None
    return {
        "id": one.id,
        **content(one),
        "state": shown_state(one, connection.state if connection else None),
        "next": following.strftime("%Y-%m-%dT%H:%M:%SZ") if following else None,
        "words": schedule.words() if schedule else "",
        "version": one.version,
        "created_by": one.created_by or None,
        "created_at": one.created_at or None,
        "updated_at": one.updated_at or None,
    }


def _invalid(wrong: Invalid | ScheduleInvalid) -> Reply:
    told = Invalid({wrong.field: wrong.message}) if isinstance(wrong, ScheduleInvalid) else wrong
    return error_reply("invalid", str(told), 422)


def _unknown() -> Reply:
    return error_reply("pulse.unknown", "There is no such pulse.", 404)


_KEY = (
    "Send the header Idempotency-Key: 1 to 64 letters, digits, dots, hyphens, colons or underscores, "
    "the first a letter or a digit."
)
