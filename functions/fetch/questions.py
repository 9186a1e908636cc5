"""What Fetch asks Xero, as data: a question is a path with parameters, and how long its answer holds (metrics.md 3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

from ledgercast.xero.reports import walk

ABOUT_TODAY: Final = timedelta(minutes=10)
SETTLED: Final = timedelta(hours=24)
ALWAYS: Final = datetime.min.replace(tzinfo=UTC)


def _whole(body: Any) -> Any:
    return body


@dataclass(frozen=True)
class Question:
    """`settled_at` is the instant from which an answer is about something that has ended: closed months, or always for
    the organisation and its accounts. An answer fetched earlier, and every answer about today, is soon stale.

    `keep` takes what is needed from the answer before it is stored, and refuses an unknown shape.
    """

    path: str
    params: dict[str, str] = field(default_factory=dict)
    settled_at: datetime | None = None
    keep: Callable[[Any], Any] = _whole

    @property
    def report(self) -> str:
        """The name that facts give as the source: `ProfitAndLoss`, `Invoices`."""
        return self.path.rpartition("/")[2]

    @property
    def key(self) -> str:
        """A name for (report, parameters) that any process computes alike."""
        return sha256(json.dumps([self.path, sorted(self.params.items())]).encode()).hexdigest()

    def holds(self, fetched_at: datetime) -> timedelta:
        """How long an answer of that instant may be used."""
        return SETTLED if self.settled_at is not None and fetched_at >= self.settled_at else ABOUT_TODAY


def report(name: str, ends: date, zone: ZoneInfo, **params: str) -> Question:
    """A report about a span whose last day is `ends`: once that day is over in the organisation, it is settled."""
    midnight = datetime.combine(ends + timedelta(days=1), datetime.min.time(), zone)
    return Question(f"Reports/{name}", params, midnight.astimezone(UTC), _report)


def _report(body: Any) -> Any:
    walk(body)
    return {"Reports": body["Reports"]}
