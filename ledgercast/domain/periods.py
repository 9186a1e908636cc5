"""Months, windows of twelve months, and the words for them.

Every date here is one of the organisation's time zone (metrics.md 2); nothing in this module reads a clock.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

WINDOW = 12
NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month. Months compare and sort by time."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    def plus(self, months: int) -> Month:
        """The month so many later, or earlier when negative."""
        years, index = divmod(self.number - 1 + months, 12)
        return Month(self.year + years, index + 1)

    @property
    def days(self) -> int:
        return monthrange(self.year, self.number)[1]

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.number, self.days)

    @property
    def key(self) -> str:
        """`2026-11`, the category key of facts."""
        return f"{self.year:04}-{self.number:02}"

    @property
    def label(self) -> str:
        """`Nov 2026`"""
        return f"{NAMES[self.number - 1]} {self.year}"


def window(today: date) -> tuple[Month, ...]:
    """The current month and the eleven full months before it, oldest first."""
    current = Month.of(today)
    return tuple(current.plus(back) for back in range(1 - WINDOW, 1))


def day_label(day: date) -> str:
    """`25 Nov 2026`"""
    return f"{day.day} {NAMES[day.month - 1]} {day.year}"


def window_label(today: date) -> str:
    """`Dec 2025 to Nov 2026`"""
    months = window(today)
    return f"{months[0].label} to {months[-1].label}"


def is_partial(today: date) -> bool:
    """Whether the current month is still going on: false on its last day alone."""
    return today != Month.of(today).last
