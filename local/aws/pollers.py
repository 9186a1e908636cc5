"""Feeds functions from queues, as Lambda's event source mapping does: in batches, with partial failures.

What a function does not finish is left in the queue; its visibility timeout brings it back, and the queue's own
redrive policy moves it to the dead-letter queue.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from local.aws.resources.kinds import SourceMapping
from local.background import Background

log = logging.getLogger(__name__)
Invoke = Callable[[str, bytes], tuple[bytes, bool]]


class Poller(Background):
    """One queue and one function. At `stop` the queue must still be there."""

    def __init__(self, mapping: SourceMapping, sqs: Any, invoke: Invoke) -> None:
        self._mapping, self._sqs, self._invoke = mapping, sqs, invoke
        self._url = sqs.get_queue_url(QueueName=mapping.queue_arn.rpartition(":")[2])["QueueUrl"]
        super().__init__(f"poll-{mapping.function}", 0.1, self._poll)

    def _poll(self) -> None:
        if messages := self.gather():
            self.process(messages)

    def gather(self) -> list[dict[str, Any]]:
        """Up to a batch of messages; waits for the batching window once the first has come."""
        messages: list[dict[str, Any]] = []
        until = 0.0
        while len(messages) < self._mapping.batch_size:
            found = self._receive(self._mapping.batch_size - len(messages))
            if found and not messages:
                until = time.monotonic() + self._mapping.window_seconds
            messages += found
            if time.monotonic() >= until or self.stopping.wait(0.1):
                break
        return messages

    def process(self, messages: list[dict[str, Any]]) -> None:
        """Hands one batch to the function, and deletes what it finished."""
        event = {"Records": [self._record(message) for message in messages]}
        answer, failed = self._invoke(self._mapping.function, json.dumps(event).encode())
        if failed:
            return
        unfinished = self._unfinished(answer, {message["MessageId"] for message in messages})
        for message in messages:
            if message["MessageId"] not in unfinished:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])

    def _receive(self, wanted: int) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(wanted, 10),
            WaitTimeSeconds=0,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    def _unfinished(self, answer: bytes, batch: set[str]) -> set[str]:
        """Without ReportBatchItemFailures none; an answer that is not understood means all, as on Lambda."""
        if not self._mapping.partial_failures:
            return set()
        try:
            failures = (json.loads(answer or b"null") or {}).get("batchItemFailures") or []
            named = {failure["itemIdentifier"] for failure in failures}
        except (ValueError, AttributeError, KeyError, TypeError):
            return batch
        return named if named <= batch else batch

    def _record(self, message: dict[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {
                name: _attribute(value) for name, value in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._mapping.queue_arn,
            "awsRegion": self._mapping.queue_arn.split(":")[3],
        }


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    return {"dataType": value["DataType"], "stringValue": value.get("StringValue")}
