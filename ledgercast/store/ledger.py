"""The `ledger` table: what was attempted and what came of it (DL-4). Rows are put once and never changed.

pk `WS#<workspace>#PULSE#<pulse>#SLOT#<slot>`, sk `<destination>#<part>#<n>#attempt`, `…#unknown`, `…#outcome`;
gsi1 by workspace and time. An attempt is written before the send and its outcome after it; `unknown` notes when an
answer did not come, since the look-up counts its ten seconds from there. n = 0 is a refusal before any attempt.
Rows hold ids and hashes, never names, addresses or amounts.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from ledgercast.store.table import ABSENT, Conflict, Item, Table

KEPT = timedelta(days=400)

Word = Literal["sent", "not_sent", "failed", "unconfirmed", "refused"]


@dataclass(frozen=True)
class Place:
    """One thing to send: a part of a destination of a run. Its `key` is what the other side can be asked about."""

    workspace: str
    pulse: str
    slot: str
    destination: str
    part: str

    @property
    def key(self) -> str:
        return f"{self.workspace}/{self.pulse}/{self.slot}/{self.destination}/{self.part}"

    @property
    def pk(self) -> str:
        return f"WS#{self.workspace}#PULSE#{self.pulse}#SLOT#{self.slot}"

    def sk(self, n: int, row: str) -> str:
        return f"{self.destination}#{self.part}#{n}#{row}"


@dataclass(frozen=True)
class Attempt:
    """One attempt as its rows tell it; `outcome` is None while nobody knows how it ended."""

    n: int
    at: datetime
    far_time: str = ""
    unknown_at: datetime | None = None
    outcome: Word | None = None
    reason: str | None = None
    receipt: str | None = None


class Ledger:
    def __init__(self, table: Table) -> None:
        self._table = table

    def attempt(self, place: Place, n: int, at: datetime, *, target: str, content: str, far_time: str = "") -> bool:
        """Note that attempt `n` begins. False when another process has begun it.

        target: a channel id or the hash of an address; content: the hash of what is sent; far_time: the other
        side's clock in seconds, from which a look-up reads.
        """
        writer = uuid.uuid4().hex
        more = {"target": target, "content": content, "far_time": far_time, "writer": writer}
        if self._put(place, n, "attempt", at, more):
            return True
        # The store's own retry may have met the row that its first try wrote.
        row = next((one for one in self._rows(place) if one["sk"] == place.sk(n, "attempt")), None)
        return row is not None and row.get("writer") == writer

    def unknown(self, place: Place, n: int, at: datetime, why: str) -> None:
        """Note that attempt `n` got no answer that can be trusted."""
        self._put(place, n, "unknown", at, {"why": why})

    def outcome(
        self, place: Place, n: int, at: datetime, status: Word, *, reason: str | None = None, receipt: str | None = None
    ) -> None:
        """Note how attempt `n` ended; what was noted first stands."""
        more = {"status": status, "reason": reason, "receipt": receipt}
        self._put(place, n, "outcome", at, {name: value for name, value in more.items() if value is not None})

    def of_slot(self, workspace: str, pulse: str, slot: str) -> list[Item]:
        """Every row of one run."""
        return list(self._table.query(f"WS#{workspace}#PULSE#{pulse}#SLOT#{slot}"))

    def since(self, workspace: str, time: datetime) -> list[Item]:
        """The workspace's rows from that instant on, oldest first."""
        return list(self._table.query(f"WS#{workspace}", index="gsi1", since=_text(time)))

    def trail(self, place: Place) -> list[Attempt]:
        """The attempts of one part, first to last."""
        return trail(self._rows(place))

    def _rows(self, place: Place) -> list[Item]:
        return list(self._table.query(place.pk, f"{place.destination}#{place.part}#"))

    def _put(self, place: Place, n: int, row: str, at: datetime, more: Item) -> bool:
        keys = {"pk": place.pk, "sk": place.sk(n, row), "gsi1pk": f"WS#{place.workspace}", "gsi1sk": _text(at)}
        what = {"kind": row, "destination": place.destination, "part": place.part, "n": n, "at": _text(at)}
        try:
            self._table.put({**keys, **what, **more, "ttl": int((at + KEPT).timestamp())}, ABSENT)
        except Conflict:
            return False
        return True


def trail(rows: list[Item]) -> list[Attempt]:
    """The rows of one part as attempts, first to last; refusals (n = 0) are none."""
    attempts = {row["n"]: _begun(row) for row in rows if row["kind"] == "attempt"}
    for row in rows:
        begun = attempts.get(row["n"])
        if begun and row["kind"] == "unknown":
            attempts[row["n"]] = replace(begun, unknown_at=_time(row["at"]))
    for row in rows:
        begun = attempts.get(row["n"])
        if begun and row["kind"] == "outcome":
            more = {"outcome": row["status"], "reason": row.get("reason"), "receipt": row.get("receipt")}
            attempts[row["n"]] = replace(begun, **more)
    return [attempts[n] for n in sorted(attempts)]


def _begun(row: Item) -> Attempt:
    return Attempt(row["n"], _time(row["at"]), row.get("far_time", ""))


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
