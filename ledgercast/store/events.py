"""The queue of Xero's deliveries, as those know it who put a test event there or look how much of it was given up."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from ledgercast.domain.streams import DELIVERY, RECEIVED, TEST, sample_body

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class EventQueue:
    """`url` is the queue's address."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def put_test(self, tenant: str, kind: str, route: str, now: datetime) -> str:
        """A made-up event that goes the way of Xero's, to one route alone. Its correlation id."""
        delivery = f"test-{uuid.uuid4().hex[:12]}"
        attributes = {RECEIVED: f"{now.timestamp():.3f}", DELIVERY: delivery, TEST: route}
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=sample_body(tenant, kind, now).decode(),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )
        return delivery

    def size(self) -> int:
        """How many messages lie there, about."""
        told = self._client.get_queue_attributes(
            QueueUrl=self._url, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        )["Attributes"]
        return sum(map(int, told.values()))
