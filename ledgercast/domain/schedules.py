"""When a pulse is sent: what people choose, the expression that EventBridge Scheduler takes, and the next runs.

A schedule is one of `hour`, `day`, `weekday`, `week`, `month` and `cron`, at a wall-clock time of an IANA zone
(contracts 1). What daylight saving does to it is EventBridge Scheduler's rule (`ledgercast.domain.cron.instant_of`): a
time that does not exist is skipped, a repeated one is used once, the first time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from ledgercast.domain import cron
from ledgercast.domain.cron import InvalidExpression

Every = Literal["hour", "day", "weekday", "week", "month", "cron"]
MonthDay = int | Literal["first_weekday", "last"]

EVERY: tuple[Every, ...] = ("hour", "day", "weekday", "week", "month", "cron")
DAYS = {
    **{"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday"},
    **{"fri": "Friday", "sat": "Saturday", "sun": "Sunday"},
}
LATEST_DAY = 28
"""The last day that every month has; after it comes "last"."""

WINDOW_MINUTES = 5
"""A run begins within so many minutes after its time: pulses of the same minute are spread over them (RL-4)."""

_NEEDS: dict[str, tuple[str, ...]] = {
    "hour": ("at",),
    "day": ("at",),
    "weekday": ("at",),
    "week": ("days", "at"),
    "month": ("day", "at"),
    "cron": ("cron",),
}
_LONGEST_CRON = 200
_MOST_LOOKED_AT = 20_000
_GAP = "the clocks go forward and this time does not exist that day: no run"
_REPEAT = "the clocks go back: runs once, the first time"
_ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}


class ScheduleInvalid(ValueError):
    """Nothing can be planned by it. `field` is the name of the field, `message` says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


@dataclass(frozen=True)
class Run:
    """A planned time, in the schedule's zone. `runs` is False where nothing is sent, for the reason in `note`."""

    at: datetime
    note: str = ""
    runs: bool = True


@dataclass(frozen=True)
class Schedule:
    """`at` is "HH:MM", of which `hour` uses the minutes; `days` are keys of DAYS in the week's order; `cron` has five
    fields as Unix has them or six as EventBridge Scheduler has them."""

    every: Every
    timezone: str
    at: str = "00:00"
    days: tuple[str, ...] = ()
    day: MonthDay = 1
    cron: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Schedule:
        """What a person or a program asked for. Raises ScheduleInvalid."""
        every = given.get("every")
        if every not in EVERY:
            raise ScheduleInvalid("every", "Choose how often: hour, day, weekday, week, month or cron.")
        read = {"at": _at, "days": _days, "day": _day, "cron": _cron}
        fields = {name: read[name](given.get(name), every) for name in _NEEDS[every]}
        made = cls(every=every, timezone=_zone(given.get("timezone")), **cast("Any", fields))
        if every == "cron" and not made.next(datetime(2020, 1, 1, tzinfo=UTC), 1):
            raise ScheduleInvalid(
                "cron", "This cron expression names no time that ever comes. Check its days and months."
            )
        return made

    @classmethod
    def stored(cls, kept: Mapping[str, Any]) -> Schedule | None:
        """What `to_json` gave; None where a row holds no whole schedule. The zone is taken as it is."""
        if kept.get("every") not in EVERY or not kept.get("timezone"):
            return None
        if any(name not in kept for name in _NEEDS[kept["every"]] if name != "at"):
            return None
        given = {name: kept[name] for name in ("every", "timezone", *_NEEDS[kept["every"]]) if name in kept}
        return cls(**{**given, **({"days": tuple(given["days"])} if "days" in given else {})})

    def to_json(self) -> dict[str, Any]:
        """The fields that `every` needs, and no other."""
        needed = {name: getattr(self, name) for name in _NEEDS[self.every]}
        if "days" in needed:
            needed["days"] = list(needed["days"])
        return {"every": self.every, **needed, "timezone": self.timezone}

    def expression(self) -> str:
        """As EventBridge Scheduler takes it."""
        return f"cron({self._fields()})"

    def words(self) -> str:
        """For people: "Every Monday at 09:00, Europe/London"."""
        return f"{self._often()}, {self.timezone}"

    def next(self, after: datetime, count: int = 5) -> list[Run]:
        """The next `count` runs after an instant, in order, and between them the times at which there is none.

        Fewer where fewer come. Times that a change of the clocks skips on one day are told once.
        """
        found: list[Run] = []
        for run in islice(self._runs(after), _MOST_LOOKED_AT):
            if not run.runs and found and not found[-1].runs and found[-1].at.date() == run.at.date():
                continue
            found.append(run)
            count -= run.runs
            if count <= 0:
                break
        return found

    def next_run(self, after: datetime) -> datetime | None:
        """The instant (UTC) of the next run after one; None where none comes."""
        return next((run.at.astimezone(UTC) for run in self.next(after, 1) if run.runs), None)

    def _fields(self) -> str:
        if self.every == "cron":
            return cron.normal(self.cron) if len(self.cron.split()) == 6 else cron.from_unix(self.cron)
        hour, minute = (int(part) for part in self.at.split(":"))
        if self.every == "hour":
            return f"{minute} * * * ? *"
        month_day = {"first_weekday": "1W", "last": "L"}.get(str(self.day), str(self.day))
        days = {
            "day": "* * ?",
            "weekday": "? * MON-FRI",
            "week": f"? * {','.join(self.days).upper()}",
            "month": f"{month_day} * ?",
        }
        return f"{minute} {hour} {days[self.every]} *"

    def _often(self) -> str:
        if self.every == "cron":
            return f"By cron {self.cron}"
        if self.every == "hour":
            minute = int(self.at[3:])
            return f"Every hour, {minute} minute{'s' * (minute != 1)} past" if minute else "Every hour, on the hour"
        often = {"day": "Every day", "weekday": "Every weekday, Monday to Friday,", "month": f"On {self._month_day()}"}
        return f"{often.get(self.every) or f'Every {self._week_days()}'} at {self.at}"

    def _month_day(self) -> str:
        named = {"first_weekday": "the first weekday of every month", "last": "the last day of every month"}
        return named.get(str(self.day)) or f"the {self.day}{_ORDINALS.get(int(self.day), 'th')} of every month"

    def _week_days(self) -> str:
        *others, last = [DAYS[day] for day in self.days]
        return f"{', '.join(others)} and {last}" if others else last

    def _runs(self, after: datetime) -> Iterator[Run]:
        zone, fields = ZoneInfo(self.timezone), cron.parse(self._fields())
        here = after.astimezone(zone)
        before = here.utcoffset()
        # A gap that ends right here begins at most some hours before: its times are behind `after` and left out.
        for wall in fields.walls(here.replace(tzinfo=None, second=0, microsecond=0)):
            instant = cron.instant_of(wall, zone)
            local = wall.replace(tzinfo=zone) if instant is None else instant.astimezone(zone)
            if local.astimezone(UTC) <= after.astimezone(UTC):
                continue
            if instant is None:
                yield Run(local, _GAP, runs=False)
                continue
            yield Run(local, _note(local, before))
            before = local.utcoffset()


def _note(at: datetime, before: timedelta | None) -> str:
    """What the clocks do to this run, beside the one before it."""
    if at.replace(fold=1).utcoffset() != at.utcoffset():
        return _REPEAT
    now = at.utcoffset()
    if now == before or now is None or before is None:
        return ""
    was = at.replace(tzinfo=None) - before
    return f"the clocks have changed: {at:%H:%M} there is {at.astimezone(UTC):%H:%M} UTC now, not {was:%H:%M}"


def _at(value: Any, every: str) -> str:
    if value in (None, "") and every == "hour":
        return "00:00"
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(value or "").strip(), re.ASCII)
    if not found:
        raise ScheduleInvalid("at", "Give the time as hours and minutes, such as 09:00.")
    return f"{int(found[1]):02}:{found[2]}" if every != "hour" else f"00:{found[2]}"


def _days(value: Any, _every: str) -> tuple[str, ...]:
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not given:
        raise ScheduleInvalid("days", "Choose at least one day of the week.")
    wanted = {str(one).strip().lower() for one in given}
    if not wanted <= DAYS.keys():
        raise ScheduleInvalid("days", "Name the days of the week as mon, tue, wed, thu, fri, sat or sun.")
    return tuple(day for day in DAYS if day in wanted)


def _day(value: Any, _every: str) -> MonthDay:
    if value in ("first_weekday", "last"):
        return cast("MonthDay", value)
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if re.fullmatch(r"\d{1,2}", text, re.ASCII) and 1 <= int(text) <= LATEST_DAY:
        return int(text)
    raise ScheduleInvalid(
        "day", "Choose a day from 1 to 28, the first weekday or the last day: some months have no day after the 28th."
    )


def _cron(value: Any, _every: str) -> str:
    text = " ".join(str(value or "").split())
    inside = re.fullmatch(r"cron\((.*)\)", text)
    text = inside[1].strip() if inside else text
    if not text or len(text) > _LONGEST_CRON:
        raise ScheduleInvalid("cron", "Give a cron expression of five fields, such as 0 9 * * MON.")
    try:
        _ = cron.normal(text) if len(text.split()) == 6 else cron.from_unix(text)
    except InvalidExpression as wrong:
        raise ScheduleInvalid("cron", f"This cron expression cannot be used: {wrong}.") from None
    return text


def _zone(value: Any) -> str:
    name = str(value or "").strip()
    try:
        # Beside the zones there are files and folders that are none, and copies of them that Scheduler does not know.
        known = "/" in name or name in ("UTC", "GMT")
        if not known or name.startswith(("posix/", "right/")) or ZoneInfo(name).key != name:
            raise ValueError(name)
    except (ValueError, OSError, KeyError):
        raise ScheduleInvalid("timezone", "Choose a time zone by its name, such as Europe/London or UTC.") from None
    return name
