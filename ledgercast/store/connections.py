"""Connections of the one workspace, in `state`.

pk `WS#<w>` sk `CONN#<id>`; gsi1pk `TENANT#<tenant>`, gsi1sk `WS#<w>`. An organisation's id is derived from its tenant,
so that two consents that name it at the same time meet in one item.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.connections import Connection
from ledgercast.store.table import SHAPE, Conflict, Table


class ConnectionStore:
    def __init__(self, table: Table, workspace: str = WORKSPACE) -> None:
        self._table = table
        self._pk = f"WS#{workspace}"
        self.workspace = workspace

    def get(self, connection: str) -> Connection | None:
        """Read consistently."""
        item = self._table.get(self._pk, f"CONN#{connection}")
        return Connection.from_item(item) if item else None

    def list(self) -> list[Connection]:
        """All of them, disconnected ones too, by name."""
        found = [Connection.from_item(item) for item in self._table.query(self._pk, "CONN#")]
        return sorted(found, key=lambda one: (one.name.casefold(), one.id))

    def id_for(self, tenant: str) -> str:
        """The id of the organisation's connection, whether there is one yet or not."""
        rows = self._table.query(f"TENANT#{tenant}", self._pk, index="gsi1")
        known = next((row["sk"] for row in rows if row["pk"] == self._pk), "").removeprefix("CONN#")
        return known or connection_id(tenant, self.workspace)

    def of_grant(self, grant: str) -> Iterable[Connection]:
        return (one for one in self.list() if one.grant == grant)

    def save(self, connection: Connection) -> None:
        """Write it, new or known; what other parts keep in the item besides stays, but for a hold that is over."""
        body = {name: value for name, value in asdict(connection).items() if name != "id"}
        index = {"gsi1pk": f"TENANT#{connection.tenant}", "gsi1sk": self._pk}
        changes = {"v": SHAPE, **index, **body, "scopes": list(connection.scopes), "held_was": ""}
        self._table.update(self._pk, f"CONN#{connection.id}", changes)

    def disconnect(self, connection: str, reason: str, *, pending: bool = False) -> bool:
        """Shut it, for one of the reasons of `ledgercast.domain.connections`; `pending`: more is to be removed.

        From now on nothing is asked of Xero for it. False where there is none.
        """
        changes = {"state": "disconnected", "held_reason": reason, "held_was": "", "delete_pending": pending}
        return self.update(connection, changes)

    def update(self, connection: str, changes: dict[str, Any], condition: str = "", **values: Any) -> bool:
        """Set attributes under a condition (`#name`, `:value`). False when it does not hold; never makes one."""
        full = " AND ".join(filter(None, ("attribute_exists(pk)", condition and f"({condition})")))
        try:
            self._table.update(self._pk, f"CONN#{connection}", changes, full, **values)
        except Conflict:
            return False
        return True


def connection_id(tenant: str, workspace: str = WORKSPACE) -> str:
    return "x-" + hashlib.sha256(f"{workspace}/{tenant}".encode()).hexdigest()[:20]
