"""Waiting for the commands that no state machine waits for (contracts.md 3): 60 s in all, and never for a day limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from ledgercast.domain.errors import SnapshotInProgress, XeroLimited

PATIENCE_SECONDS: Final = 60
LOOK_AGAIN_SECONDS: Final = 2

T = TypeVar("T")


class Patience:
    """One per command. `sleep` is time.sleep, or a test's. A day limit is raised at once: nobody waits so long."""

    def __init__(self, sleep: Callable[[float], None], seconds: int = PATIENCE_SECONDS) -> None:
        self._sleep = sleep
        self._left = seconds

    def __call__(self, work: Callable[[], T]) -> T:
        """The work's result, begun again after each wait. Raises what the work raises once patience is used up."""
        while True:
            try:
                return work()
            except XeroLimited as limit:
                if limit.kind == "day":
                    raise
                self._wait(limit.seconds, limit)
            except SnapshotInProgress as busy:
                self._wait(LOOK_AGAIN_SECONDS, busy)

    def _wait(self, seconds: int, why: Exception) -> None:
        if seconds > self._left:
            raise why
        self._left -= seconds
        self._sleep(seconds)
