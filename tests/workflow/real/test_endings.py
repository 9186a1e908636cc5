"""Every other way a run can end on the deployed machine: limits, faults, empty books, and schedules by our clock."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.pulses import Pulse
from local.aws.scheduler import text_of
from tests import passes
from tests.workflow.conftest import eventually
from tests.workflow.real.conftest import World

HOUR = 3600


def executions(world: World, pulse: Pulse) -> list[dict[str, Any]]:
    """Every execution of a pulse: its ARN and input, oldest first."""
    listed = world.client.list_executions(stateMachineArn=world.runtime.outputs["StateMachineArn"], maxResults=1000)
    described = [world.client.describe_execution(executionArn=one["executionArn"]) for one in listed["executions"]]
    own = [one for one in described if json.loads(one["input"])["pulse"] == pulse.id]
    return sorted(own, key=lambda one: one["startDate"])


def test_a_minute_limit_is_waited_out_by_the_machine(world: World) -> None:
    """XR-1"""
    world.xero.limits.per_minute = 0
    pulse = world.pulse()

    arn, slot = world.start(pulse)
    eventually(lambda: world.waits(arn), 30)
    waiting = world.seen(arn, pulse, slot)
    world.xero.limits.per_minute = 60
    run = world.ended(arn, pulse, slot)

    assert (waiting.status, waiting.row["state"]) == ("RUNNING", "running")
    assert (run.row["state"], run.row["attempt"]) == ("sent", 1)
    assert len(world.posted(pulse)) == 1


def test_a_day_limit_defers_the_run_and_it_goes_on_by_itself_when_the_day_is_over(world: World) -> None:
    """XR-1, RL-1: the resumed run is a second execution of the same slot"""
    world.xero.limits.per_day = 0
    pulse = world.pulse()

    first = world.run(pulse, slot := text_of(world.runtime.clock.now()))

    assert (first.row["state"], first.row["reason"]) == ("deferred", "xero.limit.day")
    assert 0 < first.row["seconds"] <= 24 * HOUR
    assert (world.posted(pulse), world.mailed(pulse)) == ([], [])

    world.xero.limits.per_day = 1_000
    world.runtime.scheduler.advance(first.row["seconds"] + 120)
    [_, resumed] = executions(world, pulse)
    second = world.ended(resumed["executionArn"], pulse, slot)

    assert json.loads(resumed["input"]) == {"workspace": WORKSPACE, "pulse": pulse.id, "slot": slot, "resume": True}
    assert (second.row["state"], second.row["attempt"]) == ("sent", 2)
    assert len(world.posted(pulse)) == 1
    assert world.mailed(pulse) == world.readers(pulse)


def test_what_went_wrong_is_told_to_the_owner_once_and_once_more_when_it_is_mended(world: World) -> None:
    """Design 9: a failure tells the owner by email, never the audience"""
    pulse = world.pulse()
    channel = world.slack.channels[world.channel(pulse)]

    def told() -> int:
        return sum(world.system.settings.owner_email in letter.to for letter in world.runtime.mail())

    before, channel.archived = told(), True
    world.run(pulse, slot := "2026-11-25T07:00:00Z")
    world.run(pulse, slot, resume=True)
    assert told() == before + 1

    channel.archived = False
    world.run(pulse, slot, resume=True)
    assert told() == before + 2
    assert world.mailed(pulse) == world.readers(pulse)


def test_a_chart_that_cannot_be_drawn_is_never_delivered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """RL-5"""
    real, render = world.runtime.workers.invoke, world.function("render")

    def invoke(function: str, payload: bytes) -> tuple[bytes, bool]:
        if function == render:
            return json.dumps({"errorType": "ArtefactMissing", "errorMessage": "gone"}).encode(), True
        return real(function, payload)

    monkeypatch.setattr(world.runtime.workers, "invoke", invoke)
    pulse = world.pulse()

    run = world.run(pulse)

    assert (run.status, run.row["state"], run.row["reason"]) == ("FAILED", "failed", "ArtefactMissing")
    assert (world.posted(pulse), world.mailed(pulse)) == ([], [])


def test_books_without_entries_are_told_as_no_activity_and_without_a_chart(world: World) -> None:
    """RL-5"""
    pulse = world.pulse(connection=world.empty)
    before = len(world.runtime.mail())

    run = world.run(pulse)

    assert run.row["state"] == "sent"
    [message] = world.posted(pulse)
    assert "no activity" in json.dumps(message.blocks).lower()
    assert not any(block["type"] == "image" for block in message.blocks)
    letters = [letter for letter in world.runtime.mail()[before:] if set(letter.to) & set(world.readers(pulse))]
    assert len(letters) == 2
    for letter in letters:
        assert "no activity" in letter.raw.lower()
        assert "image/png" not in letter.raw


def test_a_schedule_starts_each_day_once_with_the_planned_time_as_slot(world: World) -> None:
    """RL-4, RL-1: a week of our clock, nine o'clock in London, which is UTC in winter"""
    nine = {"every": "weekday", "at": "09:00", "timezone": "Europe/London"}
    pulse = world.system.pulses.change(world.pulse().id, schedule=nine)
    now = world.runtime.clock.now()
    days = [(now + timedelta(days=days)).replace(hour=9, minute=0, second=0) for days in range(8)]
    planned = [text_of(day) for day in days if day.isoweekday() < 6 and now <= day < now + timedelta(days=7)]

    with passes.without(world.runtime, "Daily", "Streams"):
        world.runtime.scheduler.advance(timedelta(days=7).total_seconds())
    world.system.pulses.pause(pulse.id)

    started = executions(world, pulse)
    slots = [json.loads(one["input"])["slot"] for one in started]
    runs = [world.ended(one["executionArn"], pulse, slot) for one, slot in zip(started, slots, strict=True)]
    assert len(slots) == 5
    assert slots == planned
    assert {run.row["state"] for run in runs} == {"sent"}
    assert len(world.posted(pulse)) == 5
