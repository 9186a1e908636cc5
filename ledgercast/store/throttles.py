"""Counters that slow a caller down, in `state`: by client address, by account, by anything with a name.

pk `THROTTLE#<kind>#<sha256 of the key>` sk `THROTTLE`. Each attempt is counted before it is tried, under a condition,
so that a hundred at once get no further than a hundred in a row. Every wait ends by itself: nothing here locks for
good, and whoever waits is told how long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from ledgercast.store.table import ABSENT, Conflict, Item, Table

_TRIES = 6
_REMEMBERED = 24 * 3600


class Throttles:
    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now

    def window(self, kind: str, key: str, most: int, seconds: int) -> int:
        """Count one attempt in a window that opens with the first of them.

        0: go on. Otherwise the seconds until the window ends; a refused attempt does not prolong it.
        """

        def count(row: Item | None, now: int) -> tuple[Item | None, int]:
            if row is None or row["until"] <= now:
                return {"count": 1, "until": now + seconds, "ttl": now + seconds}, 0
            if row["count"] >= most:
                return None, row["until"] - now
            return {"count": row["count"] + 1, "until": row["until"], "ttl": row["until"]}, 0

        return self._count(kind, key, count)

    def attempt(self, kind: str, key: str, *, free: int = 5, first: int = 30, longest: int = 900) -> int:
        """Count one attempt that may fail; `forget` it when it succeeded.

        0: go on. Otherwise the seconds to wait: after `free` attempts `first` seconds, doubling up to `longest`.
        A day without an attempt forgets them all.
        """

        def count(row: Item | None, now: int) -> tuple[Item | None, int]:
            tried, until = (row["count"], row["until"]) if row else (0, 0)
            if until > now:
                return None, until - now
            over = tried + 1 - free
            wait = min(first << min(over, 20), longest) if over >= 0 else 0
            return {"count": tried + 1, "until": now + wait, "ttl": now + wait + _REMEMBERED}, 0

        return self._count(kind, key, count)

    def forget(self, kind: str, key: str) -> None:
        """The attempt succeeded: the key starts afresh."""
        self._table.delete(_key(kind, key), "THROTTLE")

    def _count(self, kind: str, key: str, step: Callable[[Item | None, int], tuple[Item | None, int]]) -> int:
        pk, now = _key(kind, key), int(self._now().timestamp())
        for _ in range(_TRIES):
            row = self._table.get(pk, "THROTTLE")
            changed, wait = step(row, now)
            if changed is None:
                return wait
            item = {"pk": pk, "sk": "THROTTLE", "turn": row["turn"] + 1 if row else 1, **changed}
            condition, values = ("#turn = :turn", {"turn": row["turn"]}) if row else (f"{ABSENT} OR #ttl <= :now", {})
            try:
                self._table.put(item, condition, **(values or {"now": now}))
            except Conflict:
                continue
            return 0
        return 1  # a crowd at one counter is turned away, never let through uncounted


def _key(kind: str, key: str) -> str:
    return f"THROTTLE#{kind}#{hashlib.sha256(key.encode()).hexdigest()}"
