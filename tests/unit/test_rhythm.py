"""A silence is told of when it is longer than usual, and not before (WH-8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ledgercast.domain.rhythm import HOUR, silence

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)


def weeks(count: int, until: datetime, hours: range = range(9, 17), days: int = 5) -> list[datetime]:
    """Something in each of these hours of working days, from MONDAY on, before `until`."""
    found = [
        MONDAY + timedelta(weeks=week, days=day, hours=hour)
        for week in range(count)
        for day in range(days)
        for hour in hours
    ]
    return [one for one in found if one < until]


def at(week: int, day: int, hour: int, minute: int = 0) -> datetime:
    return MONDAY + timedelta(weeks=week, days=day, hours=hour, minutes=minute)


def test_a_working_day_without_a_word_is_a_silence() -> None:
    """WH-8"""
    heard = weeks(4, until=at(3, 2, 0))

    assert silence(heard, at(3, 2, 14, 59)) is None
    found = silence(heard, at(3, 2, 15))

    assert found and (found.since, found.missed) == (at(3, 1, 17), 6)


def test_a_night_and_a_weekend_are_none() -> None:
    heard = weeks(4, until=at(3, 4, 17))

    assert silence(heard, at(3, 5, 8)) is None
    assert silence(heard, at(4, 0, 9)) is None
    assert silence(heard, at(4, 0, 15)) is not None


def test_what_comes_now_and_then_takes_longer_to_be_missed() -> None:
    """An hour that brought something every other week counts half."""
    heard = [one for one in weeks(4, until=at(3, 2, 0)) if one.hour % 2 == (one - MONDAY).days // 7 % 2]

    assert silence(heard, at(3, 2, 17)) is None
    assert silence(heard, at(3, 3, 14)) is not None


@pytest.mark.parametrize("heard", [[], [MONDAY], weeks(1, until=at(1, 0, 0)), weeks(2, until=at(1, 4, 17))])
def test_nobody_is_missed_before_a_rhythm_is_known(heard: list[datetime]) -> None:
    assert silence(heard, at(1, 4, 23)) is None
    assert silence(heard, at(3, 2, 0)) is None


def test_a_silence_goes_on_until_something_is_heard() -> None:
    heard = weeks(4, until=at(3, 2, 0))

    assert silence(heard, at(7, 0, 0)) is not None
    assert silence([*heard, at(3, 2, 15)], at(3, 2, 16)) is None


def test_a_long_silence_is_judged_by_a_week_of_it_at_most() -> None:
    heard = weeks(4, until=at(3, 2, 0), hours=range(24), days=7)

    found = silence(heard, at(300, 0, 0))

    assert found and found.missed <= 24 * 7
    assert found.since == max(heard) + HOUR
