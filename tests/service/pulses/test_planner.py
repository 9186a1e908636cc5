"""One schedule in EventBridge Scheduler for each pulse that is active or held, and what it says."""

from __future__ import annotations

import json

import pytest

from ledgercast.domain.schedules import WINDOW_MINUTES
from ledgercast.store.planner import NotPlanned
from tests.service.pulses.world import DEAD_LETTERS, GROUP, MACHINE, ROLE, Place, Refusing, pulse


def test_the_schedule_starts_the_machine_for_its_slot_within_the_window(place: Place) -> None:
    """RL-4"""
    place.pulses.planner.ensure(pulse())

    found = place.schedule("p-1")
    assert found
    assert (found["ScheduleExpression"], found["ScheduleExpressionTimezone"]) == (
        "cron(0 9 ? * MON *)",
        "Europe/London",
    )
    assert found["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": WINDOW_MINUTES}
    assert found["State"] == "ENABLED"
    target = found["Target"]
    assert (target["Arn"], target["RoleArn"]) == (MACHINE, ROLE)
    assert json.loads(target["Input"]) == {
        "workspace": "main",
        "pulse": "p-1",
        "slot": "<aws.scheduler.scheduled-time>",
        "resume": False,
    }
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10}
    assert target["DeadLetterConfig"] == {"Arn": DEAD_LETTERS}


def test_asked_again_it_says_the_same_and_there_is_one(place: Place) -> None:
    for _ in range(2):
        place.pulses.planner.ensure(pulse())

    assert place.names() == {"pulse-p-1"}
    assert place.pulses.planner.agrees(pulse())


def test_a_changed_schedule_is_changed_whole(place: Place) -> None:
    planner = place.pulses.planner
    planner.ensure(pulse())
    moved = pulse(schedule={"every": "month", "day": "last", "at": "17:00", "timezone": "America/New_York"})

    assert not planner.agrees(moved)
    planner.ensure(moved)

    found = place.schedule("p-1")
    assert found
    assert (found["ScheduleExpression"], found["ScheduleExpressionTimezone"], found["State"]) == (
        "cron(0 17 L * ? *)",
        "America/New_York",
        "ENABLED",
    )
    assert planner.agrees(moved)


@pytest.mark.parametrize(
    ("state", "planned"), [("active", True), ("held", True), ("paused", False), ("deleted", False)]
)
def test_active_and_held_pulses_have_a_schedule_and_no_other(place: Place, state: str, planned: bool) -> None:
    place.pulses.planner.ensure(pulse())

    for _ in range(2):
        place.pulses.planner.ensure(pulse(state=state))

    assert (place.schedule("p-1") is not None) is planned
    assert place.pulses.planner.agrees(pulse(state=state))


def test_a_pulse_that_is_sent_by_hand_alone_has_none(place: Place) -> None:
    place.pulses.planner.ensure(pulse(schedule={}))

    assert place.names() == set()
    assert place.pulses.planner.agrees(pulse(schedule={}))


def test_what_was_changed_by_hand_does_not_agree(place: Place) -> None:
    place.pulses.planner.ensure(pulse())
    found = place.schedule("p-1") or {}
    kept = ("ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target")
    place.scheduler.update_schedule(
        GroupName=GROUP, Name="pulse-p-1", State="DISABLED", **{name: found[name] for name in kept}
    )

    assert not place.pulses.planner.agrees(pulse())


def test_only_pulses_are_listed(place: Place) -> None:
    planner = place.pulses.planner
    for number in range(60):  # more than one page
        planner.ensure(pulse(f"p-{number}"))
    found = place.schedule("p-1") or {}
    place.scheduler.create_schedule(
        GroupName=GROUP,
        Name="resume-1",
        ScheduleExpression="at(2027-01-01T00:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=found["Target"],
    )

    assert set(planner.ids()) == {f"p-{number}" for number in range(60)}


def test_a_refusal_of_scheduler_is_named_by_its_code(place: Place) -> None:
    planner = place.another(Refusing()).planner

    for one in (pulse(), pulse(state="paused")):
        with pytest.raises(NotPlanned, match="ThrottlingException"):
            planner.ensure(one)
