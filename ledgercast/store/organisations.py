"""What a connection's row tells of its organisation: how its documents are linked and in which zone it lives.

{timezone, short_code, told_at} in pk `WS#<w>` sk `CONN#<id>`: told_at, epoch seconds, is when Xero last said so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.connections import OPEN
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.table import Item, Table


@dataclass(frozen=True)
class Organisation:
    """`id` is the connection's. `timezone` (IANA) and `short_code` are "" while Xero has not told them."""

    id: str
    tenant: str
    name: str
    grant: str
    scopes: tuple[str, ...]
    is_open: bool
    timezone: str = ""
    short_code: str = ""
    told_at: int = 0


class OrganisationStore:
    def __init__(self, table: Table, workspace: str = WORKSPACE) -> None:
        self._table = table
        self._connections = ConnectionStore(table, workspace)
        self.workspace = workspace

    def of_tenant(self, tenant: str) -> Organisation | None:
        """The connected organisation of that id of Xero's. Read consistently, so that a new one is known at once."""
        connection = self._connections.id_for(tenant)
        item = self._table.get(f"WS#{self.workspace}", f"CONN#{connection}")
        return _organisation(connection, item) if item else None

    def told(self, one: Organisation, timezone: str, short_code: str, now: datetime) -> Organisation:
        """Remember what Xero said; the organisation as it is now known."""
        changes = {"timezone": timezone, "short_code": short_code, "told_at": int(now.timestamp())}
        self._connections.update(one.id, changes)
        return replace(one, timezone=timezone, short_code=short_code, told_at=int(now.timestamp()))


def _organisation(connection: str, item: Item) -> Organisation:
    scopes: Iterable[str] = item.get("scopes") or ()
    return Organisation(
        id=connection,
        tenant=item["tenant"],
        name=item["name"],
        grant=item["grant"],
        scopes=tuple(scopes),
        is_open=item["state"] in OPEN,
        timezone=item.get("timezone") or "",
        short_code=item.get("short_code") or "",
        told_at=item.get("told_at") or 0,
    )
