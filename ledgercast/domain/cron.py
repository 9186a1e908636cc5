"""The six fields of an EventBridge Scheduler cron expression.

Minutes, hours, day of month, month, day of week, year, with the wildcards that the EventBridge Scheduler User Guide
documents (schedule-types, "Cron-based schedules"): `,` `-` `*` `/` everywhere, `?` in the two day fields, `L` and `W`
in the day of month, `L` and `#` in the day of week (1 is Sunday). One of the two day fields must be `?`.

`from_unix` translates the five fields that crontab(5) has.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MONTHS = {
    **{"JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6},
    **{"JUL": 7, "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11, "DEC": 12},
}
WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
FIELDS = ("minutes", "hours", "day-of-month", "month", "day-of-week", "year")

DaysOfMonth = Callable[[int, int], set[int]]


class InvalidExpression(ValueError):
    """The expression is none that EventBridge Scheduler accepts; the message says which part and why."""


@dataclass(frozen=True)
class Cron:
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: tuple[int, ...]
    years: tuple[int, ...]
    days: DaysOfMonth

    def walls(self, start: datetime) -> Iterator[datetime]:
        """Every wall-clock time (naive) the expression names, from `start` on, in order."""
        for year in self.years:
            for month in self.months:
                if (year, month) < (start.year, start.month):
                    continue
                for day in sorted(self.days(year, month)):
                    if date(year, month, day) >= start.date():
                        yield from self._times(date(year, month, day), start)

    def _times(self, day: date, start: datetime) -> Iterator[datetime]:
        for hour in self.hours:
            for minute in self.minutes:
                wall = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001 - a wall-clock time
                if wall >= start:
                    yield wall


def parse(fields: str) -> Cron:
    """`fields` is the text between the brackets of `cron(…)`. Raises InvalidExpression."""
    parts = fields.upper().split()
    if len(parts) != len(FIELDS):
        raise InvalidExpression(f"cron needs six fields ({', '.join(FIELDS)}), not {len(parts)}: cron({fields})")
    minute, hour, month_day, month, week_day, year = parts
    if (month_day == "?") == (week_day == "?"):
        raise InvalidExpression(f"exactly one of day-of-month and day-of-week must be ?: cron({fields})")
    return Cron(
        minutes=_numbers("minutes", minute, 0, 59),
        hours=_numbers("hours", hour, 0, 23),
        months=_numbers("month", month, 1, 12, MONTHS),
        years=_numbers("year", year, 1970, 2199),
        days=_month_days(month_day) if week_day == "?" else _week_days(week_day),
    )


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant (UTC) of a wall-clock time: None in a gap, the first of the two in a repeat.

    So EventBridge Scheduler does (User Guide, schedule-types, "Daylight savings time"): a time that does not exist is
    skipped, and a repeated one is used once.
    """
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return instant if instant.astimezone(zone).replace(tzinfo=None) == wall else None


def normal(fields: str) -> str:
    """Six fields as they are stored: upper case, one space, and each `*/n` with the number that it begins at.

    Raises InvalidExpression.
    """
    parse(fields)
    minute, hour, month_day, month, week_day, year = fields.upper().split()
    begins = ((minute, "0"), (hour, "0"), (month_day, "1"), (month, "1"), (week_day, "1"), (year, "1970"))
    return " ".join(",".join(_begun(one, first) for one in field.split(",")) for field, first in begins)


def from_unix(fields: str) -> str:
    """Five fields of crontab(5) (minute, hour, day of month, month, day of week with 0 and 7 for Sunday) as six.

    Raises InvalidExpression, also for a day of month and a day of week at once: cron takes either, Scheduler cannot.
    """
    parts = fields.upper().split()
    if len(parts) != 5:
        raise InvalidExpression(f"it needs five fields, or six as EventBridge has them, not {len(parts)}")
    if set("?#LW") & set(_without_names(fields.upper())):
        raise InvalidExpression("?, #, L and W are EventBridge's signs, which need its sixth field, the year")
    minute, hour, month_day, month, week_day = parts
    if week_day == "*":
        return normal(f"{minute} {hour} {month_day} {month} ? *")
    if month_day == "*":
        return normal(f"{minute} {hour} ? {month} {_unix_days(week_day)} *")
    raise InvalidExpression("give a day of the month or a day of the week, and * for the other")


def _without_names(text: str) -> str:
    return re.sub("|".join((*MONTHS, *WEEKDAYS)), "", text)


def _unix_days(text: str) -> str:
    """Days of the week counted from Sunday as 0, as the names that Scheduler has."""
    names = {name: number - 1 for name, number in WEEKDAYS.items()}
    found: set[int] = set()
    for item in text.split(","):
        body, slash, step = item.partition("/")
        # `*` is the seven days; with 7 in it Sunday would be counted twice.
        span = _span("day-of-week", f"0-6{slash}{step}" if body == "*" else item, 0, 7, names)
        found.update(number % 7 for number in span)
    by_number = {number: name for name, number in names.items()}
    # From Monday on, as people read a week.
    return ",".join(by_number[number] for number in sorted(found, key=lambda number: (number - 1) % 7))


def _begun(item: str, first: str) -> str:
    return f"{first}/{item[2:]}" if item.startswith("*/") else item


def _numbers(field: str, text: str, low: int, high: int, names: dict[str, int] | None = None) -> tuple[int, ...]:
    found: set[int] = set()
    for item in text.split(","):
        found.update(_span(field, item, low, high, names or {}))
    return tuple(sorted(found))


def _span(field: str, item: str, low: int, high: int, names: dict[str, int]) -> range:
    body, slash, step = item.partition("/")
    first, dash, last = body.partition("-")
    start = low if body == "*" else _number(field, first, low, high, names)
    end = high if body == "*" or (slash and not dash) else _number(field, last if dash else first, low, high, names)
    every = _number(field, step, 1, high, {}) if slash else 1
    if end < start:
        raise InvalidExpression(f"{field}: the range {body} runs backwards")
    return range(start, end + 1, every)


def _number(field: str, text: str, low: int, high: int, names: dict[str, int]) -> int:
    value = names.get(text, int(text) if text.isascii() and text.isdigit() else -1)
    if not low <= value <= high:
        raise InvalidExpression(f"{field}: {text or 'nothing'} is not a value from {low} to {high}")
    return value


def _month_days(text: str) -> DaysOfMonth:
    if text == "L":
        return lambda year, month: {_length(year, month)}
    if text.endswith("W"):
        wanted = _number("day-of-month", text[:-1], 1, 31, {})
        return lambda year, month: _nearest_weekday(year, month, wanted)
    numbers = _numbers("day-of-month", text, 1, 31)
    return lambda year, month: {day for day in numbers if day <= _length(year, month)}


def _week_days(text: str) -> DaysOfMonth:
    name, hash_sign, nth = text.partition("#")
    if hash_sign:
        weekday, number = _number("day-of-week", name, 1, 7, WEEKDAYS), _number("day-of-week", nth, 1, 5, {})
        return lambda year, month: set(_on(year, month, {weekday})[number - 1 : number])
    if len(text) > 1 and text.endswith("L"):
        last = _number("day-of-week", text[:-1], 1, 7, WEEKDAYS)
        return lambda year, month: {_on(year, month, {last})[-1]}
    weekdays = {7} if text == "L" else set(_numbers("day-of-week", text, 1, 7, WEEKDAYS))
    return lambda year, month: set(_on(year, month, weekdays))


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _on(year: int, month: int, weekdays: set[int]) -> list[int]:
    """The days of a month that fall on these weekdays (1 is Sunday), in order."""
    days = range(1, _length(year, month) + 1)
    return [day for day in days if date(year, month, day).isoweekday() % 7 + 1 in weekdays]


def _nearest_weekday(year: int, month: int, day: int) -> set[int]:
    """The Monday to Friday nearest to a day, never in another month; nothing where the month is too short."""
    if day > _length(year, month):
        return set()
    wanted = date(year, month, day)
    for shift in (0, -1, 1, -2, 2):
        near = wanted + timedelta(days=shift)
        if near.month == month and near.isoweekday() <= 5:
            return {near.day}
    raise AssertionError("every five days hold a weekday")
