"""What goes on beside everything else: a thread that has its turn again and again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Background:
    """`turn` is called every so many seconds, from `start` to `stop`; one that fails is logged, and the next comes."""

    def __init__(self, name: str, every: float, turn: Callable[[], object]) -> None:
        self._every, self._turn = every, turn
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Lets the turn at hand end."""
        self.stopping.set()
        if self._thread.ident:
            self._thread.join()

    def _run(self) -> None:
        while not self.stopping.wait(self._every):
            try:
                self._turn()
            except Exception:
                if not self.stopping.is_set():
                    log.exception("%s failed; it goes on", self._thread.name)
