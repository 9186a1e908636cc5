"""Deliveries that were put aside, told again: whole, once each, safe to break off and to repeat (WH-7)."""

from __future__ import annotations

from typing import Any

import pytest

from ledgercast.domain.streams import DELIVERY, REASON, RECEIVED
from ledgercast.ops.replay import Replay
from tests.service.ops.world import World

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Replay.__init__, "__defaults__", (0,))


class Queues:
    def __init__(self, world: World) -> None:
        self.sqs: Any = world.aws.client("sqs")
        self.to, self.dead = (self.sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in ("events", "events-dead"))

    def put_aside(self, body: str, **attributes: str) -> None:
        told = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        self.sqs.send_message(QueueUrl=self.dead, MessageBody=body, MessageAttributes=told)

    def waiting(self) -> dict[str, dict[str, str]]:
        """Body → attributes of everything that is queued to be told."""
        found: dict[str, dict[str, str]] = {}
        while messages := self.sqs.receive_message(
            QueueUrl=self.to, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            for one in messages:
                given = one.get("MessageAttributes", {})
                found[one["Body"]] = {name: value["StringValue"] for name, value in given.items()}
        return found

    def left(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.sqs.get_queue_attributes(QueueUrl=self.dead, AttributeNames=names)["Attributes"]
        return sum(map(int, told.values()))


@pytest.fixture
def queues(world: World) -> Queues:
    return Queues(world)


def test_everything_is_queued_again_as_it_was_and_the_reasons_are_told(
    world: World, queues: Queues, capsys: Captured
) -> None:
    for number in range(23):
        queues.put_aside(
            f"archived {number}", **{RECEIVED: "1.000", DELIVERY: f"d-{number}", REASON: "slack.is_archived"}
        )
    queues.put_aside("poison", **{RECEIVED: "2.000"})

    assert world.run("replay") == 0

    shown = capsys.readouterr().out
    assert "23  " in shown and "archived" in shown and "not said" in shown
    queued = queues.waiting()
    assert len(queued) == 24 and queues.left() == 0
    assert queued["archived 7"] == {RECEIVED: "1.000", DELIVERY: "d-7"}
    assert queued["poison"] == {RECEIVED: "2.000"}
    assert world.acts() == ["stream.replayed operator admin 24 ok"]


def test_a_look_changes_nothing(world: World, queues: Queues, capsys: Captured) -> None:
    queues.put_aside("one", **{REASON: "slack.is_archived"})

    assert world.run("replay", "--look") == 0
    assert world.run("replay", "--look") == 0

    assert capsys.readouterr().out.count("1           ") == 2
    assert queues.left() == 1 and queues.waiting() == {} and world.acts() == []


def test_with_nothing_put_aside_there_is_nothing_to_do(world: World, queues: Queues, capsys: Captured) -> None:
    assert world.run("replay") == 0
    assert capsys.readouterr().out == "Nothing is put aside.\n"
    assert world.acts() == []


def test_broken_off_nothing_is_lost_and_a_repetition_brings_the_rest(
    world: World, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off between the two calls, a delivery lies in both queues: it may come twice, never not at all."""
    for number in range(3):
        queues.put_aside(f"{number}")
    real = Replay._again

    def again(self: Replay, message: dict[str, Any]) -> None:
        if message["Body"] == "1":
            self._sqs.send_message(QueueUrl=self._to, MessageBody="1")
            raise KeyboardInterrupt
        real(self, message)

    monkeypatch.setattr(Replay, "_again", again)
    assert world.run("replay") == 130
    assert set(queues.waiting()) | {"2"} == {"0", "1", "2"} and queues.left() == 2


def test_what_is_put_aside_again_at_once_does_not_go_round(
    world: World, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    queues.put_aside("stubborn")
    real = Replay._again

    def again(self: Replay, message: dict[str, Any]) -> None:
        real(self, message)
        queues.put_aside("stubborn")

    monkeypatch.setattr(Replay, "_again", again)

    assert world.run("replay") == 0

    assert queues.left() == 1
