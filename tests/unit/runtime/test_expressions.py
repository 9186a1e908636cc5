"""When schedules fire: the rules of EventBridge Scheduler's User Guide as tables (RL-4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from local.aws.expressions import InvalidExpression, timing

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def firings(expression: str, zone: str, since: str, count: int, **given: datetime) -> list[str]:
    """The next `count` instants, in UTC, as text to the minute."""
    times, at = timing(expression, zone, created=EPOCH, **given), instant(since)
    found: list[str] = []
    while len(found) < count and (fired := times.next(at)) is not None:
        found.append(fired.strftime("%Y-%m-%d %H:%M"))
        at = fired + timedelta(microseconds=1)
    return found


# Zone, expression in the changing hour, the day before: the instants of three days, the change in the middle.
SPRING = [
    ("America/Los_Angeles", "cron(30 2 * * ? *)", "2026-03-07T00:00-08:00", ["2026-03-07 10:30", "2026-03-09 09:30"]),
    ("Europe/London", "cron(30 1 * * ? *)", "2026-03-28T00:00+00:00", ["2026-03-28 01:30", "2026-03-30 00:30"]),
    ("Pacific/Auckland", "cron(30 2 * * ? *)", "2026-09-26T00:00+12:00", ["2026-09-25 14:30", "2026-09-27 13:30"]),
    # Lord Howe moves by half an hour: 02:15 does not exist, 02:30 does.
    ("Australia/Lord_Howe", "cron(15 2 * * ? *)", "2026-10-03T00:00+10:30", ["2026-10-02 15:45", "2026-10-04 15:15"]),
]
AUTUMN = [
    (
        "America/Los_Angeles",
        "cron(30 1 * * ? *)",
        "2026-10-31T00:00-07:00",
        ["10-31 08:30", "11-01 08:30", "11-02 09:30"],
    ),
    ("Europe/London", "cron(30 1 * * ? *)", "2026-10-24T00:00+01:00", ["10-24 00:30", "10-25 00:30", "10-26 01:30"]),
    ("Pacific/Auckland", "cron(30 2 * * ? *)", "2026-04-04T00:00+13:00", ["04-03 13:30", "04-04 13:30", "04-05 14:30"]),
    (
        "Australia/Lord_Howe",
        "cron(45 1 * * ? *)",
        "2026-04-04T00:00+11:00",
        ["04-03 14:45", "04-04 14:45", "04-05 15:15"],
    ),
]


@pytest.mark.parametrize(("zone", "expression", "since", "expected"), SPRING)
def test_rl4_a_time_in_the_gap_is_skipped_that_day(zone: str, expression: str, since: str, expected: list[str]) -> None:
    assert firings(expression, zone, since, 2) == expected


@pytest.mark.parametrize(("zone", "expression", "since", "expected"), AUTUMN)
def test_rl4_a_repeated_time_fires_once_before_the_shift(
    zone: str, expression: str, since: str, expected: list[str]
) -> None:
    assert firings(expression, zone, since, 3) == [f"2026-{one}" for one in expected]


@pytest.mark.parametrize(("zone", "_expression", "since", "_expected"), [*SPRING, *AUTUMN])
def test_rl4_noon_of_every_day_fires_once_whatever_the_clocks_do(
    zone: str, _expression: str, since: str, _expected: list[str]
) -> None:
    fired = firings("cron(0 12 * * ? *)", zone, since, 5)
    local = [instant(f"{one}+00:00").astimezone(ZoneInfo(zone)) for one in fired]

    assert [one.hour for one in local] == [12] * 5
    assert len({one.date() for one in local}) == 5


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        ("America/Los_Angeles", "2026-03-08T02:30:00", None),
        ("America/Los_Angeles", "2026-11-01T01:30:00", "2026-11-01 08:30"),
        ("Europe/London", "2026-10-25T01:30:00", "2026-10-25 00:30"),
        ("Pacific/Auckland", "2026-09-27T02:30:00", None),
        ("Australia/Lord_Howe", "2026-07-01T09:00:00", "2026-06-30 22:30"),
    ],
)
def test_rl4_at_fires_once_in_its_zone_and_never_in_a_gap(zone: str, wall: str, expected: str | None) -> None:
    assert firings(f"at({wall})", zone, "2026-01-01T00:00+00:00", 5) == ([expected] if expected else [])


def test_a_repeated_hour_of_quarter_hours_fires_each_wall_time_once() -> None:
    fired = firings("cron(0/15 1 * * ? *)", "Europe/London", "2026-10-25T00:00+00:00", 5)

    assert fired == [*(f"2026-10-25 00:{minute}" for minute in ("00", "15", "30", "45")), "2026-10-26 01:00"]


def test_the_second_pass_of_the_repeated_hour_starts_nothing() -> None:
    inside_second_pass = "2026-10-25T01:10+00:00"

    assert firings("cron(30 1 * * ? *)", "Europe/London", inside_second_pass, 1) == ["2026-10-26 01:30"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 9 ? * MON-FRI *)", ["2026-02-02 09:00", "2026-02-03 09:00"]),
        ("cron(0 9 ? * 2-6 *)", ["2026-02-02 09:00", "2026-02-03 09:00"]),
        ("cron(0 9 L * ? *)", ["2026-02-28 09:00", "2026-03-31 09:00"]),
        ("cron(0 9 31 * ? *)", ["2026-03-31 09:00", "2026-05-31 09:00"]),
        ("cron(0 9 29 2 ? *)", ["2028-02-29 09:00", "2032-02-29 09:00"]),
        ("cron(0 9 1W * ? *)", ["2026-02-02 09:00", "2026-03-02 09:00"]),
        ("cron(0 9 31W * ? *)", ["2026-03-31 09:00", "2026-05-29 09:00"]),
        ("cron(0 9 ? * 3#2 *)", ["2026-02-10 09:00", "2026-03-10 09:00"]),
        ("cron(0 9 ? * MON#5 *)", ["2026-03-30 09:00", "2026-06-29 09:00"]),
        ("cron(0 9 ? * 6L *)", ["2026-02-27 09:00", "2026-03-27 09:00"]),
        ("cron(0 9 ? * L *)", ["2026-02-07 09:00", "2026-02-14 09:00"]),
        ("cron(5/20 9 1 FEB,MAR ? 2026)", ["2026-02-01 09:05", "2026-02-01 09:25"]),
        ("cron(*/30 22-23 1 * ? *)", ["2026-02-01 22:00", "2026-02-01 22:30"]),
        ("cron(0 0 1 1 ? 2026-2030/2)", ["2028-01-01 00:00", "2030-01-01 00:00"]),
        ("cron(0 9 30 2 ? *)", []),
    ],
)
def test_rl4_cron_knows_names_ranges_steps_and_the_last_nearest_and_nth_day(
    expression: str, expected: list[str]
) -> None:
    assert firings(expression, "UTC", "2026-02-01T00:00+00:00", 2) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "banana",
        "cron(0 9 * * *)",
        "cron(0 9 * * * *)",
        "cron(0 9 ? * ? *)",
        "cron(60 9 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 9 0 * ? *)",
        "cron(0 9 32W * ? *)",
        "cron(0 9 ? * 8 *)",
        "cron(0 9 ? * 3#6 *)",
        "cron(0 9 ? * 3#1,6#3 *)",
        "cron(0 9 * FOO ? *)",
        "cron(10-5 9 * * ? *)",
        "cron(0/0 9 * * ? *)",
        "cron(0, 9 * * ? *)",
        "cron(0 9 * * ? 1969)",
        "rate(0 minutes)",
        "rate(5)",
        "rate(5 weeks)",
        "at(2026-11-25)",
        "at(2026-02-30T09:00:00)",
        "",
    ],
)
def test_an_expression_that_eventbridge_refuses_is_refused(expression: str) -> None:
    with pytest.raises(InvalidExpression):
        timing(expression, created=EPOCH)


def test_an_unknown_time_zone_is_refused_by_name() -> None:
    with pytest.raises(InvalidExpression, match="Europe/Atlantis"):
        timing("cron(0 9 * * ? *)", "Europe/Atlantis", created=EPOCH)


def test_rate_starts_at_once_and_a_day_is_24_hours_over_a_change_of_clocks() -> None:
    fired = firings("rate(1 days)", "America/New_York", "2026-01-01T00:00+00:00", 400)

    assert fired[0] == "2026-01-01 00:00"
    assert {one[11:] for one in fired} == {"00:00"}


def test_rate_counts_from_its_start_date_and_ends_with_its_end_date() -> None:
    start, end = instant("2026-02-01T08:07+00:00"), instant("2026-02-01T09:07+00:00")

    fired = firings("rate(30 minutes)", "UTC", "2026-01-01T00:00+00:00", 9, start=start, end=end)

    assert fired == ["2026-02-01 08:07", "2026-02-01 08:37", "2026-02-01 09:07"]


def test_cron_waits_for_its_start_date_and_at_ignores_both_dates() -> None:
    start, end = instant("2026-02-10T10:00+00:00"), instant("2026-02-12T00:00+00:00")

    daily = firings("cron(0 9 * * ? *)", "UTC", "2026-01-01T00:00+00:00", 9, start=start, end=end)
    once = firings("at(2026-01-05T09:00:00)", "UTC", "2026-01-01T00:00+00:00", 9, start=start, end=end)

    assert daily == ["2026-02-11 09:00"]
    assert once == ["2026-01-05 09:00"]
