"""How long the console's own work takes on the local runtime, warm: its pages, and a preview with its chart.

The time is the function's, from the event to the answer, as Lambda would bill it: the calls of DynamoDB and S3 that it
makes are answered by the emulator in this process, which is slower than they are. For a preview it holds what the
console waits for: `fetch`, which finds Xero's answers kept, and `render`.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ledgercast.domain.catalogue import METRICS
from local.demo.person import Person
from local.settings import LocalSettings
from local.system import System, system

Row = dict[str, Any]

PAGE_BUDGET_MS = 50
PREVIEW_BUDGET_SECONDS = 1.0
_WARM_UPS = 3
_ROUNDS = 15
_METRICS = ("revenue", "cash_in_vs_out", "aged_receivables")


def rows() -> list[Row]:
    """`console_page_ms` and `preview_warm_seconds`, over a workspace with eleven pulses that have run."""
    settings = replace(LocalSettings.read({}), port=0)
    with tempfile.TemporaryDirectory() as folder, system(settings, Path(folder), lambda _: None) as running:
        person = Person(running.runtime.url, settings.owner_email)
        person.sign_in()
        connection = person.connect_xero()
        person.connect_slack(running.channel)
        pulses = [person.ask("POST", "/api/v1/pulses", _pulse(one.id, connection, running.channel)) for one in METRICS]
        runs = [_sent(running, one["id"]) for one in pulses]
        return [_pages(running, person, connection, pulses[0]["id"], runs[0]), _previews(running, person, connection)]


def _pulse(metric: str, connection: str, channel: str) -> dict[str, Any]:
    return {
        "connection": connection,
        "metric": metric,
        "destinations": [{"kind": "slack", "channel": channel}],
        "schedule": {"every": "week", "days": ["mon"], "at": "09:00", "timezone": "Europe/London"},
        "summary": "template",
    }


def _pages(running: System, person: Person, connection: str, pulse: str, run: str) -> Row:
    """The slowest page at its median."""
    paths = (
        "/",
        "/sources",
        f"/sources/{connection}",
        "/pulses",
        "/pulses/new",
        f"/pulses/{pulse}",
        "/activity",
        f"/activity/{run}",
        "/settings",
        "/security",
    )
    medians = {path: 1000 * _median(running, person, path) for path in paths}
    slowest = max(medians, key=lambda path: medians[path])
    value = round(medians[slowest], 1)
    named = slowest.replace(run, "{run}").replace(connection, "{connection}").replace(pulse, "{pulse}")
    how = f"function time, warm, median of {_ROUNDS}; of {len(paths)} pages the slowest, {named}"
    return _row("console_page_ms", value, "ms", PAGE_BUDGET_MS, how)


def _previews(running: System, person: Person, connection: str) -> Row:
    """The page and its picture together, of the slowest of three metrics."""
    slowest = max(
        sum(_median(running, person, f"/sources/{connection}/metrics/{metric}{part}") for part in ("", "/chart.png"))
        for metric in _METRICS
    )
    how = f"page and picture, warm, Xero's answers kept; median of {_ROUNDS}, the slowest of {len(_METRICS)} metrics"
    return _row("preview_warm_seconds", round(slowest, 3), "s", PREVIEW_BUDGET_SECONDS, how)


def _median(running: System, person: Person, path: str) -> float:
    """Seconds."""
    with _measured(running) as times:
        for _ in range(_WARM_UPS + _ROUNDS):
            answered = person.open(path).status
            if answered != 200:
                raise RuntimeError(f"{path} answered {answered}")
    return statistics.median(times[_WARM_UPS:])


@contextmanager
def _measured(running: System) -> Iterator[list[float]]:
    """How long the console took for each event meanwhile."""
    workers, times = running.runtime.workers, []
    real: Callable[[str, bytes], tuple[bytes, bool]] = workers.invoke

    def timed(name: str, payload: bytes) -> tuple[bytes, bool]:
        started = time.perf_counter()
        try:
            return real(name, payload)
        finally:
            if "Console" in name:
                times.append(time.perf_counter() - started)

    setattr(workers, "invoke", timed)  # noqa: B010  # the one instance, for as long as it is looked at
    try:
        yield times
    finally:
        delattr(workers, "invoke")


def _sent(running: System, pulse: str) -> str:
    """A run with everything that it leaves behind: its id."""
    slot = "2026-01-01T09:00:00Z"
    running.runtime.wait(running.runtime.helpers.start(pulse, slot), 120)
    return f"{pulse}~{slot}"


def _row(name: str, value: float, unit: str, budget: float, how: str) -> Row:
    return {"id": name, "value": value, "unit": unit, "budget": budget, "ok": value <= budget, "how": how}
