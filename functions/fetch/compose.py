"""What the Lambda works with, put together from its environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from functions.fetch.snapshots import Snapshots
from ledgercast import clock
from ledgercast.connections import Transitions
from ledgercast.settings import Addresses, required
from ledgercast.store import connect
from ledgercast.store.audit import Audit
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.grants import GrantStore
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.state import StateStore
from ledgercast.xero.client import TOTAL_SECONDS, XeroClient
from ledgercast.xero.grants import Grants
from ledgercast.xero.identity import Identity

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
        local=_local(),
    )
    lease = StateLease(connect.state(), workspace, connection_id)
    prefix = f"snapshots/{workspace}/{connection_id}"
    return Snapshots(connect.artefacts(), prefix, xero, clock.now, lease, asked)


@dataclass(frozen=True)
class StoredTokens:
    """The tokens of a stored grant. Nothing is read until Xero has to be asked: most runs find their answers kept."""

    workspace: str
    grant: str

    def access_token(self) -> str:
        return _grants().access_token(self.workspace, self.grant)

    def renew(self, rejected: str) -> str:
        return _grants().renew(self.workspace, self.grant, rejected)


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
    return Transitions(ConnectionStore(table), _grant_store(), IncidentStore(table), audit, clock.now, "fetch")


def _grants() -> Grants:
    app = connect.secrets().get_json(required("LEDGERCAST_APP_SECRET"))
    identity = Identity(Addresses.read(), app["xero_client_id"], app["xero_client_secret"], local=_local())
    return Grants(_grant_store(), identity)


def _grant_store() -> GrantStore:
    return GrantStore(
        connect.state_table(),
        connect.client("secretsmanager"),
        connect.client("kms"),
        key=required("LEDGERCAST_KEY"),
        prefix=required("LEDGERCAST_SECRET_PREFIX"),
    )


def _local() -> bool:
    return os.environ.get("LEDGERCAST_LOCAL") == "1"
