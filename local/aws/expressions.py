"""When a schedule fires: `at`, `rate` and `cron` expressions in an IANA time zone.

The rules are those of the EventBridge Scheduler User Guide, "Schedule types":
- "When time shifts forward in the Spring, if a cron expression falls on a non-existent date and time, your schedule
  invocation is skipped. When time shifts backwards in the Fall, your schedule runs only once and does not repeat its
  invocation": the one run is the one before the shift.
- A day of a rate expression is 24 hours of the clock, whatever daylight saving does.
- Without a StartDate a rate-based schedule invokes its target at once; with one, first at that instant.
- StartDate and EndDate are ignored for one-time schedules.

The guide does not say what becomes of an `at` that falls into the gap, nor of a cron expression with many times in
the repeated hour. We take the same two rules for them: skipped, and each wall-clock time once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ledgercast.domain import cron
from ledgercast.domain.cron import InvalidExpression, instant_of

__all__ = ["InvalidExpression", "Timing", "timing"]

_FORM = re.compile(r"(at|rate|cron)\((.*)\)")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}

Instants = Callable[[datetime], Iterator[datetime]]


@dataclass(frozen=True)
class Timing:
    """The instants (UTC) at which one schedule fires."""

    instants: Instants
    start: datetime | None
    end: datetime | None
    once: bool

    def next(self, since: datetime) -> datetime | None:
        """The first instant that is not before `since`, or None when the schedule has run out."""
        floor = max(since, self.start) if self.start else since
        instant = next((instant for instant in self.instants(floor) if instant >= floor), None)
        return None if instant and self.end and instant > self.end else instant


def timing(
    expression: str,
    zone: str = "UTC",
    *,
    created: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Timing:
    """Reads an expression. `created` is what a rate counts from where there is no StartDate.

    Raises InvalidExpression, also for an unknown time zone.
    """
    found = _FORM.fullmatch(expression.strip())
    if not found:
        raise InvalidExpression(f"a schedule expression is at(…), rate(…) or cron(…), not {expression!r}")
    kind, body = found.groups()
    if kind == "at":
        return Timing(_at(body, _zone(zone)), None, None, once=True)
    if kind == "rate":
        _zone(zone)
        return Timing(_rate(body, start or created), start, end, once=False)
    return Timing(_cron(body, _zone(zone)), start, end, once=False)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidExpression(f"{name!r} is not an IANA time zone") from error


def _at(body: str, zone: ZoneInfo) -> Instants:
    try:
        wall = datetime.strptime(body, "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007 - the zone comes from the schedule
    except ValueError as error:
        raise InvalidExpression(f"at() needs yyyy-mm-ddThh:mm:ss, not {body!r}") from error
    instant = instant_of(wall, zone)
    return lambda _since: iter([instant] if instant else [])


def _rate(body: str, anchor: datetime) -> Instants:
    found = re.fullmatch(r"([1-9][0-9]*) (minute|hour|day)s?", body)
    if not found:
        raise InvalidExpression(f"rate() needs a positive number and minutes, hours or days, not {body!r}")
    every = int(found[1]) * _UNITS[found[2]]

    def instants(since: datetime) -> Iterator[datetime]:
        steps = max(0, -((anchor - since) // every))
        yield anchor + steps * every

    return instants


def _cron(body: str, zone: ZoneInfo) -> Instants:
    fields = cron.parse(body)

    def instants(since: datetime) -> Iterator[datetime]:
        # The times of the repeated hour lie before a `since` in its second pass, and are left out by the caller.
        start = since.astimezone(zone).replace(tzinfo=None)
        return (instant for wall in fields.walls(start) if (instant := instant_of(wall, zone)))

    return instants
