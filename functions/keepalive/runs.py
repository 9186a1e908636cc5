"""Runs that never came to their end, slots that never began (design 9), and what runs sent too long ago to be kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ledgercast.clock import Clock
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.keeping import Keeping
from ledgercast.store.artefacts import Unfinished
from ledgercast.store.executions import Executions
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.ledger import Ledger
from ledgercast.store.runs import Running, RunStore
from ledgercast.store.settings import SettingsStore

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

MISSED = "schedule.missed"
STOPPED = "deliver.stopped"
_BATCHES = 50
_HIDDEN_SECONDS = 60


@dataclass(frozen=True)
class StuckRuns:
    runs: RunStore
    executions: Executions
    ledger: Ledger
    incidents: IncidentStore
    now: Clock

    def look_after(self) -> int:
        """Record as failed what claims to run though its execution has ended; how many."""
        return sum(self._closed(run) for run in self.runs.running())

    def _closed(self, run: Running) -> bool:
        state = self.executions.state(run.execution)
        if state == "running":
            return False
        reason = self._reason(run, state)
        if not self.runs.fail(run, reason, self.now()):
            return False
        about = {"pulse": run.pulse, "slot": run.slot, "status": "failed"}
        self.incidents.open("pulse", run.pulse, self.now(), reason=reason, about=about)
        return True

    def _reason(self, run: Running, state: str) -> str:
        if self.ledger.of_slot(WORKSPACE, run.pulse, run.slot):
            return STOPPED  # something was being sent, and may have arrived
        return "States.Timeout" if state == "timed_out" else "internal"


@dataclass(frozen=True)
class MissedSlots:
    """`queue` is the address of the schedules' dead-letter queue."""

    runs: RunStore
    incidents: IncidentStore
    sqs: SQSClient
    queue: str
    now: Clock

    def look_after(self) -> int:
        """Record as skipped the slots that could not be started within their hour; how many."""
        return sum(self._recorded(message) for message in self._messages())

    def _recorded(self, message: MessageTypeDef) -> bool:
        given = _given(message)
        if given is None:
            return False  # not of our making: the alarm's runbook tells the operator to look at it
        skipped = self.runs.skip(given["pulse"], given["slot"], MISSED, self.now())
        if skipped or given["resume"]:
            about = {"pulse": given["pulse"], "slot": given["slot"], "status": "skipped"}
            self.incidents.open("pulse", given["pulse"], self.now(), reason=MISSED, about=about)
        self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return skipped

    def _messages(self) -> Iterator[MessageTypeDef]:
        """Each message once; those left in the queue stay hidden until the round is over."""
        for _ in range(_BATCHES):
            batch = self.sqs.receive_message(
                QueueUrl=self.queue,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["SCHEDULED_TIME"],
                VisibilityTimeout=_HIDDEN_SECONDS,
            ).get("Messages")
            if not batch:
                return
            yield from batch


@dataclass(frozen=True)
class OldRuns:
    """An owner may have chosen how many days charts, texts and numbers are kept; without that the bucket's own
    lifecycle deletes them."""

    settings: SettingsStore
    keeping: Keeping
    now: Clock

    def look_after(self) -> int:
        """Delete what runs sent that began before that; of how many runs."""
        days = self.settings.get().keep_days
        try:
            return self.keeping.forget_before(self.now() - timedelta(days=days)) if days else 0
        except Unfinished:
            return 0


def _given(message: MessageTypeDef) -> dict[str, Any] | None:
    """The machine's input that a schedule could not deliver; its slot, where Scheduler left that to be filled in."""
    try:
        body = json.loads(message["Body"])
        slot = str(body["slot"])
        if slot.startswith("<"):
            slot = message["MessageAttributes"]["SCHEDULED_TIME"]["StringValue"]
        given = {"pulse": str(body["pulse"]), "slot": slot, "resume": body.get("resume") is True}
        ours = body["workspace"] == WORKSPACE
    except (ValueError, KeyError, TypeError):
        return None
    return given if ours else None
