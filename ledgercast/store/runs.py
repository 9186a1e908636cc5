"""Runs as the daily pass sees them: those that claim to be running, and slots that never began (design 9).

pk `WS#<w>#PULSE#<pulse>` sk `RUN#<slot>`. While a run is running its row is in the index: gsi1pk `RUNNING#<w>`, gsi1sk
the instant it began. The state machine puts it there with the claim and takes it out with the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.store.table import ABSENT, Conflict, Item, Table


@dataclass(frozen=True)
class Running:
    """A run that has not been recorded as ended; `row` is its item as it was read."""

    pulse: str
    slot: str
    execution: str
    row: Item


class RunStore:
    def __init__(self, table: Table, workspace: str = WORKSPACE) -> None:
        self._table = table
        self._workspace = workspace

    def running(self) -> list[Running]:
        """Longest running first. From the index, so a moment old: `fail` looks at the row itself."""
        rows = self._table.query(f"RUNNING#{self._workspace}", index="gsi1")
        return [Running(_pulse_of(row), row["sk"].removeprefix("RUN#"), row["execution"], row) for row in rows]

    def fail(self, run: Running, reason: str, now: datetime) -> bool:
        """Record a run as failed whose execution is no more. False when its row has changed meanwhile."""
        row = {name: value for name, value in run.row.items() if name not in ("gsi1pk", "gsi1sk")}
        ended = {"state": "failed", "reason": reason, "finished_at": _text(now)}
        condition = "#execution = :execution AND #state = :running"
        try:
            self._table.put({**row, **ended}, condition, execution=run.execution, running="running")
        except Conflict:
            return False
        return True

    def skip(self, pulse: str, slot: str, reason: str, now: datetime) -> bool:
        """Record a slot that never began. False when it did."""
        at = _text(now)
        row = {"execution": "", "attempt": 0, "state": "skipped", "reason": reason, "started_at": at, "finished_at": at}
        keys = {"pk": f"WS#{self._workspace}#PULSE#{pulse}", "sk": f"RUN#{slot}"}
        try:
            self._table.put({**keys, **row}, ABSENT)
        except Conflict:
            return False
        return True


def _pulse_of(row: Item) -> str:
    return str(row["pk"]).partition("#PULSE#")[2]


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
