"""What goes wrong meanwhile: Slack refuses, fails or swallows its answer; workers are killed in the middle of work."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

from local.aws.workers import Workers
from local.slack.faults import Fault, Faults

POST: Final = "chat.postMessage"
ONE_IN: Final = 7
"""Of so many posts in a row one goes wrong: however few there are, the first goes wrong early."""


def of_slack(faults: Faults, posts: int, rng: random.Random) -> None:
    """Plans what goes wrong among so many posts: refused for now, failed, or done with the answer lost."""
    for call in (start + rng.randrange(ONE_IN) for start in range(0, posts, ONE_IN)):
        kinds = (
            Fault(POST, "limited", seconds=rng.randint(1, 3)),
            Fault(POST, "status", status=500),
            Fault(POST, "status", status=500, after=True),
            Fault(POST, "drop", after=True),
        )
        faults.add(replace(rng.choice(kinds), skip=call))


class Killer:
    """Kills a worker of each function now and then, from `with` to its end; `kills` says how often."""

    def __init__(self, workers: Workers, functions: dict[str, float], most: int, rng: random.Random) -> None:
        """`functions`: names, and how many seconds pass between two kills, about; `most`: kills of each."""
        self.kills: Counter[str] = Counter()
        self._workers, self._most, self._rng = workers, most, rng
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(name, every), name=f"kill-{name}", daemon=True)
            for name, every in functions.items()
        ]

    def __enter__(self) -> Self:
        for one in self._threads:
            one.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for one in self._threads:
            one.join()

    def _run(self, name: str, every: float) -> None:
        while self.kills[name] < self._most and not self._stop.wait(self._rng.uniform(0.2, 1.8) * every):
            living = self._workers.processes(name)
            if living:
                with suppress(ProcessLookupError):
                    os.killpg(self._rng.choice(living), signal.SIGKILL)
                    self.kills[name] += 1
