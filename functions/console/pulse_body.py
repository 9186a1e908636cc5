"""What a pulse is asked to be, by the form or the API, judged field by field: one place says what is wrong with it.

Every problem is told at once and at its field, so that a person mends all of them in one go.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, get_args

from functions.console.compose import Dependencies
from functions.console.pulse_targets import targets
from functions.console.pulse_zones import organisation_zone
from functions.console.views import listed, shown
from ledgercast.domain.catalogue import METRICS
from ledgercast.domain.connections import Connection
from ledgercast.domain.pulses import Destination, Pulse, Summary, Theme
from ledgercast.domain.schedules import Schedule, ScheduleInvalid
from ledgercast.text import one_line
from ledgercast.xero.scopes import missing

Body = Mapping[str, Any]
_GOOD = {"every": "day", "at": "09:00", "days": ["mon"], "day": 1, "cron": "0 9 * * *", "timezone": "UTC"}
_SCHEDULE = tuple(_GOOD)
Problems = dict[str, str]
T = TypeVar("T", bound=str)

MOST_NAME = 100
_SUMMARIES: Final[tuple[Summary, ...]] = get_args(Summary)
_THEMES: Final[tuple[Theme, ...]] = get_args(Theme)
LABELS = {
    "body": "Body",
    "name": "Name",
    "connection": "Organisation",
    "metric": "Metric",
    "destinations": "Where",
    "channel": "Slack channel",
    "addresses": "Email addresses",
    "every": "How often",
    "at": "Time",
    "days": "Days",
    "day": "Day of the month",
    "cron": "Cron expression",
    "timezone": "Time zone",
    "summary": "Comment",
    "theme": "Chart",
    "state": "State",
}
"""Each field that can be wrong, in the order of the form."""


class Invalid(Exception):
    """`problems` has a sentence for each field of LABELS that cannot be taken, in their order."""

    def __init__(self, problems: Problems) -> None:
        self.problems = {name: problems[name] for name in LABELS if name in problems}
        super().__init__(told(self.problems))


def told(problems: Mapping[str, str]) -> str:
    """All of them in one line, each with its field's label before it."""
    return " ".join(f"{LABELS[name]}: {words}" for name, words in problems.items())


@dataclass(frozen=True)
class Wanted:
    """A pulse's content that can be taken as it is."""

    name: str
    connection: str
    metric: str
    destinations: tuple[Destination, ...]
    schedule: dict[str, Any]
    summary: Summary
    names_to_ai: bool
    theme: Theme
    skip_unchanged: bool

    def over(self, pulse: Pulse) -> Pulse:
        return replace(pulse, **vars(self))


def read(body: Body, deps: Dependencies, before: Pulse | None = None, *, keep: bool = False) -> Wanted:
    """`before` is the pulse that is changed: its targets keep their ids, and with `keep` they are not judged anew.

    Raises Invalid.
    """
    problems: Problems = {}
    connection = _connection(body, deps, problems)
    metric = _metric(body, connection, problems)
    kept = before.destinations if before and keep else None
    places = targets(body.get("destinations"), deps, before, problems) if kept is None else kept
    found = Wanted(
        name=_name(body, problems),
        connection=connection.id if connection else "",
        metric=metric,
        destinations=places,
        schedule=_schedule(body, deps, connection, problems),
        summary=_one_of(body, "summary", _SUMMARIES, "template", problems),
        names_to_ai=_flag(body, "names_to_ai", "summary", problems),
        theme=_one_of(body, "theme", _THEMES, "light", problems),
        skip_unchanged=_flag(body, "skip_unchanged", "theme", problems),
    )
    if problems:
        raise Invalid(problems)
    return found


def _name(body: Body, problems: Problems) -> str:
    """Trimmed; "" where none was given, which stands for the metric's title."""
    name = body.get("name") or ""
    if not isinstance(name, str) or any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in name.strip()):
        problems["name"] = "Please use letters, digits and common signs only."
    elif len(name.strip()) > MOST_NAME:
        problems["name"] = f"At most {MOST_NAME} characters, please; this has {len(name.strip())}."
    else:
        return one_line(name)
    return ""


def _connection(body: Body, deps: Dependencies, problems: Problems) -> Connection | None:
    wanted = body.get("connection")
    if not wanted:
        problems["connection"] = "Choose the organisation whose figures are sent."
        return None
    found = deps.connections.get(wanted) if isinstance(wanted, str) and len(wanted) <= 80 else None
    if found is None:
        problems["connection"] = "There is no such organisation here. Choose one of those under Sources."
    return found


def _metric(body: Body, connection: Connection | None, problems: Problems) -> str:
    wanted = body.get("metric")
    if wanted not in [one.id for one in METRICS]:
        problems["metric"] = "Choose one of the eleven." if wanted else "Choose the figure to send."
        return ""
    if connection and connection.is_open:
        gap = missing(str(wanted), connection.scopes)
        if gap:
            problems["metric"] = (
                f"{shown(connection).name} was connected without a permission that this figure needs "
                f"({listed(gap)}). Reconnect it under Sources, or choose another figure."
            )
    return str(wanted)


def _schedule(body: Body, deps: Dependencies, connection: Connection | None, problems: Problems) -> dict[str, Any]:
    given = body.get("schedule")
    if not isinstance(given, Mapping):
        problems["every"] = "Say how often it is sent."
        return {}
    wanted = dict(given)
    if wanted.keys() - _SCHEDULE:
        # What is not understood must not be left out in silence: {"every": "hour", "minute": 15} would run on the hour.
        problems["every"] = f"A schedule has no such field. Its fields are: {', '.join(_SCHEDULE)}."
        return {}
    if not wanted.get("timezone") and connection:
        wanted["timezone"] = organisation_zone(deps, connection) or deps.settings.get().timezone
    for _ in range(len(_GOOD) + 1):
        try:
            return Schedule.read(wanted).to_json()
        except ScheduleInvalid as wrong:
            if wrong.field in problems:
                break
            # What is wrong with the other fields is told as well, so this one is put right for the rest of the look.
            problems[wrong.field] = wrong.message
            wanted[wrong.field] = _GOOD[wrong.field]
    return {}


def _one_of(body: Body, name: str, known: tuple[T, ...], default: T, problems: Problems) -> T:
    wanted = body.get(name, default)
    found = next((one for one in known if one == wanted), None)
    if found is None:
        problems[name] = f"Choose one of: {', '.join(known)}."
    return found or default


def _flag(body: Body, name: str, at: str, problems: Problems) -> bool:
    wanted = body.get(name, False)
    if not isinstance(wanted, bool):
        problems[at] = f"{name} is true or false."
    return wanted is True
