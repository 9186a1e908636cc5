"""Pulses over AWS in memory, whose every call can be the last one of a process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from ledgercast.domain.pulses import Destination, Pulse
from ledgercast.pulses import Pulses
from ledgercast.store.planner import Planner
from ledgercast.store.pulses import PulseStore
from ledgercast.store.table import Table

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
GROUP = "ledgercast-test"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:ledgercast-test"
ROLE = "arn:aws:iam::123456789012:role/scheduler"
DEAD_LETTERS = "arn:aws:sqs:eu-west-1:123456789012:dead-letters"
WEEKLY = {"every": "week", "days": ["mon"], "at": "09:00", "timezone": "Europe/London"}
WHERE = Destination("d1", "slack", channel="C0FINANCE", install="T1", channel_name="finance")
WRITES = ("put_item", "update_item", "create_schedule", "update_schedule", "delete_schedule")


class Killed(BaseException):
    """The process is no more; nothing catches it."""


@dataclass
class Fuse:
    """Counts the writing calls of a process, and kills it before (or right after) one of them."""

    at: int | None = None
    after: bool = False
    done: list[str] = field(default_factory=list)

    def call(self, name: str, send: Any, **given: Any) -> Any:
        self.done.append(name)
        last = len(self.done) == self.at
        if last and not self.after:
            raise Killed(name)
        try:
            return send(**given)
        finally:
            if last:
                raise Killed(name)


class Refusing(Fuse):
    """Scheduler is too busy for whatever is asked of it."""

    def call(self, name: str, send: Any, **given: Any) -> Any:
        if name.endswith("_schedule"):
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, name)
        return super().call(name, send, **given)


class Wired:
    """A client whose writing calls go through the fuse."""

    def __init__(self, client: Any, fuse: Fuse) -> None:
        self._client, self._fuse = client, fuse

    def __getattr__(self, name: str) -> Any:
        send = getattr(self._client, name)
        return (lambda **given: self._fuse.call(name, send, **given)) if name in WRITES else send


class Place:
    """`pulses` are a process's own; `another` is one that lives on, or dies where its fuse says."""

    def __init__(self, aws: boto3.Session) -> None:
        session: Any = aws
        self.dynamodb, self.scheduler = session.client("dynamodb"), session.client("scheduler")
        self.scheduler.create_schedule_group(Name=GROUP)
        self.now = NOW
        self.pulses = self.another(Fuse())
        self.store = self.pulses.store

    def another(self, fuse: Fuse) -> Pulses:
        table = Table(Wired(self.dynamodb, fuse), "state", lambda: self.now)  # type: ignore[arg-type]
        client: Any = Wired(self.scheduler, fuse)
        planner = Planner(client, group=GROUP, role=ROLE, machine=MACHINE, dead_letters=DEAD_LETTERS)
        return Pulses(PulseStore(table, now=lambda: self.now), planner, lambda: self.now)

    def schedule(self, pulse: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.scheduler.get_schedule(GroupName=GROUP, Name=f"pulse-{pulse}")
        except self.scheduler.exceptions.ResourceNotFoundException:
            return None
        return found

    def expression(self, pulse: str) -> str | None:
        return (self.schedule(pulse) or {}).get("ScheduleExpression")

    def names(self) -> set[str]:
        return {one["Name"] for one in self.scheduler.list_schedules(GroupName=GROUP)["Schedules"]}


@contextmanager
def dies() -> Iterator[None]:
    """The process inside dies where its fuse says; it must."""
    try:
        yield
    except Killed:
        return
    raise AssertionError("the process was to die")


def pulse(pulse_id: str = "p-1", **given: Any) -> Pulse:
    body: dict[str, Any] = {"schedule": WEEKLY, "state": "active", "name": "Weekly revenue", **given}
    return Pulse(pulse_id, "revenue", "c1", (WHERE,), "template", **body)
