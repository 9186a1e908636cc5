"""What a schedule calls: a state machine, a function, a queue, or any API action (a "universal target").

Also the keywords that EventBridge Scheduler fills into the payload (User Guide, "Adding context attributes").
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_UNIVERSAL = "arn:aws:scheduler:::aws-sdk:"
_SERVICES = {"sfn": "stepfunctions"}


@dataclass(frozen=True)
class Call:
    """One attempt to call a schedule's target. `scheduled` is the planned instant as text, the same each time."""

    schedule_arn: str
    target: dict[str, Any]
    scheduled: str
    attempt: int = 1
    execution_id: str = field(default_factory=lambda: uuid.uuid4().hex[:16])

    @property
    def payload(self) -> str:
        text = str(self.target.get("Input") or "{}")
        values = {
            "schedule-arn": self.schedule_arn,
            "scheduled-time": self.scheduled,
            "execution-id": self.execution_id,
            "attempt-number": str(self.attempt),
        }
        for name, value in values.items():
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return text

    @property
    def name(self) -> str:
        """A name for the execution it starts, by which people find it: schedule, slot, attempt."""
        slot = re.sub(r"[^0-9A-Za-z-]", "", self.scheduled)
        return f"{self.schedule_arn.rpartition('/')[2][:32]}_{slot[:28]}_{self.execution_id}"


class Targets:
    """Calls targets through the given clients; whatever a client raises is for the caller."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._client = client

    def deliver(self, call: Call) -> str | None:
        """Calls the target once. The execution's ARN where it is a state machine."""
        arn = call.target["Arn"]
        if arn.startswith(_UNIVERSAL):
            self._universal(arn, call)
        elif ":states:" in arn:
            started = self._client("stepfunctions").start_execution(
                stateMachineArn=arn, name=call.name, input=call.payload
            )
            return str(started["executionArn"])
        elif ":lambda:" in arn:
            self._client("lambda").invoke(FunctionName=arn, InvocationType="Event", Payload=call.payload.encode())
        elif ":sqs:" in arn:
            self._send(arn, MessageBody=call.payload)
        else:
            raise ValueError(f"a schedule's target {arn} is not known here")
        return None

    def bury(self, call: Call, queue_arn: str, error: Exception, exhausted: str) -> None:
        """The dead-letter event, with the attributes that the User Guide shows."""
        code = getattr(error, "response", {}).get("Error", {}).get("Code", type(error).__name__)
        attributes = {
            "ERROR_CODE": code,
            "ERROR_MESSAGE": str(error),
            "EXECUTION_ID": call.execution_id,
            "EXHAUSTED_RETRY_CONDITION": exhausted,
            "IS_PAYLOAD_TRUNCATED": "false",
            "RETRY_ATTEMPTS": str(call.attempt - 1),
            "SCHEDULED_TIME": call.scheduled,
            "SCHEDULE_ARN": call.schedule_arn,
            "TARGET_ARN": call.target["Arn"],
        }
        typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        self._send(queue_arn, MessageBody=call.payload, MessageAttributes=typed)

    def _universal(self, arn: str, call: Call) -> None:
        service, _, action = arn.removeprefix(_UNIVERSAL).partition(":")
        client = self._client(_SERVICES.get(service, service))
        operation = action[0].upper() + action[1:]
        members = client.meta.service_model.operation_model(operation).input_shape.members
        # A universal target's members begin with a capital, those of some services (Step Functions) do not.
        spelling = {name.lower(): name for name in members}
        given = {spelling[name.lower()]: value for name, value in json.loads(call.payload).items()}
        getattr(client, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())(**given)

    def _send(self, queue_arn: str, **message: Any) -> None:
        sqs = self._client("sqs")
        url = sqs.get_queue_url(QueueName=queue_arn.rpartition(":")[2])["QueueUrl"]
        sqs.send_message(QueueUrl=url, **message)
