"""The audit, in `ledger`: what was done, by whom, from where (LG-2). Rows are put once, never changed, kept 400 days.

pk `WS#<w>#AUDIT` sk `<ISO time>#<random>`; gsi1pk `WS#<w>`, gsi1sk the ISO time. Ids and codes only: no token, no
name, no amount.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.audit import Act
from ledgercast.store.ledger import KEPT
from ledgercast.store.table import ABSENT, Item, Table


@dataclass(frozen=True)
class Entry:
    """One row. `at` is ISO in UTC; `actor` and `subject` are ids, `outcome` is "ok" or a code."""

    at: str
    act: Act
    actor: str
    origin: str
    subject: str
    outcome: str


class Audit:
    def __init__(self, table: Table, now: Callable[[], datetime], workspace: str = WORKSPACE) -> None:
        self._table = table
        self._now = now
        self._workspace = workspace

    def note(self, act: Act, actor: str, origin: str, subject: str = "", outcome: str = "ok") -> None:
        """Write one row (fields: ledgercast.domain.audit). A failing store raises: what cannot be noted is not done."""
        now = self._now()
        at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        row = {
            "pk": f"WS#{self._workspace}#AUDIT",
            "sk": f"{at}#{uuid.uuid4().hex}",
            "gsi1pk": f"WS#{self._workspace}",
            "gsi1sk": at,
            "kind": "audit",
            "act": act,
            "actor": actor,
            "origin": origin,
            "subject": subject,
            "outcome": outcome,
            "at": at,
            "ttl": int((now + KEPT).timestamp()),
        }
        self._table.put(row, ABSENT)

    def newest(self, most: int, before: str | None = None) -> tuple[list[Entry], str | None]:
        """Up to `most` rows, newest first, and the `before` with which the rest is asked for, if there is more."""
        rows = self._table.query(f"WS#{self._workspace}#AUDIT", newest_first=True, before=before)
        found = list(islice(rows, most + 1))
        more = found[most - 1]["sk"] if len(found) > most else None
        return [_entry(row) for row in found[:most]], more


def _entry(row: Item) -> Entry:
    return Entry(row["at"], row["act"], row["actor"], row["origin"], row["subject"], row["outcome"])
