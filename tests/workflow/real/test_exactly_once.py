"""Exactly once on the deployed machine: started twice, resumed, killed at the worst moments (RL-1, RL-3, DL-2)."""

from __future__ import annotations

import os
import signal
from typing import Any

from local.slack.faults import Fault
from tests.workflow.conftest import eventually
from tests.workflow.real.conftest import World

HELD_SECONDS = 3.0
"""How long Slack keeps an answer back while the worker that waits for it is killed; in no test is it waited out."""


def statuses(row: dict[str, Any]) -> dict[str, str]:
    return {one["destination"]: one["status"] for one in row["deliveries"]}


def test_a_run_reaches_its_channel_and_each_address_once(world: World) -> None:
    pulse = world.pulse()

    run = world.run(pulse)

    assert (run.status, run.row["state"], run.output["status"]) == ("SUCCEEDED", "sent", "sent")
    [message] = world.posted(pulse)
    assert any(block["type"] == "image" for block in message.blocks)
    assert world.mailed(pulse) == world.readers(pulse)


def test_a_slot_that_is_started_twice_delivers_once(world: World) -> None:
    """RL-1"""
    pulse = world.pulse()

    first, slot = world.start(pulse)
    second, _ = world.start(pulse, slot)
    ended = [world.ended(arn, pulse, slot) for arn in (first, second)]

    assert sorted(one.output["status"] for one in ended) == ["duplicate", "sent"]
    assert len(world.posted(pulse)) == 1
    assert world.mailed(pulse) == world.readers(pulse)


def test_a_slot_that_is_started_again_later_delivers_nothing_more(world: World) -> None:
    """RL-1: also with `resume`, since there is nothing left to be resumed"""
    pulse = world.pulse()
    slot = "2026-11-25T08:00:00Z"
    world.run(pulse, slot)

    again = [world.run(pulse, slot), world.run(pulse, slot, resume=True)]

    assert [one.output["status"] for one in again] == ["duplicate", "duplicate"]
    assert len(world.posted(pulse)) == 1
    assert world.mailed(pulse) == world.readers(pulse)


def test_one_dead_destination_stops_no_other_and_a_resumed_run_sends_only_the_rest(world: World) -> None:
    """RL-3, RL-1"""
    pulse = world.pulse()
    channel = world.slack.channels[world.channel(pulse)]
    channel.archived = True

    first = world.run(pulse, slot := "2026-11-25T08:30:00Z")

    assert (first.row["state"], statuses(first.row)) == ("partly_sent", {"slack": "failed", "email": "sent"})
    assert first.row["reason"] == "slack.is_archived"
    assert (world.posted(pulse), world.mailed(pulse)) == ([], world.readers(pulse))

    channel.archived = False
    second = world.run(pulse, slot, resume=True)

    assert (second.row["state"], second.row["attempt"]) == ("sent", 2)
    assert len(world.posted(pulse)) == 1
    assert len(world.replies(pulse)) == 2
    assert world.mailed(pulse) == world.readers(pulse)


def test_a_worker_killed_before_it_sent_loses_nothing(world: World) -> None:
    """RL-1, DL-2: killed by SIGKILL when its request has left and Slack has done nothing yet"""
    pulse = world.pulse()
    kept_back = Fault("chat.postMessage", "drop", delay=HELD_SECONDS)
    world.slack.faults.add(kept_back)

    arn, slot = world.start(pulse)
    eventually(lambda: kept_back.times == 0, 30)
    kill(world, "deliver")
    run = world.ended(arn, pulse, slot)

    assert (run.row["state"], statuses(run.row)) == ("sent", {"slack": "sent", "email": "sent"})
    assert len(world.posted(pulse)) == 1
    assert world.mailed(pulse) == world.readers(pulse)


def test_a_worker_killed_after_it_sent_sends_nothing_twice(world: World) -> None:
    """RL-1, DL-2: killed by SIGKILL when the message stands in the channel and its answer is on the way"""
    pulse = world.pulse()
    world.slack.faults.add(Fault("chat.postMessage", "slow", delay=HELD_SECONDS))

    arn, slot = world.start(pulse)
    eventually(lambda: world.posted(pulse), 30)
    kill(world, "deliver")
    run = world.ended(arn, pulse, slot)

    assert (run.row["state"], statuses(run.row)) == ("sent", {"slack": "sent", "email": "sent"})
    assert len(world.posted(pulse)) == 1
    assert len(world.replies(pulse)) == 2
    assert world.mailed(pulse) == world.readers(pulse)


def kill(world: World, name: str) -> None:
    """Every worker of a function, by SIGKILL: whatever it is at."""
    killed = world.runtime.workers.processes(world.function(name))
    assert killed
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
