"""`admin replay`: deliveries of Xero's that were put aside go through the stream once more (WH-7).

Safe to repeat, and to break off: a delivery is queued again before it is taken from the dead letters, so that it may
come twice and never not at all; what was told of it already is known and not told again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from ledgercast.clock import Clock
from ledgercast.domain.streams import REASON
from ledgercast.messages import reason
from ledgercast.ops.deployment import ACTOR, ORIGIN, Deployment
from ledgercast.ops.terminal import remark, say, table
from ledgercast.store.audit import Audit
from ledgercast.store.events import EventQueue
from ledgercast.store.table import Table

_HIDDEN_SECONDS: Final = 120
_PATIENT_SECONDS: Final = 2
_UNSAID: Final = "not said: it failed again and again; the log of the function stream knows why"


class Replay:
    def __init__(self, deployment: Deployment, now: Clock, patience: int = _PATIENT_SECONDS) -> None:
        """`patience`: seconds that a queue is asked for more before it counts as empty."""
        self._sqs = deployment.client("sqs")
        self._to, self._dead = deployment.output("EventsQueue"), deployment.output("EventsDeadQueue")
        self._audit = Audit(Table(deployment.client("dynamodb"), deployment.output("LedgerTable"), now), now)
        self._patience = patience

    def run(self, *, look: bool) -> None:
        """Queue again what lies there now, or (`look`) only tell what it is; one line for each reason."""
        found: Counter[str] = Counter()
        messages = list(self._messages()) if look else self._messages()
        for message in messages:
            found[_reason(message)] += 1
            self._leave(message) if look else self._again(message)
        if not found:
            say("Nothing is put aside.")
            return
        table(("DELIVERIES", "WHY IT WAS PUT ASIDE"), [(str(n), _words(code)) for code, n in found.most_common()])
        if look:
            remark("Nothing was changed. Without --look they are told again; what was told already is not.")
            return
        self._audit.note("stream.replayed", ACTOR, ORIGIN, str(found.total()))
        remark("They are on their way. What cannot be told yet is put aside again; then mend that and repeat this.")

    def _again(self, message: dict[str, Any]) -> None:
        kept = {name: value for name, value in message.get("MessageAttributes", {}).items() if name != REASON}
        attributes = {
            name: {"DataType": value["DataType"], "StringValue": value["StringValue"]} for name, value in kept.items()
        }
        self._sqs.send_message(QueueUrl=self._to, MessageBody=message["Body"], MessageAttributes=attributes)
        self._sqs.delete_message(QueueUrl=self._dead, ReceiptHandle=message["ReceiptHandle"])

    def _leave(self, message: dict[str, Any]) -> None:
        """Where it is, for whoever comes next."""
        self._sqs.change_message_visibility(
            QueueUrl=self._dead, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )

    def _messages(self) -> Iterator[dict[str, Any]]:
        """Each once, and no more than lie there at the beginning: what fails at once must not go round and round."""
        left = EventQueue(self._sqs, self._dead).size()
        while left > 0:
            answer = self._sqs.receive_message(
                QueueUrl=self._dead,
                MaxNumberOfMessages=min(10, left),
                MessageAttributeNames=["All"],
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=self._patience,
            )
            found = answer.get("Messages", [])
            if not found:
                return
            left -= len(found)
            yield from found


def _reason(message: dict[str, Any]) -> str:
    return str(message.get("MessageAttributes", {}).get(REASON, {}).get("StringValue", ""))


def _words(code: str) -> str:
    return reason(code) if code else _UNSAID
