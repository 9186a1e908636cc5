"""Eleven runs at the same moment make one set of calls (metrics.md 3; XR-1)."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from functions.fetch.compute import compute
from ledgercast.domain.catalogue import METRICS
from ledgercast.domain.errors import SnapshotInProgress
from tests.service.fetch.world import World, world
from tests.truth import Truth, told

TODAY = date(2026, 11, 25)


class Table:
    """Where the leases of one connection meet, as the state table's conditional write makes them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.owner: Lease | None = None
        self.free = threading.Condition(self.lock)


class Lease:
    def __init__(self, table: Table) -> None:
        self.table = table

    def take(self) -> bool:
        with self.table.lock:
            if self.table.owner not in (None, self):
                return False
            self.table.owner = self
            return True

    def release(self) -> None:
        with self.table.lock:
            self.table.owner = None
            self.table.free.notify_all()


def retried(there: World, table: Table, metric: str) -> tuple[dict[str, Any], int]:
    """As Step Functions does it: again whenever another run is asking; how often, too."""
    lost = 0
    while True:
        try:
            facts = compute(metric, there.another_run(Lease(table)), there.clock())
            return json.loads(json.dumps(facts.to_json())), lost
        except SnapshotInProgress:
            lost += 1
            with table.lock:
                table.free.wait_for(lambda: table.owner is None, timeout=10)


def test_eleven_runs_at_once_ask_each_question_once() -> None:
    with world(TODAY) as there, ThreadPoolExecutor(11) as pool:
        table = Table()
        runs = list(pool.map(lambda metric: retried(there, table, metric.id), METRICS))
        truth = Truth(there.books, TODAY)
        for metric, (facts, _) in zip(METRICS, runs, strict=True):
            assert told(facts) == truth.of(metric.id)
        calls = [(call.path, tuple(sorted(call.params.items()))) for call in there.xero.calls if call.accounting]
        assert len(calls) == len(set(calls)) <= 24
        assert table.owner is None
