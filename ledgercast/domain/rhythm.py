"""Whether a silence is longer than usual (WH-8): judged by the hours of the week in which something was heard before.

An hour counts as usual as far as it brought something in the weeks before; once the hours that passed in silence would
usually have brought something six times, the silence is worth a word. So a night, a weekend or a small company's quiet
weeks are no alarm, and a webhook that Xero has given up is one within a working day: Xero stops trying after 24 hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

HOUR: Final = timedelta(hours=1)
WEEK: Final = timedelta(days=7)
WEEKS: Final = 4
"""How far back an hour of the week is looked at."""

HISTORY: Final = timedelta(days=14)
"""Before that much was heard nobody knows what is usual."""

MISSED_HOURS: Final = 6


@dataclass(frozen=True)
class Silence:
    """`since`: the end of the last hour in which something was heard. `missed`: in how many of the hours since then
    something usually comes."""

    since: datetime
    missed: int


def silence(heard: Iterable[datetime], now: datetime) -> Silence | None:
    """`heard` are the beginnings of hours (aware, UTC). None where the silence is a usual one, or nobody knows."""
    hours = set(heard)
    if not hours:
        return None
    first, last = min(hours), max(hours)
    if last - first < HISTORY:
        return None
    missed, hour = 0.0, last + HOUR
    while hour + HOUR <= now and hour - last < WEEK:
        missed += _usual(hour, hours, first, last)
        hour += HOUR
    return Silence(last + HOUR, int(missed)) if missed >= MISSED_HOURS else None


def _usual(hour: datetime, hours: set[datetime], first: datetime, last: datetime) -> float:
    """In what share of the weeks before this hour of the week brought something."""
    before = [hour - n * WEEK for n in range(1, WEEKS + 1)]
    known = [one for one in before if first <= one <= last]
    return sum(one in hours for one in known) / len(known) if known else 0.0
