"""Ending a connection, so that nothing of it stays at Xero or here (OA-6; facts.md 1.5).

First our own row (`ConnectionStore.disconnect`), which stops its pulses at once; then the rest, in an order in which
every step may be repeated: the connection at Xero (one organisation, never a revocation, which would end the user's
others too), whatever is kept of its books and of what was sent of them, and with the last connection of a grant the
grant's tokens. What fails stays noted on the row (`delete_pending`), and keepalive calls `finish` for it again; the
tokens are kept until Xero has been told.
"""

from __future__ import annotations

from typing import Literal, Protocol

from ledgercast.domain.connections import Connection
from ledgercast.domain.errors import GrantDisconnected, LedgercastError, TokenRejected
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.grants import GrantStore
from ledgercast.xero.grants import Grants
from ledgercast.xero.identity import Identity

Ending = Literal["ok", "left_at_xero", "pending"]
"""left_at_xero: Xero takes our tokens no longer, so only a person can remove the app from the organisation there."""


class Keeping(Protocol):
    """What is used of ledgercast.keeping.Keeping."""

    def forget_connection(self, connection: str) -> None: ...


class Disconnects:
    def __init__(
        self,
        connections: ConnectionStore,
        grants: Grants,
        grant_store: GrantStore,
        identity: Identity,
        keeping: Keeping,
    ) -> None:
        self._connections = connections
        self._grants = grants
        self._store = grant_store
        self._identity = identity
        self._keeping = keeping

    def finish(self, connection_id: str) -> Ending:
        """Remove the rest of a connection that was disconnected here; nothing, where it was connected again meanwhile.

        Raises what AWS raises, and what `keeping` does; it may then be called again.
        """
        connection = self._connections.get(connection_id)
        if connection is None or not connection.delete_pending:
            return "ok"
        try:
            ending: Ending = "ok" if self._leave(connection) else "left_at_xero"
        except LedgercastError:
            return "pending"
        self._keeping.forget_connection(connection.id)
        self.end_unused(connection.grant, but=connection.id)
        done = {"delete_pending": False, "xero_connection": ""}
        self._connections.update(connection.id, done, "#delete_pending = :yes", yes=True)
        return ending

    def end_unused(self, grant_id: str, but: str = "") -> None:
        """Delete the tokens of a grant that no connection needs any more, `but` one left out of account."""
        grant = self._store.read(self._connections.workspace, grant_id)
        used = any(one.needs_tokens for one in self._connections.of_grant(grant_id) if one.id != but)
        if grant and not used:
            self._store.remove(grant)

    def _leave(self, connection: Connection) -> bool:
        """Tell Xero; False where we have no tokens left to tell it with."""
        if not connection.xero_connection:
            return True
        workspace = self._connections.workspace
        try:
            token = self._grants.access_token(workspace, connection.grant)
            try:
                self._identity.delete_connection(token, connection.xero_connection)
            except TokenRejected:
                token = self._grants.renew(workspace, connection.grant, token)
                self._identity.delete_connection(token, connection.xero_connection)
        except GrantDisconnected:
            return False
        return True
