"""Calls per organisation: five at once, sixty a minute, a day's allowance; all three may be set.

The minute slides, the day is a fixed window from midnight UTC; both go by the sandbox's clock.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from datetime import datetime, timedelta
from math import ceil

from local.xero.answers import Answer

MINUTE = timedelta(minutes=1)


class Limits:
    def __init__(self) -> None:
        self.concurrent = 5
        self.per_minute = 60
        self.per_day = 1_000
        self.app_per_minute = 10_000
        self.retry_after = True  # off: 429 answers without the header, as has been seen
        self._lock = threading.Lock()
        self._running: dict[str, int] = defaultdict(int)
        self._recent: dict[str, deque[datetime]] = defaultdict(deque)
        self._used: dict[tuple[str, str], int] = defaultdict(int)

    def enter(self, tenant: str, now: datetime) -> Answer | None:
        """Takes a place for the call, or answers 429; a refused call takes none."""
        with self._lock:
            recent, day = self._recent[tenant], (tenant, f"{now:%Y-%m-%d}")
            while recent and recent[0] <= now - MINUTE:
                recent.popleft()
            if self._used[day] >= self.per_day:
                midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
                return self._refuse("day", ceil((midnight - now).total_seconds()))
            if len(recent) >= self.per_minute:
                wait = recent[0] + MINUTE - now if recent else MINUTE
                return self._refuse("minute", max(1, ceil(wait.total_seconds())))
            if self._running[tenant] >= self.concurrent:
                return self._refuse("concurrent", None)
            self._running[tenant] += 1
            self._used[day] += 1
            recent.append(now)
            return None

    def leave(self, tenant: str) -> None:
        with self._lock:
            self._running[tenant] -= 1

    def headers(self, tenant: str, now: datetime) -> dict[str, str]:
        with self._lock:
            minute = sum(len(recent) for recent in self._recent.values())
            return {
                "X-DayLimit-Remaining": str(max(0, self.per_day - self._used[tenant, f"{now:%Y-%m-%d}"])),
                "X-MinLimit-Remaining": str(max(0, self.per_minute - len(self._recent[tenant]))),
                "X-AppMinLimit-Remaining": str(max(0, self.app_per_minute - minute)),
            }

    def _refuse(self, problem: str, seconds: int | None) -> Answer:
        headers = {"X-Rate-Limit-Problem": problem}
        if seconds is not None and self.retry_after:
            headers["Retry-After"] = str(seconds)
        return Answer(429, headers=headers)
