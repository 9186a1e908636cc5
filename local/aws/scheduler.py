"""Fires the schedules that moto only keeps, by our clock: each at its own instant, in order.

A flexible schedule fires at the start of its window, so that moving our clock stays exact; `spread` has each fire at a
second of its window that its name decides, as EventBridge Scheduler disperses them. Its slot is the planned time either
way.

Retries follow the schedule's RetryPolicy (its defaults are 185 attempts within 24 hours); the User Guide says
"exponential backoff" without figures, here it is 1, 2, 4 … 600 seconds. What is given up goes to the dead-letter queue.
"""

from __future__ import annotations

import heapq
import logging
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from local.aws.clock import LocalClock
from local.aws.expressions import Timing, timing
from local.aws.targets import Call, Targets
from local.background import Background

log = logging.getLogger(__name__)
_INSTANT = timedelta(microseconds=1)
_LONGEST_BACKOFF = 600


def text_of(instant: datetime) -> str:
    """An instant as EventBridge Scheduler writes it: 2026-11-25T09:00:00Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class _Plan:
    """`next` is the planned time, and `late` how long after it the schedule fires."""

    schedule: dict[str, Any]
    timing: Timing
    next: datetime | None
    late: timedelta

    @property
    def due(self) -> datetime | None:
        return self.next + self.late if self.next else None


class Scheduler(Background):
    """`schedules` lists them as GetSchedule gives them; `delete` removes one by group and name.

    `settle` waits for what was started: while the clock is moved by hand, what began at one instant must be over
    before the next, or minutes would pass in the middle of an upload.
    """

    def __init__(
        self,
        clock: LocalClock,
        schedules: Callable[[], list[dict[str, Any]]],
        delete: Callable[[str, str], None],
        targets: Targets,
        settle: Callable[[], None] = lambda: None,
        *,
        spread: bool = False,
    ) -> None:
        self._clock, self._schedules, self._delete, self._targets = clock, schedules, delete, targets
        self._settle, self._spread = settle, spread
        self._plans: dict[str, _Plan] = {}
        self._retries: list[tuple[datetime, str, datetime, Call]] = []
        self._lock = threading.RLock()
        super().__init__("scheduler", 0.25, self.tick)

    def tick(self) -> None:
        """Fires everything that is due now."""
        with self._lock:
            self._fire_until(self._clock.now(), moving=False)

    def advance(self, seconds: float) -> datetime:
        """Moves our clock forward, stopping at every instant at which something fires. The time it is then."""
        with self._lock:
            self.tick()
            offset = self._clock.offset + timedelta(seconds=seconds)
            if self._fire_until(datetime.now(UTC) + offset, moving=True):
                self._settle()
            self._clock.ahead(offset)
            return self._clock.now()

    def upcoming(self) -> list[tuple[datetime, dict[str, Any]]]:
        """(when next, schedule) of every enabled schedule that has a next time."""
        with self._lock:
            self._sync()
            return [(plan.next, plan.schedule) for plan in self._plans.values() if plan.next]

    def _fire_until(self, limit: datetime, *, moving: bool) -> bool:
        """Whether anything fired."""
        fired = False
        while True:
            self._sync()
            due = [plan for plan in self._plans.values() if plan.due and plan.due <= limit]
            plan = min(due, key=lambda plan: (plan.due, plan.schedule["Name"]), default=None)
            retry = self._retries[0][0] if self._retries and self._retries[0][0] <= limit else None
            if plan is None and retry is None:
                return fired
            fired = True
            if plan is None or (retry and plan.due and retry < plan.due):
                at, _, first, call = heapq.heappop(self._retries)
                self._move(at, moving)
                self._deliver(call, first, at)
            else:
                self._fire(plan, moving)

    def _fire(self, plan: _Plan, moving: bool) -> None:
        slot, at = plan.next, plan.due
        assert slot is not None
        assert at is not None
        self._move(at, moving)
        plan.next = plan.timing.next(slot + _INSTANT)
        schedule = plan.schedule
        self._deliver(Call(schedule["Arn"], schedule["Target"], text_of(slot)), at, at)
        if plan.next is None and schedule.get("ActionAfterCompletion") == "DELETE":
            self._delete(schedule["GroupName"], schedule["Name"])

    def _move(self, at: datetime, moving: bool) -> None:
        if moving and at > self._clock.now():
            self._settle()
            self._clock.move_to(at)

    def _deliver(self, call: Call, first: datetime, at: datetime) -> None:
        try:
            self._targets.deliver(call)
        except Exception as error:
            self._failed(call, first, at, error)

    def _failed(self, call: Call, first: datetime, at: datetime, error: Exception) -> None:
        policy = call.target.get("RetryPolicy", {})
        again = at + timedelta(seconds=min(2 ** (call.attempt - 1), _LONGEST_BACKOFF))
        if call.attempt > policy.get("MaximumRetryAttempts", 185):
            exhausted = "MaximumRetryAttempts"
        elif again - first > timedelta(seconds=policy.get("MaximumEventAgeInSeconds", 86_400)):
            exhausted = "MaximumEventAgeInSeconds"
        else:
            heapq.heappush(self._retries, (again, call.execution_id, first, replace(call, attempt=call.attempt + 1)))
            return
        log.warning("given up: %s of %s: %s", call.schedule_arn, call.scheduled, error)
        queue = call.target.get("DeadLetterConfig", {}).get("Arn")
        if queue:
            self._targets.bury(call, queue, error, exhausted)

    def _sync(self) -> None:
        """Takes in what was created, changed or deleted; an unchanged schedule keeps its next time."""
        found = {schedule["Arn"]: schedule for schedule in self._schedules() if schedule["State"] == "ENABLED"}
        for arn in self._plans.keys() - found.keys():
            del self._plans[arn]
        for arn, schedule in found.items():
            plan = self._plans.get(arn)
            if plan is None or plan.schedule != schedule:
                self._plans[arn] = self._plan(schedule)

    def _plan(self, schedule: dict[str, Any]) -> _Plan:
        # moto stamps with the machine's clock; in ours the schedule was changed this much later.
        changed = _instant(schedule["LastModificationDate"]) + self._clock.offset
        times = timing(
            schedule["ScheduleExpression"],
            schedule["ScheduleExpressionTimezone"],
            created=changed.replace(microsecond=0),
            start=_instant(schedule["StartDate"]) if schedule.get("StartDate") else None,
            end=_instant(schedule["EndDate"]) if schedule.get("EndDate") else None,
        )
        return _Plan(schedule, times, times.next(changed.replace(microsecond=0)), self._late(schedule))

    def _late(self, schedule: dict[str, Any]) -> timedelta:
        window = int(schedule.get("FlexibleTimeWindow", {}).get("MaximumWindowInMinutes") or 0) * 60
        if not (window and self._spread):
            return timedelta()
        return timedelta(seconds=zlib.crc32(schedule["Name"].encode()) % window)


def _instant(seconds: float | str) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)
