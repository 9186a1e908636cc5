"""What the Lambda works with, put together from its environment."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from functions.fetch.snapshots import Snapshots
from ledgercast import clock
from ledgercast.connections import Transitions
from ledgercast.settings import Addresses
from ledgercast.store import connect
from ledgercast.store.audit import Audit
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.state import StateStore
from ledgercast.xero.client import TOTAL_SECONDS, XeroClient
from ledgercast.xero.tokens import StoredTokens, grant_store, is_local

LEASE_SECONDS = int(TOTAL_SECONDS) + 15
"""Above the longest single call; it is prolonged with every further one, so a killed holder delays for so long."""


def snapshots_of(
    workspace: str, connection_id: str, connection: dict[str, Any], *, asked: list[str] | None = None
) -> Snapshots:
    """The answers kept for a connection in the bucket, and Xero behind them under the connection's lease."""
    xero = XeroClient(
        Addresses.read().xero_api,
        connection["tenant"],
        StoredTokens(workspace, connection["grant"]),
        local=is_local(),
    )
    lease = StateLease(connect.state(), workspace, connection_id)
    prefix = f"snapshots/{workspace}/{connection_id}"
    return Snapshots(connect.artefacts(), prefix, xero, clock.now, lease, asked)


class StateLease:
    """The connection's lease in `state`, under a name that no other invocation has."""

    def __init__(self, state: StateStore, workspace: str, connection: str) -> None:
        self._state = state
        self._place = (workspace, connection, uuid4().hex)

    def take(self) -> bool:
        return self._state.acquire_lease(*self._place, LEASE_SECONDS, self._now())

    def release(self) -> None:
        self._state.release_lease(*self._place)

    def _now(self) -> datetime:
        return clock.now()


def transitions() -> Transitions:
    """What is told when Xero no longer gives access."""
    table = connect.state_table()
    audit = Audit(connect.ledger_table(), clock.now)
    return Transitions(ConnectionStore(table), grant_store(), IncidentStore(table), audit, clock.now, "fetch")
