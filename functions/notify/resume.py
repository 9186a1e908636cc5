"""A deferred run goes on by a schedule of its own: once, at the time that Xero named, and then it is deleted.

It starts the machine for the same slot with `resume`; the claim lets a deferred run be taken over, so what was sent is
not sent again.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ledgercast.clock import Clock
from ledgercast.domain.runs import MOST_ATTEMPTS
from ledgercast.store.table import Item

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

OLDEST_START_SECONDS = 3600
START_ATTEMPTS = 10


@dataclass(frozen=True)
class Resumes:
    """`group` by name; `role` (which Scheduler assumes) and `dead_letters` by ARN."""

    client: EventBridgeSchedulerClient
    group: str
    role: str
    dead_letters: str
    now: Clock

    def plan(self, event: dict[str, Any], row: Item) -> datetime | None:
        """When the run of that row goes on; None where it does not by itself. Asked again, it plans the same once."""
        if row["attempt"] >= MOST_ATTEMPTS:
            return None
        at = self._at(row)
        given = {name: event[name] for name in ("workspace", "pulse", "slot")}
        # There is one already where an earlier try of this very step made it.
        with suppress(self.client.exceptions.ConflictException):
            self.client.create_schedule(
                Name=_name(event, row),
                GroupName=self.group,
                ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={
                    "Arn": event["machine"],
                    "RoleArn": self.role,
                    "Input": json.dumps({**given, "resume": True}),
                    "RetryPolicy": {
                        "MaximumEventAgeInSeconds": OLDEST_START_SECONDS,
                        "MaximumRetryAttempts": START_ATTEMPTS,
                    },
                    "DeadLetterConfig": {"Arn": self.dead_letters},
                },
            )
        return at

    def _at(self, row: Item) -> datetime:
        """On the next whole minute, which is as exact as Scheduler is; never in the past."""
        due = datetime.fromisoformat(row["finished_at"]) + timedelta(seconds=row["seconds"] or 0)
        later = max(due, self.now() + timedelta(minutes=1)).astimezone(UTC)
        whole = later.replace(second=0, microsecond=0)
        return whole if whole == later else whole + timedelta(minutes=1)


def _name(event: dict[str, Any], row: Item) -> str:
    """One for each time the run was put off. Names take letters, digits, `-`, `_` and `.`, 64 at most."""
    run = hashlib.sha256(f"{event['workspace']}/{event['pulse']}/{event['slot']}".encode()).hexdigest()[:32]
    return f"resume-{run}-{row['attempt']}"
