"""One clock for every process of the local runtime.

It runs with the machine's clock, ahead of it (or behind) by an offset that lies in a file which `ledgercast.clock`
reads in the workers. Moving the offset moves schedules, token lives, windows and waits at once.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ledgercast.domain.errors import SettingsError


class LocalClock:
    """Tells our time, and moves it. Safe to share between threads."""

    def __init__(self, file: Path, start: datetime | None = None) -> None:
        """`file` holds the offset in seconds; `start` is the instant (aware) our time starts at, else the present."""
        self.file = file
        self._moved = threading.Condition()
        self._sleeps: list[datetime] = []
        self._offset = timedelta()
        self._set(start - datetime.now(UTC) if start else timedelta())

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    @property
    def offset(self) -> timedelta:
        """How far our time is ahead of the machine's."""
        return self._offset

    def move_to(self, instant: datetime) -> None:
        """Moves our time forward to `instant`; an instant that has passed changes nothing."""
        self.ahead(instant - datetime.now(UTC))

    def ahead(self, offset: timedelta) -> None:
        """Sets the offset, unless that would turn our time back."""
        if offset > self._offset:
            self._set(offset)

    def sleep(self, seconds: float, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Waits until `seconds` of our time have passed, or until `interrupted()`; looked at twice a second."""
        until = self.now() + timedelta(seconds=seconds)
        with self._moved:
            self._sleeps.append(until)
            try:
                while (left := (until - self.now()).total_seconds()) > 0 and not interrupted():
                    self._moved.wait(min(left, 0.5))
            finally:
                self._sleeps.remove(until)

    def asleep(self) -> int:
        """How many sleep now."""
        now = self.now()
        with self._moved:
            return sum(until > now for until in self._sleeps)

    def wake(self, within: float) -> bool:
        """Moves our time on to the end of the shortest sleep; False where none ends within so many seconds."""
        now = self.now()
        with self._moved:
            first = min((until for until in self._sleeps if until > now), default=None)
        if first is None or first - now > timedelta(seconds=within):
            return False
        self.move_to(first)
        return True

    def _set(self, offset: timedelta) -> None:
        with self._moved:
            self._offset = offset
            # Replaced in one step: a worker must never read half a number.
            fresh = self.file.with_suffix(".new")
            fresh.write_text(f"{offset.total_seconds():.6f}")
            fresh.replace(self.file)
            self._moved.notify_all()


def start_instant(text: str | None = None) -> datetime | None:
    """The instant of `LEDGERCAST_NOW` (or `text`), None when it is not set. Raises SettingsError."""
    value = os.environ.get("LEDGERCAST_NOW", "") if text is None else text
    if not value:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise SettingsError(f"LEDGERCAST_NOW must be an instant such as 2026-11-25T09:00:00Z, not {value!r}") from error
    if instant.tzinfo is None:
        raise SettingsError(f"LEDGERCAST_NOW must say its offset from UTC (2026-11-25T09:00:00Z), not {value!r}")
    return instant
