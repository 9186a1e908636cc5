"""The helpers under `/_local/` (contracts.md 6): reading what the runtime did, moving its clock, firing a pulse."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledgercast.store.state import StateStore
from local.aws import views
from local.aws.clock import LocalClock
from local.aws.hooks import Outbox
from local.aws.scheduler import Scheduler, text_of
from local.aws.targets import Call, Targets

Answer = tuple[int, Any]


@dataclass(frozen=True)
class Helpers:
    """`machine` runs pulses; it and `state` are absent in a template that has none."""

    clock: LocalClock
    scheduler: Scheduler
    targets: Targets
    outbox: Outbox
    stepfunctions: Any
    sqs: Any
    machines: list[str]
    machine: str | None
    state: StateStore | None

    def mail(self, query: Mapping[str, str], _body: Any) -> Answer:
        since = _instant(query["since"]) if query.get("since") else None
        return 200, views.mail(self.outbox.letters(), query.get("to", ""), since)

    def executions(self, _query: Mapping[str, str], _body: Any) -> Answer:
        return 200, views.executions(self.stepfunctions, self.machines, self.state)

    def queues(self, _query: Mapping[str, str], _body: Any) -> Answer:
        return 200, views.queues(self.sqs)

    def pulses(self, _query: Mapping[str, str], _body: Any) -> Answer:
        return 200, views.pulses(self.state, self.scheduler.upcoming()) if self.state else []

    def advance(self, _query: Mapping[str, str], body: Any) -> Answer:
        seconds = float(body["advance_s"])
        if not 0 <= seconds < 10**9:
            raise ValueError("advance_s is a number of seconds, 0 or more: our clock never goes back")
        return 200, {"now": views.instant(self.scheduler.advance(seconds))}

    def fire(self, _query: Mapping[str, str], body: Any) -> Answer:
        """Starts a pulse as its schedule would. The same slot twice is two executions, of which one delivers."""
        pulse = str(body["pulse"])
        found = self.state.pulse(views.WORKSPACE, pulse) if self.state and self.machine else None
        if found is None or found.state == "deleted":
            return 404, {"error": {"code": "not_found", "message": f"there is no pulse {pulse}"}}
        slot = str(body.get("slot") or text_of(self.clock.now()))
        return 202, {"execution": self.start(pulse, slot), "slot": slot}

    def start(self, pulse: str, slot: str, *, resume: bool = False) -> str:
        """One execution for a slot, through the same code as the scheduler's. Its ARN."""
        payload = {"workspace": views.WORKSPACE, "pulse": pulse, "slot": "<aws.scheduler.scheduled-time>"}
        target = {"Arn": self.machine, "Input": json.dumps({**payload, "resume": resume})}
        return str(self.targets.deliver(Call(f"local/{pulse}", target, slot)))


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace(" ", "+"))
    if moment.tzinfo is None:
        raise ValueError(f"since must say its offset from UTC, as 2026-11-25T09:00:00Z; it is {text!r}")
    return moment
