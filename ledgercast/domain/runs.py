"""A run: one firing of a pulse for one slot (design 1), as its row tells it.

The slot is the scheduled time (`2026-11-25T09:00:00Z`), or the key under which a person or a program asked for it.
Instants are ISO texts in UTC, to the millisecond; their order as texts is their order in time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

RunState = Literal["running", "sent", "partly_sent", "skipped", "deferred", "failed"]

RETRIABLE: Final = ("partly_sent", "failed", "deferred")
"""The states that a start with `resume` may take over; the state machine's claim says the same."""

MOST_ATTEMPTS: Final = 5
"""A deferred run that was put off so often is left to a person: later slots have said the same meanwhile."""

UNCHANGED: Final = "pulse.unchanged"
TEST: Final = "test-"
"""What the slot of a test begins with."""

KEPT: Final = timedelta(days=400)
"""How long a run's row is kept; what it sent is kept for the workspace's own time, which is never longer."""

_SCHEDULED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_ID = re.compile(r"([A-Za-z0-9._-]{1,80})~([A-Za-z0-9._:-]{1,64})")


@dataclass(frozen=True)
class Delivery:
    """How one destination ended: `complete` is False where any of its parts did not arrive."""

    destination: str
    status: Literal["sent", "unconfirmed", "failed"]
    complete: bool
    reason: str | None


@dataclass(frozen=True)
class Run:
    """`seconds` is how long a deferred run waits; `xero_calls` are those of every attempt. `connection`, `metric` and
    `name` are its pulse's at that time, "" where it did not come so far. `summary` says what became of an AI summary
    {kind, why, model, prompt_hash, facts_hash}, where one was asked for."""

    pulse: str
    slot: str
    state: RunState
    reason: str | None
    started_at: str
    finished_at: str
    attempt: int
    execution: str = ""
    seconds: int | None = None
    xero_calls: int = 0
    connection: str = ""
    metric: str = ""
    name: str = ""
    facts_hash: str = ""
    deliveries: tuple[Delivery, ...] = ()
    summary: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """What an address calls it."""
        return f"{self.pulse}~{self.slot}"

    @property
    def is_test(self) -> bool:
        return self.slot.startswith(TEST)

    @property
    def took(self) -> timedelta | None:
        """How long its last attempt took; None while it runs."""
        if not self.finished_at:
            return None
        return datetime.fromisoformat(self.finished_at) - datetime.fromisoformat(self.started_at)

    @property
    def goes_on(self) -> datetime | None:
        """When a deferred run is taken up again by itself; None where it is not."""
        if self.state != "deferred" or self.attempt >= MOST_ATTEMPTS or not self.finished_at:
            return None
        return datetime.fromisoformat(self.finished_at) + timedelta(seconds=self.seconds or 0)

    @classmethod
    def from_item(cls, item: dict[str, Any]) -> Run:
        given = {name: item[name] for name in _OPTIONAL if item.get(name) is not None}
        return cls(
            pulse=str(item["pk"]).partition("#PULSE#")[2],
            slot=str(item["sk"]).removeprefix("RUN#"),
            state=item["state"],
            reason=item.get("reason"),
            started_at=item["started_at"],
            finished_at=item.get("finished_at") or "",
            attempt=item.get("attempt") or 0,
            deliveries=tuple(Delivery(**one) for one in item.get("deliveries") or ()),
            **given,
        )


_OPTIONAL = ("execution", "seconds", "xero_calls", "connection", "metric", "name", "facts_hash", "summary")


def run_id(text: str) -> tuple[str, str] | None:
    """The pulse and the slot of an id; None where it is none."""
    found = _ID.fullmatch(text)
    return (found[1], found[2]) if found else None


def is_scheduled(slot: str) -> bool:
    """Whether a schedule named this slot; any other was asked for by somebody."""
    return _SCHEDULED.fullmatch(slot) is not None
