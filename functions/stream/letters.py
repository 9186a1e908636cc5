"""Queued deliveries, and the two things that can be done with one besides finishing it: put it back, or aside."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ledgercast.domain.streams import DELIVERY, ENCODING, REASON, RECEIVED, TEST, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LONGEST_REASON = 100


@dataclass(frozen=True)
class Letter:
    """One message of the queue. `receives` counts how often it was handed out, this time included."""

    id: str
    receipt: str
    text: str
    attributes: Mapping[str, str]
    receives: int
    sent_at: datetime

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Letter:
        """As Lambda hands a message of SQS on."""
        told = record.get("attributes") or {}
        given = (record.get("messageAttributes") or {}).items()
        return cls(
            id=record["messageId"],
            receipt=record["receiptHandle"],
            text=record["body"],
            attributes={name: str(value["stringValue"]) for name, value in given if value.get("stringValue")},
            receives=int(told.get("ApproximateReceiveCount") or 1),
            sent_at=datetime.fromtimestamp(int(told.get("SentTimestamp") or 0) / 1000, UTC),
        )

    @property
    def body(self) -> bytes:
        """The delivery as Xero sent it. Raises Unreadable."""
        if self.attributes.get(ENCODING) != "base64":
            return self.text.encode("utf-8", "surrogatepass")
        try:
            return base64.b64decode(self.text, validate=True)
        except ValueError:
            raise Unreadable("the message is no base64") from None

    @property
    def received(self) -> datetime:
        """When the webhook took it, by our clock."""
        try:
            return datetime.fromtimestamp(float(self.attributes.get(RECEIVED, "")), UTC)
        except (ValueError, OverflowError, OSError):
            return self.sent_at

    @property
    def delivery(self) -> str:
        return self.attributes.get(DELIVERY, self.id)

    @property
    def test(self) -> str:
        return self.attributes.get(TEST, "")


class Queue:
    """`events` and `dead` are the addresses of the queue and of its dead letters."""

    def __init__(self, client: SQSClient, events: str, dead: str) -> None:
        self._client = client
        self._events = events
        self._dead = dead

    def put_back(self, letter: Letter, seconds: int) -> None:
        """Let it come again in so many seconds, rather than when its time in hiding is over."""
        self._client.change_message_visibility(
            QueueUrl=self._events, ReceiptHandle=letter.receipt, VisibilityTimeout=seconds
        )

    def park(self, letter: Letter, reason: str) -> None:
        """Put it aside with the reason; it may be finished then."""
        attributes = {**letter.attributes, REASON: reason[:LONGEST_REASON]}
        self._client.send_message(
            QueueUrl=self._dead,
            MessageBody=letter.text,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )
