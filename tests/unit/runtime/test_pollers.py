"""One batch from queue to function and back: what is deleted, what is left for another try."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.aws.pollers import Poller
from local.aws.resources.kinds import SourceMapping


class Queue:
    """A queue that hands its messages out once, and remembers which were deleted."""

    def __init__(self, *bodies: str) -> None:
        self.waiting = [
            {"MessageId": f"id-{body}", "ReceiptHandle": f"handle-{body}", "Body": body, "MD5OfBody": "md5"}
            for body in bodies
        ]
        self.deleted: list[str] = []

    def get_queue_url(self, QueueName: str) -> dict[str, str]:  # noqa: N803 - boto3's
        return {"QueueUrl": f"http://q/{QueueName}"}

    def receive_message(self, MaxNumberOfMessages: int, **_given: Any) -> dict[str, Any]:  # noqa: N803 - boto3's
        found, self.waiting = self.waiting[:MaxNumberOfMessages], self.waiting[MaxNumberOfMessages:]
        return {"Messages": found} if found else {}

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803 - boto3's
        self.deleted.append(ReceiptHandle.removeprefix("handle-"))


def run(
    queue: Queue, answer: Any, *, failed: bool = False, partial: bool = True, batch: int = 10, window: float = 0
) -> list[dict[str, Any]]:
    """Polls once with a function that answers so; the events it got."""
    events = []

    def invoke(name: str, payload: bytes) -> tuple[bytes, bool]:
        assert name == "stream"
        events.append(json.loads(payload))
        return json.dumps(answer).encode(), failed

    mapping = SourceMapping("arn:aws:sqs:eu-west-1:1:events", "stream", batch, window, partial)
    poller = Poller(mapping, queue, invoke)
    poller.process(poller.gather())
    return events


def test_a_batch_is_lambdas_event_and_is_deleted_when_finished() -> None:
    queue = Queue("a", "b", "c")

    [event] = run(queue, {"batchItemFailures": []}, batch=2)

    assert [record["body"] for record in event["Records"]] == ["a", "b"]
    assert event["Records"][0]["eventSourceARN"] == "arn:aws:sqs:eu-west-1:1:events"
    assert event["Records"][0]["awsRegion"] == "eu-west-1"
    assert queue.deleted == ["a", "b"]
    assert [message["Body"] for message in queue.waiting] == ["c"]


@pytest.mark.parametrize(("window", "gathered"), [(0, 10), (30, 25)])
def test_a_batch_above_ten_fills_up_within_its_window(window: float, gathered: int) -> None:
    queue = Queue(*(f"{number:02}" for number in range(25)))

    [event] = run(queue, None, batch=25, window=window)

    assert len(event["Records"]) == gathered


def test_reported_failures_are_left_in_the_queue() -> None:
    queue = Queue("a", "b", "c")

    run(queue, {"batchItemFailures": [{"itemIdentifier": "id-b"}]})

    assert queue.deleted == ["a", "c"]


def test_a_function_that_fails_leaves_everything() -> None:
    queue = Queue("a", "b")

    run(queue, {"errorType": "Boom"}, failed=True)

    assert queue.deleted == []


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": None}, "done"])
def test_without_a_report_an_answer_of_any_kind_is_success(answer: Any) -> None:
    queue = Queue("a", "b")

    run(queue, answer, partial=False)

    assert queue.deleted == ["a", "b"]


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": "id-of-nobody"}]},
        {"batchItemFailures": [{"wrong": "id-a"}]},
        {"batchItemFailures": "id-a"},
        "done",
    ],
)
def test_a_report_that_is_not_understood_means_that_all_failed(answer: Any) -> None:
    queue = Queue("a", "b")

    run(queue, answer)

    assert queue.deleted == []


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": None}, {"batchItemFailures": []}])
def test_an_empty_report_means_that_all_succeeded(answer: Any) -> None:
    queue = Queue("a", "b")

    run(queue, answer)

    assert queue.deleted == ["a", "b"]
