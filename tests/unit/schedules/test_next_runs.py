"""The next runs that people are shown, with what the clocks do to them (RL-4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ledgercast.domain.schedules import Run, Schedule
from local.aws.expressions import timing


def schedule(timezone: str, **chosen: Any) -> Schedule:
    return Schedule.read({"at": "09:00", "timezone": timezone, **chosen})


def told(runs: list[Run]) -> list[str]:
    """Each run as its wall-clock time with its offset, "–" before one at which nothing is sent."""
    return [f"{'' if run.runs else '– '}{run.at:%m-%d %H:%M %z}" for run in runs]


# Zone, time in the changing hour, the instant after which; the days around the change. Lord Howe moves half an hour.
SPRING = [
    (
        "Europe/London",
        "01:30",
        "2026-03-27T12:00Z",
        ["03-28 01:30 +0000", "– 03-29 01:30 +0000", "03-30 01:30 +0100"],
    ),
    (
        "America/New_York",
        "02:30",
        "2026-03-06T12:00-05:00",
        ["03-07 02:30 -0500", "– 03-08 02:30 -0500", "03-09 02:30 -0400"],
    ),
    (
        "Pacific/Auckland",
        "02:30",
        "2026-09-25T12:00+12:00",
        ["09-26 02:30 +1200", "– 09-27 02:30 +1200", "09-28 02:30 +1300"],
    ),
    (
        "Australia/Lord_Howe",
        "02:15",
        "2026-10-02T12:00+10:30",
        ["10-03 02:15 +1030", "– 10-04 02:15 +1030", "10-05 02:15 +1100"],
    ),
]
AUTUMN = [
    ("Europe/London", "01:30", "2026-10-23T12:00Z", ["10-24 01:30 +0100", "10-25 01:30 +0100", "10-26 01:30 +0000"]),
    (
        "America/New_York",
        "01:30",
        "2026-10-30T12:00-04:00",
        ["10-31 01:30 -0400", "11-01 01:30 -0400", "11-02 01:30 -0500"],
    ),
    (
        "Pacific/Auckland",
        "02:30",
        "2026-04-03T12:00+13:00",
        ["04-04 02:30 +1300", "04-05 02:30 +1300", "04-06 02:30 +1200"],
    ),
    (
        "Australia/Lord_Howe",
        "01:45",
        "2026-04-03T12:00+11:00",
        ["04-04 01:45 +1100", "04-05 01:45 +1100", "04-06 01:45 +1030"],
    ),
]
ZONES = [one[0] for one in SPRING]


@pytest.mark.parametrize(("zone", "at", "after", "expected"), SPRING, ids=ZONES)
def test_rl4_a_time_that_does_not_exist_is_shown_as_no_run(zone: str, at: str, after: str, expected: list[str]) -> None:
    runs = schedule(zone, every="day", at=at).next(datetime.fromisoformat(after), 2)

    assert told(runs) == expected
    assert [run.note for run in runs if not run.runs] == [
        "the clocks go forward and this time does not exist that day: no run"
    ]


@pytest.mark.parametrize(("zone", "at", "after", "expected"), AUTUMN, ids=ZONES)
def test_rl4_a_repeated_time_is_shown_once_the_first(zone: str, at: str, after: str, expected: list[str]) -> None:
    runs = schedule(zone, every="day", at=at).next(datetime.fromisoformat(after), 3)

    assert told(runs) == expected
    assert runs[1].note == "the clocks go back: runs once, the first time"
    assert "the clocks have changed" in runs[2].note


@pytest.mark.parametrize("zone", ZONES)
def test_rl4_noon_stays_noon_and_says_when_the_clocks_have_changed(zone: str) -> None:
    runs = schedule(zone, every="day", at="12:00").next(datetime(2026, 1, 1, tzinfo=UTC), 365)

    assert {run.at.strftime("%H:%M") for run in runs} == {"12:00"}
    assert len({run.at.date() for run in runs}) == 365
    notes = [run for run in runs if run.note]
    assert len(notes) == 2
    assert notes[0].note.startswith(f"the clocks have changed: 12:00 there is {notes[0].at.astimezone(UTC):%H:%M} UTC")


MONTHS = [
    ("last", "2027-12-31", ["01-31", "02-29", "03-31", "04-30"]),
    ("last", "2026-12-31", ["01-31", "02-28", "03-31", "04-30"]),
    (28, "2026-01-28", ["02-28", "03-28", "04-28", "05-28"]),
    # The 1st of August 2026 is a Saturday, that of November a Sunday.
    ("first_weekday", "2026-07-15", ["08-03", "09-01", "10-01", "11-02"]),
]


@pytest.mark.parametrize(("day", "after", "expected"), MONTHS)
@pytest.mark.parametrize("zone", ZONES)
def test_rl4_month_ends_leap_day_and_first_weekdays(zone: str, day: Any, after: str, expected: list[str]) -> None:
    noon = datetime.fromisoformat(f"{after}T12:00").replace(tzinfo=ZoneInfo(zone))
    runs = schedule(zone, every="month", day=day, at="12:00").next(noon, 4)

    assert [run.at.strftime("%m-%d") for run in runs] == expected


def test_rl4_another_zone_moves_the_instant_and_not_the_wall_clock() -> None:
    after = datetime(2026, 11, 25, tzinfo=UTC)
    before, moved = (schedule(zone, every="day").next_run(after) for zone in ("Europe/London", "America/New_York"))

    assert before == datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert moved == datetime(2026, 11, 25, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "middle"),
    [(zone, after) for zone, _, after, _ in [*SPRING, *AUTUMN]],
)
@pytest.mark.parametrize("chosen", [{"every": "hour", "at": "00:15"}, {"every": "day", "at": "01:30"}])
def test_rl4_every_quarter_of_an_hour_looked_at_by_itself_gives_the_same_runs(
    zone: str, middle: str, chosen: dict[str, Any]
) -> None:
    """Beside the table: the wall clock is read every fifteen minutes of six days, and each time that fits is noted."""
    start = datetime.fromisoformat(middle).astimezone(UTC)
    seen: dict[datetime, datetime] = {}
    for quarters in range(1, 6 * 96 + 1):
        instant = start + timedelta(minutes=15 * quarters)
        wall = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        if f"{wall:%M}" == chosen["at"][3:] and (chosen["every"] == "hour" or f"{wall:%H:%M}" == chosen["at"]):
            seen.setdefault(wall, instant)

    planned = Schedule.read({**chosen, "timezone": zone})
    runs = [run.at.astimezone(UTC) for run in planned.next(start, len(seen)) if run.runs]

    assert runs == list(seen.values())
    fires = timing(planned.expression(), zone, created=start)
    assert [fires.next(one) for one in runs] == runs


def test_a_gap_that_skips_many_times_is_told_once() -> None:
    runs = Schedule.read({"every": "cron", "cron": "*/10 * * * *", "timezone": "Europe/London"}).next(
        datetime(2026, 3, 29, 0, 50, tzinfo=UTC), 2
    )

    assert told(runs) == ["– 03-29 01:00 +0000", "03-29 02:00 +0100", "03-29 02:10 +0100"]


def test_the_present_minute_is_not_a_next_run() -> None:
    daily = schedule("UTC", every="day")

    assert daily.next_run(datetime(2026, 11, 25, 9, 0, tzinfo=UTC)) == datetime(2026, 11, 26, 9, tzinfo=UTC)
    assert daily.next_run(datetime(2026, 11, 25, 8, 59, 59, tzinfo=UTC)) == datetime(2026, 11, 25, 9, tzinfo=UTC)


def test_a_schedule_that_runs_out_has_no_next_run() -> None:
    once = Schedule.read({"every": "cron", "cron": "0 9 1 1 ? 2026-2027", "timezone": "UTC"})

    assert [run.at.year for run in once.next(datetime(2025, 6, 1, tzinfo=UTC))] == [2026, 2027]
    assert once.next_run(datetime(2027, 6, 1, tzinfo=UTC)) is None


def test_inside_the_second_pass_of_the_repeated_hour_the_next_day_comes() -> None:
    inside = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)

    assert told(schedule("Europe/London", every="day", at="01:30").next(inside, 1)) == ["10-26 01:30 +0000"]
