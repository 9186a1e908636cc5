"""Answers that never came, or that cannot be trusted: looked up, resolved, and never sent twice (design 10, DL-2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ledgercast.slack.api import Slack
from local.slack.faults import Fault
from local.slack.server import CHANNEL
from local.slack.workspace import BOT_USER, Message
from tests.service.deliver.world import World

POST = "chat.postMessage"
HISTORY = "conversations.history"

UNKNOWN: list[dict[str, Any]] = [
    {"kind": "drop"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "error", "error": "internal_error"},
    {"kind": "error", "error": "fatal_error"},
    {"kind": "garbage"},
    {"kind": "endless"},
]


def ready(world: World) -> None:
    """Bring the delivery to where its message is about to be posted."""
    assert world.ask()["reason"] == "slack.file_not_processed"
    world.clock.advance(2)


@pytest.mark.parametrize("skip", [0, 1, 2], ids=["message", "summary", "table"])
@pytest.mark.parametrize("fault", UNKNOWN, ids=lambda fault: fault.get("error") or fault["kind"])
def test_a_message_that_stands_in_the_channel_is_found_and_not_sent_again(
    world: World, fault: dict[str, Any], skip: int
) -> None:
    world.slack.faults.add(Fault(POST, after=True, skip=skip, **fault))

    answer = world.finish()

    assert (answer["status"], answer["complete"]) == ("sent", True)
    assert [len(world.posted(part)) for part in ("message", "summary", "table")] == [1, 1, 1]
    assert sum(call.method == POST for call in world.slack.calls) == 3, "no client sent anything twice"


@pytest.mark.parametrize("fault", UNKNOWN, ids=lambda fault: fault.get("error") or fault["kind"])
def test_a_message_that_does_not_stand_there_is_sent_again(world: World, fault: dict[str, Any]) -> None:
    world.slack.faults.add(Fault(POST, **fault))

    assert world.finish()["complete"]

    assert [len(world.posted(part)) for part in ("message", "summary", "table")] == [1, 1, 1]
    assert {"message 1 unknown", "message 1 outcome not_sent", "message 2 outcome sent"} <= set(world.words())


def test_the_look_up_waits_ten_seconds_from_the_missing_answer(world: World) -> None:
    world.slack.faults.add(Fault(POST, "drop", after=True))
    ready(world)

    assert world.ask() == {"outcome": "wait", "seconds": 10, "reason": "deliver.unknown"}
    world.clock.advance(9)
    assert world.ask() == {"outcome": "wait", "seconds": 1, "reason": "deliver.unknown"}
    assert not [call for call in world.slack.calls if call.method == HISTORY]
    world.clock.advance(1)
    assert world.ask()["complete"]


def test_an_attempt_of_a_process_that_died_is_looked_up_and_never_sent_straight_away(world: World) -> None:
    ready(world)
    place = world.job("d-slack").place("message")
    world.have.desk.ledger.attempt(place, 1, world.clock(), target=CHANNEL, content="x")

    answer = world.ask()

    assert answer == {"outcome": "wait", "seconds": 25, "reason": "deliver.unknown"}
    assert world.slack.messages == []
    assert world.finish()["complete"]
    assert len(world.posted("message")) == 1


def test_it_is_sent_again_three_times_at_most(world: World) -> None:
    world.slack.faults.add(Fault(POST, "drop", times=100))

    answer = world.finish()

    assert (answer["status"], answer["reason"]) == ("failed", "slack.not_accepted")
    assert sum(call.method == POST for call in world.slack.calls) == 4
    assert world.slack.messages == []


def test_a_later_run_of_the_slot_may_try_again_after_that(world: World) -> None:
    world.slack.faults.add(Fault(POST, "drop", times=4))
    assert world.finish()["status"] == "failed"

    assert world.finish()["complete"]
    assert len(world.posted("message")) == 1


def test_the_look_up_reads_every_page_back_past_the_attempt(world: World) -> None:
    """Other people write hundreds of messages while ours waits for its look-up."""
    world.slack.faults.add(Fault(POST, "drop", after=True))
    ready(world)
    world.ask()
    for _ in range(450):
        chatter(world)
    world.clock.advance(10)

    assert world.ask()["complete"]
    assert len(world.posted("message")) == 1
    assert sum(call.method == HISTORY for call in world.slack.calls) == 3


def test_a_look_up_whose_pages_end_early_proves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledgercast.slack.api.MOST_PAGES", 2)
    world.slack.faults.add(Fault(POST, "drop"))
    ready(world)
    world.ask()
    for _ in range(450):
        chatter(world)

    answer = world.finish(most=60)

    assert (answer["status"], answer["reason"]) == ("unconfirmed", "deliver.unconfirmed")
    assert sum(call.method == POST for call in world.slack.calls) == 1


def chatter(world: World) -> None:
    now = world.clock()
    world.slack.messages.append(Message(CHANNEL, world.slack.workspace.next_ts(now), "hello", [], None, None, now))


@pytest.mark.parametrize("error", ["missing_scope", "channel_not_found", "token_revoked"])
def test_a_look_up_that_cannot_be_made_leaves_it_unconfirmed_and_unsent(world: World, error: str) -> None:
    world.slack.faults.add(Fault(POST, "drop", after=True), Fault(HISTORY, "error", error=error, times=9))

    answer = world.finish()

    assert (answer["status"], answer["complete"]) == ("unconfirmed", False)
    assert answer["parts"] == {"message": "unconfirmed", "summary": "failed", "table": "failed"}
    assert world.ask()["status"] == "unconfirmed", "and so it stays"
    assert len(world.slack.messages) == 1


@pytest.mark.parametrize("fault", [{"kind": "limited"}, {"kind": "status"}, {"kind": "drop"}])
def test_a_look_up_that_fails_in_passing_is_made_again(world: World, fault: dict[str, Any]) -> None:
    world.slack.faults.add(Fault(POST, "drop", after=True), Fault(HISTORY, times=2, **fault))

    assert world.finish()["complete"]
    assert len(world.posted("message")) == 1


def test_a_look_up_that_goes_on_failing_ends_as_unconfirmed(world: World) -> None:
    world.slack.faults.add(Fault(POST, "drop", after=True), Fault(HISTORY, "status", times=1000))

    assert world.finish(most=60)["status"] == "unconfirmed"


def test_slacks_own_clock_decides_from_when_is_read(world: World) -> None:
    """Our clock may be moved (contracts.md 4) while a Slack that is not ours keeps its own time."""
    their_time = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    world.slack._clock = lambda: their_time
    world.slack.workspace.processing.asks = 1
    world.slack.faults.add(Fault(POST, "drop", after=True))

    assert world.finish()["complete"]
    assert len(world.posted("message")) == 1


def test_a_message_of_somebody_else_with_our_mark_in_its_text_is_not_ours(world: World) -> None:
    world.slack.faults.add(Fault(POST, "drop"))
    ready(world)
    world.ask()
    chatter(world)
    key = world.job("d-slack").place("message").key
    world.slack.messages[-1] = replace(world.slack.messages[-1], text=f"{key} {BOT_USER}")
    world.clock.advance(10)

    assert world.ask()["complete"]
    assert len(world.posted("message")) == 1


def test_an_unreachable_slack_is_known_not_sent_and_asked_again_for_a_while(world: World) -> None:
    ready(world)
    world.slack.stop()

    answer = world.finish()

    assert (answer["status"], answer["reason"]) == ("failed", "slack.unreachable")


def test_a_connection_that_fails_at_the_post_is_known_not_sent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(world)
    post = Slack.post

    def unplugged(slack: Slack, *given: Any) -> str:
        world.slack.stop()
        return post(slack, *given)

    monkeypatch.setattr(Slack, "post", unplugged)

    assert world.ask() == {"outcome": "wait", "seconds": 5, "reason": "slack.unreachable"}
    assert "message 1 outcome not_sent" in world.words()
