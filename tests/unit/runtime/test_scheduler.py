"""Schedules fire by our clock: order, own instants, keywords, retries, dead letters, completion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from local.aws.clock import LocalClock
from local.aws.scheduler import Scheduler
from local.aws.targets import Call, Targets

START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


class Recorder(Targets):
    """Targets that note each call with the time of our clock, and fail while told to."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(lambda _service: None)
        self._now = now
        self.calls: list[tuple[str, str, str]] = []
        self.buried: list[tuple[str, str, int]] = []
        self.failing = False

    def deliver(self, call: Call) -> str | None:
        self.calls.append((self._now().strftime("%H:%M:%S"), call.schedule_arn, call.payload))
        if self.failing:
            raise ConnectionError("no such machine")
        return None

    def bury(self, call: Call, queue_arn: str, error: Exception, exhausted: str) -> None:
        self.buried.append((queue_arn, exhausted, call.attempt))


class World:
    """A stopped machine clock, ours on top of it, and schedules as moto keeps them."""

    def __init__(self, folder: Path, *, spread: bool = False) -> None:
        self.clock = LocalClock(folder / "clock", START)
        self.schedules: list[dict[str, Any]] = []
        self.targets = Recorder(self.clock.now)
        self.scheduler = Scheduler(self.clock, lambda: list(self.schedules), self.delete, self.targets, spread=spread)

    def add(self, name: str, expression: str, **given: Any) -> dict[str, Any]:
        target = {
            "Arn": "arn:aws:sqs:eu-west-1:1:q",
            "Input": "<aws.scheduler.scheduled-time>",
            **given.pop("target", {}),
        }
        schedule = {
            "Arn": name,
            "Name": name,
            "GroupName": "pulses",
            "ScheduleExpression": expression,
            "ScheduleExpressionTimezone": "UTC",
            "State": "ENABLED",
            "LastModificationDate": datetime.now(UTC).timestamp(),
            "Target": target,
            **given,
        }
        self.schedules.append(schedule)
        return schedule

    def delete(self, group: str, name: str) -> None:
        self.schedules = [one for one in self.schedules if (one["GroupName"], one["Name"]) != (group, name)]

    def fired(self) -> list[tuple[str, str]]:
        return [(when, name) for when, name, _ in self.targets.calls]


@pytest.fixture
def world(tmp_path: Path) -> Any:
    with time_machine.travel(datetime(2030, 6, 1, tzinfo=UTC), tick=False):
        yield World(tmp_path)


def test_advancing_fires_everything_due_in_order_each_at_its_own_instant(world: World) -> None:
    world.add("hourly", "cron(30 * * * ? *)")
    world.add("once", "at(2026-11-25T09:00:00)")
    world.add("tokyo", "cron(45 18 * * ? *)", ScheduleExpressionTimezone="Asia/Tokyo")

    now = world.scheduler.advance(2 * 3600)

    assert world.fired() == [
        ("08:30:00", "hourly"),
        ("09:00:00", "once"),
        ("09:30:00", "hourly"),
        ("09:45:00", "tokyo"),
    ]
    assert now == START + timedelta(hours=2)


def test_the_scheduled_time_is_the_planned_one_and_is_filled_in(world: World) -> None:
    keywords = '{"slot": "<aws.scheduler.scheduled-time>", "by": "<aws.scheduler.schedule-arn>", '
    keywords += '"n": <aws.scheduler.attempt-number>}'
    world.add("daily", "cron(0 9 * * ? *)", target={"Input": keywords})

    world.scheduler.advance(3600)

    assert [payload for _, _, payload in world.targets.calls] == [
        '{"slot": "2026-11-25T09:00:00Z", "by": "daily", "n": 1}'
    ]


def test_nothing_fires_twice_nor_before_its_time(world: World) -> None:
    world.add("daily", "cron(0 9 * * ? *)")

    world.scheduler.advance(3599)
    before = world.fired()
    world.scheduler.advance(1)
    world.scheduler.tick()

    assert before == []
    assert world.fired() == [("09:00:00", "daily")]


def test_200_schedules_of_the_same_minute_are_all_started(world: World) -> None:
    """RL-4: none is lost."""
    for number in range(200):
        world.add(f"pulse-{number:03}", "cron(0 9 * * ? *)")

    world.scheduler.advance(3600)

    assert sorted(name for _, name in world.fired()) == [f"pulse-{number:03}" for number in range(200)]


def test_a_disabled_or_deleted_schedule_does_not_fire_and_a_changed_one_fires_anew(world: World) -> None:
    world.add("off", "rate(1 minutes)", State="DISABLED")
    changed = world.add("changed", "cron(10 8 * * ? *)")
    world.add("gone", "cron(20 8 * * ? *)")
    world.scheduler.tick()

    world.schedules[1] = {**changed, "ScheduleExpression": "cron(40 8 * * ? *)"}
    world.delete("pulses", "gone")
    world.scheduler.advance(3600)

    assert world.fired() == [("08:40:00", "changed")]


def test_a_completed_schedule_is_deleted_when_it_asks_for_it(world: World) -> None:
    world.add("once", "at(2026-11-25T08:10:00)", ActionAfterCompletion="DELETE")
    world.add("kept", "at(2026-11-25T08:10:00)", ActionAfterCompletion="NONE")

    world.scheduler.advance(3600)

    assert [one["Name"] for one in world.schedules] == ["kept"]


def test_a_failed_call_is_tried_again_with_growing_pauses_and_the_same_slot(world: World) -> None:
    policy = {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600}
    world.add("daily", "cron(0 9 * * ? *)", target={"RetryPolicy": policy, "DeadLetterConfig": {"Arn": "arn:dlq"}})
    world.targets.failing = True

    world.scheduler.advance(2 * 3600)

    assert [when for when, _ in world.fired()] == ["09:00:00", "09:00:01", "09:00:03", "09:00:07"]
    assert {payload for _, _, payload in world.targets.calls} == {"2026-11-25T09:00:00Z"}
    assert world.targets.buried == [("arn:dlq", "MaximumRetryAttempts", 4)]


def test_an_event_is_given_up_when_it_is_too_old(world: World) -> None:
    policy = {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 60}
    world.add("daily", "cron(0 9 * * ? *)", target={"RetryPolicy": policy, "DeadLetterConfig": {"Arn": "arn:dlq"}})
    world.targets.failing = True

    world.scheduler.advance(2 * 3600)

    assert [exhausted for _, exhausted, _ in world.targets.buried] == ["MaximumEventAgeInSeconds"]
    assert world.fired()[-1][0] < "09:01:00"


def test_a_target_that_recovers_is_called_once_more_and_then_left_alone(world: World) -> None:
    world.add("daily", "cron(0 9 * * ? *)")
    world.targets.failing = True
    world.scheduler.advance(3600)
    world.targets.failing = False

    world.scheduler.advance(600)

    assert len(world.targets.calls) == 2
    assert world.targets.buried == []


def test_upcoming_tells_the_next_instant_of_each(world: World) -> None:
    world.add("daily", "cron(0 9 * * ? *)")
    world.add("past", "at(2020-01-01T00:00:00)")

    assert [(at.isoformat(), one["Name"]) for at, one in world.scheduler.upcoming()] == [
        ("2026-11-25T09:00:00+00:00", "daily")
    ]


FLEXIBLE = {"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}}


def test_a_flexible_schedule_fires_at_the_start_of_its_window(world: World) -> None:
    """So that our clock can be moved to an instant and everything of that instant has begun."""
    world.add("pulse-1", "cron(0 9 * * ? *)", **FLEXIBLE)

    world.scheduler.advance(3600)

    assert world.fired() == [("09:00:00", "pulse-1")]


def test_spread_it_fires_later_in_its_window_for_the_same_slot_and_once_each_time(tmp_path: Path) -> None:
    """RL-4"""
    with time_machine.travel(datetime(2030, 6, 1, tzinfo=UTC), tick=False):
        world = World(tmp_path, spread=True)
        world.add("pulse-1", "cron(0 * * * ? *)", **FLEXIBLE)
        world.add("exact", "cron(0 9 * * ? *)", FlexibleTimeWindow={"Mode": "OFF"})

        world.scheduler.advance(2 * 3600)

    [(exact, _, _)] = [one for one in world.targets.calls if one[1] == "exact"]
    spread = [(when[:4], slot) for when, name, slot in world.targets.calls if name == "pulse-1"]
    assert exact == "09:00:00"
    assert "09:00:00" not in [when for when, name in world.fired() if name == "pulse-1"]
    assert spread == [("08:0", "2026-11-25T08:00:00Z"), ("09:0", "2026-11-25T09:00:00Z")]
