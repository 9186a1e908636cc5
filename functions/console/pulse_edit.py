"""Making a pulse and changing one: the form, with nothing lost whatever was wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from functions.console import pulse_form as form
from functions.console.compose import Dependencies
from functions.console.picker import INVITE
from functions.console.pulse_body import MOST_NAME, Invalid, Wanted, read, told
from functions.console.pulse_changes import changed
from functions.console.pulse_channels import NOT_SEARCHED, Search, resolved, search
from functions.console.pulse_form import Typed
from functions.console.pulse_views import name_of, next_runs
from functions.console.pulse_zones import organisation_zone, zone_choices
from functions.console.views import Shown, by_category, shown
from ledgercast import ai
from ledgercast.domain.catalogue import METRICS
from ledgercast.domain.pulses import Pulse
from ledgercast.domain.schedules import DAYS, WINDOW_MINUTES, Schedule, ScheduleInvalid
from ledgercast.pulses import Gone
from ledgercast.store.pulses import Stale, new_id
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, not_found, page, redirect
from ledgercast.web.visit import Visit

_NEW = "/pulses/new"
_ID = re.compile(r"p-[0-9a-f]{12}")
_OFTEN = (
    ("hour", "Hourly"),
    ("day", "Daily"),
    ("weekday", "Weekdays"),
    ("week", "Weekly"),
    ("month", "Monthly"),
    ("cron", "Cron"),
)


def register(app: App[Dependencies]) -> None:
    app.route("GET", _NEW, who="member")(new)
    app.route("POST", _NEW, who="member")(create)
    app.route("GET", "/pulses/{pulse}/edit", who="member")(edit)
    app.route("POST", "/pulses/{pulse}/edit", who="member")(change)


def new(visit: Visit, deps: Dependencies) -> Reply:
    """`?connection=&metric=` are chosen already; a lone organisation is, and so is the recommended metric."""
    sources = _sources(deps)
    wanted = next((one for one in sources if one.id == visit.query.get("connection")), None)
    usable = [one for one in sources if one.is_open]
    source = wanted or (usable[0] if len(usable) == 1 else None)
    metric = visit.query.get("metric", "")
    if metric not in [one.id for one in METRICS]:
        metric = next(one.id for one in METRICS if one.recommended)
    zone = organisation_zone(deps, source.connection) if source else ""
    typed = Typed(
        connection=source.id if source else "",
        metric=metric,
        timezone=zone or (deps.settings.get().timezone if source else ""),
        **form.suggested(metric),
    )
    return _page(deps, typed, new_id(), known=sources, open_metrics="metric" not in visit.query)


def create(visit: Visit, deps: Dependencies) -> Reply:
    """A second press of the same form makes no second pulse: the form names the one that it makes."""
    typed, name = form.of_visit(visit), visit.form.get("id", "")
    pulse_id = name if _ID.fullmatch(name) else new_id()
    if visit.form.get("do") != "save":
        return _again(visit, deps, typed, pulse_id)
    judged = _judged(deps, typed, pulse_id)
    if isinstance(judged, Reply):
        return judged
    blank = Pulse(pulse_id, "", "", (), "off", "active", {})
    try:
        made = deps.pulses.create(judged.over(blank), visit.actor)
    except Stale:
        there = deps.pulses.get(pulse_id)
        if there and judged.over(there) == there:
            return redirect(f"/pulses/{there.id}?done=created")
        made = deps.pulses.create(judged.over(replace(blank, id="")), visit.actor)
    except ScheduleInvalid as wrong:
        return _refused(deps, typed, pulse_id, Invalid({wrong.field: wrong.message}))
    deps.edge.audit.note("pulse.created", visit.actor, visit.address, made.id)
    return redirect(f"/pulses/{made.id}?done=created")


def edit(visit: Visit, deps: Dependencies) -> Reply:
    found = deps.pulses.get(visit.params["pulse"])
    return _page(deps, form.of_pulse(found), found.id, found) if found else not_found()


def change(visit: Visit, deps: Dependencies) -> Reply:
    found, typed = deps.pulses.get(visit.params["pulse"]), form.of_visit(visit)
    if found is None:
        return _deleted(deps, typed)
    if visit.form.get("do") != "save":
        return _again(visit, deps, typed, found.id, found)
    judged = _judged(deps, typed, found.id, found)
    if isinstance(judged, Reply):
        return judged
    version = int(typed.version) if re.fullmatch(r"\d{1,9}", typed.version, re.ASCII) else 0
    try:
        deps.pulses.change(found.id, version, **vars(judged))
    except Stale:
        return _overtaken(deps, typed, found.id)
    except Gone:
        return _deleted(deps, typed)
    except ScheduleInvalid as wrong:
        return _refused(deps, typed, found.id, Invalid({wrong.field: wrong.message}), found)
    deps.edge.audit.note("pulse.changed", visit.actor, visit.address, found.id)
    return redirect(f"/pulses/{found.id}?done=changed")


def _again(visit: Visit, deps: Dependencies, typed: Typed, pulse_id: str, pulse: Pulse | None = None) -> Reply:
    """The form as it was typed, with the channels that were looked for; nothing is saved, and nothing judged but the
    schedule whose next runs are asked for."""
    do = visit.form.get("do")
    unsaved = do == "look"
    if do == "next":
        problems = _unreadable(typed)
        return _page(deps, typed, pulse_id, pulse, 422 if problems else 200, problems=problems)
    if not (typed.q or do in ("find", "further")):
        return _page(deps, typed, pulse_id, pulse, unsaved=unsaved)
    typed, looked = search(deps, typed, visit.form.get("rest", "")[:500] if do == "further" else "")
    problems = {"channel": looked.trouble} if looked.trouble else {}
    return _page(
        deps, typed, pulse_id, pulse, 409 if problems else 200, problems=problems, looked=looked, unsaved=unsaved
    )


def _judged(deps: Dependencies, typed: Typed, pulse_id: str, pulse: Pulse | None = None) -> Wanted | Reply:
    typed, looked = resolved(deps, typed)
    try:
        wanted = read(form.body(typed), deps, pulse)
    except Invalid as wrong:
        channel = " ".join(filter(None, (wrong.problems.get("channel"), looked.trouble)))
        problems = wrong.problems | ({"channel": channel} if channel else {})
        if looked.trouble and not typed.channels and not typed.addresses.strip():
            problems.pop("destinations", None)  # it is that one which is still to be told apart
        return _page(deps, typed, pulse_id, pulse, 422, problems=problems, looked=looked)
    if looked.trouble:
        return _page(deps, typed, pulse_id, pulse, 422, problems={"channel": looked.trouble}, looked=looked)
    return wanted


def _refused(deps: Dependencies, typed: Typed, pulse_id: str, why: Invalid, pulse: Pulse | None = None) -> Reply:
    return _page(deps, typed, pulse_id, pulse, 422, problems=why.problems)


def _overtaken(deps: Dependencies, typed: Typed, pulse_id: str) -> Reply:
    """Somebody saved between the opening of this form and now: what they changed, above what was typed."""
    newest = deps.pulses.get(pulse_id)
    if newest is None:
        return _deleted(deps, typed)
    now = form.of_pulse(newest)
    changes = changed(typed.seen, newest, deps)
    typed = replace(typed, version=now.version, seen=now.seen)
    return _page(deps, typed, pulse_id, newest, 409, alert=_OVERTAKEN, changes=changes)


def _deleted(deps: Dependencies, typed: Typed) -> Reply:
    if not typed.metric:
        return not_found()
    return _page(deps, replace(typed, version="", seen=""), new_id(), None, 409, alert=_DELETED)


def _page(
    deps: Dependencies,
    typed: Typed,
    pulse_id: str,
    pulse: Pulse | None = None,
    status: int = 200,
    *,
    problems: Mapping[str, str] | None = None,
    looked: Search = NOT_SEARCHED,
    known: list[Shown] | None = None,
    **values: Any,
) -> Reply:
    problems, settings, sources = problems or {}, deps.settings.get(), known or _sources(deps)
    source = next((one for one in sources if one.id == typed.connection), None)
    if source and not typed.timezone:
        typed = replace(typed, timezone=organisation_zone(deps, source.connection) or settings.timezone)
    schedule = _schedule(typed)
    given = {"alert": _alert(problems), "changes": (), "open_metrics": False, "unsaved": False, **values}
    return page(
        "pulse_form.html.j2",
        status,
        typed=typed,
        id=pulse_id,
        called=name_of(pulse) if pulse else "",
        to=f"/pulses/{pulse.id}/edit" if pulse else _NEW,
        problems=problems,
        sources=[one for one in sources if one.is_open or one.id == typed.connection],
        source=source,
        categories=by_category(source or sources[0]) if sources else [],
        chosen=next((one for one in METRICS if one.id == typed.metric), None),
        installs=deps.installs.list(),
        found=looked.found,
        rest=looked.rest,
        searched=looked.searched,
        invite=INVITE,
        domains=settings.mail_domains,
        often=_OFTEN,
        days=[(day, name[:3]) for day, name in DAYS.items()],
        coming=list(next_runs(schedule, deps.edge.now(), 5)) if schedule else None,
        words=schedule.words() if schedule else "",
        shown_for=typed.every,
        window=WINDOW_MINUTES,
        most_name=MOST_NAME,
        **_ai(typed),
        **zone_choices(settings, source, typed.timezone),
        **given,
    )


def _sources(deps: Dependencies) -> list[Shown]:
    return [shown(one) for one in deps.connections.list()]


def _schedule(typed: Typed) -> Schedule | None:
    """What was typed, where it can be read already."""
    try:
        return Schedule.read(form.schedule(typed))
    except ScheduleInvalid:
        return None


def _unreadable(typed: Typed) -> dict[str, str]:
    """Why no next runs can be shown, at its field. A zone that was not chosen yet is not the typist's fault."""
    try:
        Schedule.read(form.schedule(replace(typed, timezone=typed.timezone or "UTC")))
    except ScheduleInvalid as wrong:
        return {wrong.field: wrong.message}
    return {}


def _ai(typed: Typed) -> dict[str, Any]:
    model = ai.model()
    return {
        "ai_offered": bool(model),
        "ai_words": f"{ai.leaves(model, names=typed.names_to_ai)} {ai.CHECKED}" if model else ai.UNAVAILABLE,
        "names_label": ai.NAMES_LABEL,
        "names_help": ai.NAMES_HELP,
    }


def _alert(problems: Mapping[str, str]) -> str | None:
    if len(problems) > 2:
        return f"{len(problems)} entries cannot be taken yet: each is marked below. All that you typed is kept."
    return told(problems) or None


_OVERTAKEN = "Somebody else saved this pulse while you were editing it. Nothing of yours was saved yet, or lost."
_DELETED = "Somebody deleted this pulse while you were editing it. What you typed is kept: save it to make it anew."
