"""Holding the Xero connections that a member made, and letting them go on, in `state`.

A connection's item gains `state` held, `held_reason`, and `held_was`, the state to which it goes back.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.store.table import Conflict, Item, Table

_OPEN = ("connected", "needs_scopes")


class Holds:
    def __init__(self, table: Table, workspace: str = WORKSPACE) -> None:
        self._table = table
        self._pk = f"WS#{workspace}"

    def hold(self, member: str, reason: str) -> list[str]:
        """Hold every open connection that the member made: their ids. What is held or disconnected stays as it is."""
        open_still = "#state = :connected OR #state = :needs_scopes"
        return [
            connection
            for connection, row in self._made_by(member)
            if row["state"] in _OPEN
            and self._change(
                connection,
                {"state": "held", "held_reason": reason, "held_was": row["state"]},
                open_still,
                connected="connected",
                needs_scopes="needs_scopes",
            )
        ]

    def resume(self, member: str, reason: str) -> list[str]:
        """Let the member's connections go on that are held for that very reason: their ids."""
        return [
            connection
            for connection, row in self._made_by(member)
            if row["state"] == "held"
            and row.get("held_reason") == reason
            and self._change(
                connection,
                {"state": row.get("held_was") or "connected", "held_reason": "", "held_was": ""},
                "#state = :held AND #held_reason = :reason",
                held="held",
                reason=reason,
            )
        ]

    def _made_by(self, member: str) -> Iterator[tuple[str, Item]]:
        for row in self._table.query(self._pk, "CONN#"):
            if row.get("connected_by") == member:
                yield row["sk"].removeprefix("CONN#"), row

    def _change(self, connection: str, changes: Item, condition: str, **values: str) -> bool:
        try:
            self._table.update(self._pk, f"CONN#{connection}", changes, condition, **values)
        except Conflict:
            return False  # it changed between the two calls and is no longer ours to touch
        return True
