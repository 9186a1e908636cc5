"""Runs, in `state`: pk `WS#<w>#PULSE#<pulse>` sk `RUN#<slot>` (ledgercast.domain.runs).

Every row stands in the index, gsi1sk the instant at which its last attempt began: while it runs under gsi1pk
`RUNNING#<w>`, where the daily pass looks for runs that never ended; from its end on under `RUNS#<w>`, which the
activity reads. The state machine moves it by its claim and its record.

sk `LAST` {slot, facts_hash, version}: the newest run that went on to be sent, and what its figures were.
sk `KEPT` of pk `WS#<w>` {until}: what began before that instant has been cleared away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.runs import KEPT, Run
from ledgercast.store.table import ABSENT, Conflict, Item, Table


@dataclass(frozen=True)
class Running:
    """A run that has not been recorded as ended; `row` is its item as it was read."""

    pulse: str
    slot: str
    execution: str
    row: Item


@dataclass(frozen=True)
class Last:
    """The newest run of a pulse that went on to be sent; `version` is the pulse's at that time."""

    slot: str
    facts_hash: str
    version: int


class RunStore:
    def __init__(self, table: Table, workspace: str = WORKSPACE) -> None:
        self._table = table
        self._workspace = workspace

    def get(self, pulse: str, slot: str) -> Run | None:
        """Read consistently."""
        item = self._table.get(self._pk(pulse), f"RUN#{slot}")
        return Run.from_item(item) if item else None

    def newest(self, most: int, after: Run | None = None) -> tuple[list[Run], bool]:
        """Up to `most` runs that have ended, the one that began last first, and whether there are more.

        From the index, so a moment old. `after` goes on behind that run.
        """
        rows = self._table.query(
            f"RUNS#{self._workspace}",
            index="gsi1",
            newest_first=True,
            after=self._keys(after) if after else None,
            at_a_time=most + 1,
        )
        found = list(islice(rows, most + 1))
        return [Run.from_item(row) for row in found[:most]], len(found) > most

    def of_pulse(self, pulse: str, most: int | None = None) -> list[Run]:
        """Up to `most` of a pulse's runs, newest slot first; a key that somebody chose stands where its letters do."""
        rows = self._table.query(self._pk(pulse), "RUN#", newest_first=True, at_a_time=most)
        return [Run.from_item(row) for row in islice(rows, most)]

    def ended_between(self, since: str, until: datetime) -> Iterator[Run]:
        """The ended runs that began from the instant `since` ("" for the first one) until before another, in turn."""
        for row in self._table.query(f"RUNS#{self._workspace}", index="gsi1", since=since or "0"):
            if row["gsi1sk"] >= _text(until):
                return
            yield Run.from_item(row)

    def running(self) -> list[Running]:
        """Longest running first. From the index, so a moment old: `fail` looks at the row itself."""
        rows = self._table.query(f"RUNNING#{self._workspace}", index="gsi1")
        return [Running(_pulse_of(row), row["sk"].removeprefix("RUN#"), row["execution"], row) for row in rows]

    def fail(self, run: Running, reason: str, now: datetime) -> bool:
        """Record a run as failed whose execution is no more. False when its row has changed meanwhile."""
        ended = {"state": "failed", "reason": reason, "finished_at": _text(now), "gsi1pk": f"RUNS#{self._workspace}"}
        condition = "#execution = :execution AND #state = :running"
        try:
            self._table.put({**run.row, **ended}, condition, execution=run.execution, running="running")
        except Conflict:
            return False
        return True

    def skip(self, pulse: str, slot: str, reason: str, now: datetime) -> bool:
        """Record a slot that never began. False when it did."""
        at = _text(now)
        row = {"execution": "", "attempt": 0, "state": "skipped", "reason": reason, "started_at": at, "finished_at": at}
        index = {"gsi1pk": f"RUNS#{self._workspace}", "gsi1sk": at, "ttl": int((now + KEPT).timestamp())}
        try:
            self._table.put({"pk": self._pk(pulse), "sk": f"RUN#{slot}", **index, **row}, ABSENT)
        except Conflict:
            return False
        return True

    def note(self, pulse: str, slot: str, calls: int, about: Item, now: datetime) -> None:
        """Add to a run's row what it asked of Xero and what it is about; nothing, where there is no such run."""
        changes = {**about, "ttl": int((now + KEPT).timestamp())}
        with suppress(Conflict):
            self._table.add(self._pk(pulse), f"RUN#{slot}", {"xero_calls": calls}, changes, "attribute_exists(pk)")

    def last(self, pulse: str) -> Last | None:
        item = self._table.get(self._pk(pulse), "LAST")
        return Last(item["slot"], item["facts_hash"], item["version"]) if item else None

    def remember(self, pulse: str, last: Last, now: datetime) -> None:
        """From now on this is the newest run that went on to be sent."""
        row = {"slot": last.slot, "facts_hash": last.facts_hash, "version": last.version}
        self._table.put({"pk": self._pk(pulse), "sk": "LAST", **row, "ttl": int((now + KEPT).timestamp())})

    def cleared_until(self) -> str:
        item = self._table.get(f"WS#{self._workspace}", "KEPT")
        return str(item["until"]) if item else ""

    def clear_until(self, began: str) -> None:
        """Note how far the clearing has come: up to what began at that instant."""
        self._table.put({"pk": f"WS#{self._workspace}", "sk": "KEPT", "until": began})

    def _pk(self, pulse: str) -> str:
        return f"WS#{self._workspace}#PULSE#{pulse}"

    def _keys(self, run: Run) -> Item:
        """By which the index goes on behind a run."""
        own = {"pk": self._pk(run.pulse), "sk": f"RUN#{run.slot}"}
        return {**own, "gsi1pk": f"RUNS#{self._workspace}", "gsi1sk": run.started_at}


def _pulse_of(row: Item) -> str:
    return str(row["pk"]).partition("#PULSE#")[2]


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
