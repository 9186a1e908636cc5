"""Scripted misbehaviour: what to do with the next calls whose `METHOD /path?query` matches a pattern.

sandbox.faults.answer("Reports/ProfitAndLoss", 500, b"<html>…", content_type="text/html")
sandbox.faults.drop("/connect/token", when="after")      # the work is done, the answer is lost
sandbox.faults.alter("BalanceSheet", lambda report: {})  # the decoded body, changed before it is sent
release = sandbox.faults.hold("Invoices")                # calls wait until release.set()
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.xero.answers import JSON, Answer


@dataclass
class Fault:
    pattern: str
    times: int
    answer: Answer | None = None  # given instead of the real one
    drop: str | None = None  # "before" or "after" the work is done
    pause: float | None = None  # seconds between the bytes of the answer
    endless: bool = False
    content_type: str | None = None
    change: Callable[[Any], Any] | None = None
    gate: threading.Event | None = None


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        re.compile(fault.pattern)
        with self._lock:
            self._faults.append(fault)

    def remove(self, fault: Fault) -> None:
        """Take one back; it may be used up already."""
        with self._lock:
            if fault in self._faults:
                self._faults.remove(fault)

    def answer(
        self,
        pattern: str,
        status: int,
        body: bytes | str = b"",
        *,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
        content_type: str = JSON,
    ) -> None:
        body = body.encode() if isinstance(body, str) else body
        self.add(Fault(pattern, times, answer=Answer(status, body, content_type, headers or {})))

    def give(self, pattern: str, answer: Answer, times: int = 1) -> None:
        """An answer from `local.xero.answers` as it is."""
        self.add(Fault(pattern, times, answer=answer))

    def drop(self, pattern: str, *, when: str = "before", times: int = 1) -> None:
        self.add(Fault(pattern, times, drop=when))

    def drip(self, pattern: str, *, pause: float = 0.2, times: int = 1) -> None:
        self.add(Fault(pattern, times, pause=pause))

    def endless(self, pattern: str, *, times: int = 1) -> None:
        self.add(Fault(pattern, times, endless=True))

    def disguise(self, pattern: str, content_type: str = "text/html", *, times: int = 1) -> None:
        self.add(Fault(pattern, times, content_type=content_type))

    def alter(self, pattern: str, change: Callable[[Any], Any], *, times: int = 1) -> None:
        self.add(Fault(pattern, times, change=change))

    def hold(self, pattern: str, *, times: int = 1) -> threading.Event:
        gate = threading.Event()
        self.add(Fault(pattern, times, gate=gate))
        return gate

    def take(self, line: str) -> Fault | None:
        """The first fault that matches this request line, used up once."""
        with self._lock:
            for fault in self._faults:
                if re.search(fault.pattern, line):
                    fault.times -= 1
                    if fault.times == 0:
                        self._faults.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        with self._lock:
            for fault in self._faults:
                if fault.gate:
                    fault.gate.set()
            self._faults.clear()
