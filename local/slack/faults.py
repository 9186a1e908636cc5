"""What may go wrong between us and Slack, scripted per method.

A fault either replaces the effect (`after=False`) or lets it happen and spoils the answer (`after=True`): the second
kind is what makes an answer unknown although the message stands in the channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Literal

UPLOAD = "upload"
ANY = "*"


@dataclass
class Fault:
    """One planned failure of a method ("chat.postMessage", `UPLOAD` for the upload address, `ANY`).

    error: HTTP 200 with `ok: false` and `error`, as Slack refuses. limited: HTTP 429 with Retry-After `seconds`.
    status: HTTP `status` with an HTML body. drop: the connection ends without an answer, `delay` real seconds after the
    request. garbage: HTTP 200 that is not JSON. slow: the right answer, `delay` real seconds late. endless: an answer
    whose body never ends.
    """

    method: str
    kind: Literal["error", "limited", "status", "drop", "garbage", "slow", "endless"]
    after: bool = False
    error: str = "internal_error"
    status: int = 500
    seconds: int = 1
    delay: float = 0.0
    times: int = 1
    skip: int = 0


class Faults:
    """The script: each call takes the first fault that is meant for it and not used up."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._lock = Lock()

    def add(self, *faults: Fault) -> None:
        with self._lock:
            self._planned.extend(faults)

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()

    def take(self, method: str) -> Fault | None:
        with self._lock:
            for fault in self._planned:
                if fault.method not in (method, ANY) or fault.times == 0:
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None
