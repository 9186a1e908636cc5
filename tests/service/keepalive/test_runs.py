"""Runs that never came to their end, and slots that never began (design 9)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ledgercast.store.ledger import Ledger, Place
from tests.service.conftest import REGION
from tests.service.keepalive.world import SLOT, House

RUNNING = {"workspace": "main", "pulse": "p1", "slot": SLOT}


@pytest.fixture
def execution(home: House) -> str:
    """A real execution of a machine, still running, whose run's row says so too."""
    states: Any = home.session.client("stepfunctions", REGION)
    wait = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
    made = states.create_state_machine(
        name="m", definition=json.dumps(wait), roleArn="arn:aws:iam::123456789012:role/states"
    )
    arn = states.start_execution(stateMachineArn=made["stateMachineArn"], name="e1", input="{}")["executionArn"]
    home.pulse(home.connect()[0])
    home.run("running", execution=arn)
    return str(arn)


def row(home: House, slot: str = SLOT) -> dict[str, Any]:
    return home.store.run("main", "p1", slot) or {}


def stop(home: House, execution: str) -> None:
    home.session.client("stepfunctions", REGION).stop_execution(executionArn=execution)


def test_a_run_that_still_runs_is_left_alone(home: House, execution: str) -> None:
    assert home.daily()["runs"] == 0
    assert row(home)["state"] == "running"


def test_a_run_whose_execution_was_stopped_is_recorded_as_failed_and_told(home: House, execution: str) -> None:
    stop(home, execution)
    assert home.daily()["runs"] == 1
    assert home.daily()["runs"] == 0
    assert (row(home)["state"], row(home)["reason"]) == ("failed", "internal")
    assert (row(home)["gsi1pk"], row(home)["gsi1sk"]) == ("RUNS#main", row(home)["started_at"])
    assert home.subjects() == ["Revenue (Monthly) of Harbour Coffee was not sent"]


def test_one_that_was_cut_off_while_sending_says_so(home: House, execution: str) -> None:
    ledger = Ledger(home.ledger)
    ledger.attempt(Place("main", "p1", SLOT, "slack", "message"), 1, home.clock(), target="t", content="c")
    stop(home, execution)
    home.daily()
    assert row(home)["reason"] == "deliver.stopped"
    assert "What was sent stays sent" in home.texts()[0]


def test_an_execution_of_which_nothing_is_known_any_more_has_ended(home: House, execution: str) -> None:
    home.run("running", execution=f"{execution}-long-ago")
    assert home.daily()["runs"] == 1


def test_a_run_that_was_taken_over_meanwhile_is_not_touched(home: House, execution: str) -> None:
    """The index is a moment old; the row itself decides."""
    stop(home, execution)
    [seen] = home.runs.running()
    home.run("running", execution="arn:the-next")
    assert not home.runs.fail(seen, "internal", home.clock())
    assert row(home)["execution"] == "arn:the-next"


def miss(home: House, body: Any, **attributes: str) -> None:
    """What Scheduler puts into the dead-letter queue."""
    typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    text = body if isinstance(body, str) else json.dumps(body)
    queue = home.session.client("sqs").get_queue_url(QueueName="dead-letters")["QueueUrl"]
    home.session.client("sqs").send_message(QueueUrl=queue, MessageBody=text, MessageAttributes=typed)


def left(home: House) -> int:
    queue = home.session.client("sqs").get_queue_url(QueueName="dead-letters")["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = home.session.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(one) for one in found.values())


def test_a_slot_that_could_not_be_started_is_recorded_as_skipped_and_told(home: House) -> None:
    home.pulse(home.connect()[0])
    miss(home, {**RUNNING, "resume": False}, SCHEDULED_TIME=SLOT)
    miss(home, {**RUNNING, "slot": "<aws.scheduler.scheduled-time>"}, SCHEDULED_TIME="2026-11-25T08:00:00Z")
    assert home.daily()["slots"] == 2
    for slot in (SLOT, "2026-11-25T08:00:00Z"):
        assert (row(home, slot)["state"], row(home, slot)["reason"]) == ("skipped", "schedule.missed")
    assert left(home) == 0
    assert home.subjects() == ["Revenue (Monthly) of Harbour Coffee was left out"]


def test_a_slot_that_was_run_by_hand_meanwhile_stays_as_it_is(home: House) -> None:
    home.pulse(home.connect()[0])
    home.run("sent")
    miss(home, {**RUNNING, "resume": False})
    assert home.daily()["slots"] == 0
    assert row(home)["state"] == "sent"
    assert (left(home), home.letters()) == (0, [])


@pytest.mark.parametrize("body", ["no json", "[]", "{}", '{"workspace": "another", "pulse": "p1", "slot": "s"}'])
def test_a_message_that_is_not_ours_is_left_for_the_operator(home: House, body: str) -> None:
    miss(home, body)
    assert home.daily()["slots"] == 0
    assert left(home) == 1
