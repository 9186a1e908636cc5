"""What becomes of a connection by itself: ended by Xero, found again, and the incidents that follow from its state.

One place for whoever notices first: fetch by an error, keepalive by its daily look, the consent flow by a new consent.
Each change of a row is conditional on what was seen, so that a consent that came meanwhile stands. `settle` makes the
incidents agree with the rows, whoever changed them; it may be called at any time, and again.
"""

from __future__ import annotations

from ledgercast.clock import Clock
from ledgercast.domain.connections import GONE_IN_XERO, GRANT_ENDED, OPEN, Connection
from ledgercast.domain.errors import ConnectionGone, GrantDisconnected
from ledgercast.domain.incidents import Incident, Kind
from ledgercast.store.audit import Audit
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.grants import Grant, GrantStore
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.table import Item
from ledgercast.xero.scopes import state_of

_REASONS = {"grant": GrantDisconnected.code, "connection": ConnectionGone.code}
_UNCHANGED = "(attribute_not_exists(#connected_at) OR #connected_at = :seen)"


class Transitions:
    """`origin` is the part of the system that noticed, for the audit."""

    def __init__(
        self,
        connections: ConnectionStore,
        grants: GrantStore,
        incidents: IncidentStore,
        audit: Audit,
        now: Clock,
        origin: str,
    ) -> None:
        self._connections = connections
        self._grants = grants
        self._incidents = incidents
        self._audit = audit
        self._now = now
        self._origin = origin

    def lost(self, connection: Connection) -> None:
        """Xero answered for this connection, as it was read before the question, that there is no access any more.

        Either the whole consent has ended, which concerns all its organisations, or this one alone.
        """
        grant = self._grants.read(self._connections.workspace, connection.grant)
        if grant and grant.state == "connected":
            self._shut(connection, GONE_IN_XERO)
            self.settle()
        else:
            self.grant_ended(connection.grant)

    def grant_ended(self, grant_id: str) -> None:
        """Shut every organisation of a consent that Xero no longer accepts; nothing, where there is a new one."""
        about = list(self._connections.of_grant(grant_id))
        grant = self._grants.read(self._connections.workspace, grant_id)
        # Read in this order: a consent that comes later has changed the rows that were read before.
        if grant is None or grant.state != "connected":
            for connection in about:
                self._shut(connection, GRANT_ENDED)
        self.settle()

    def look(self, grant: Grant, tenants: set[str]) -> None:
        """Compare a living consent's organisations with those that Xero lists for it (the daily sweep)."""
        for connection in self._connections.of_grant(grant.id):
            listed = connection.tenant.casefold() in tenants
            if connection.is_open and not listed:
                self._shut(connection, GONE_IN_XERO)
            elif connection.held_reason == GRANT_ENDED and connection.state == "disconnected":
                self._found(connection, grant) if listed else self._gone_too(connection)
        self.settle()

    def settle(self) -> None:
        """Open the incidents that the connections' states call for, and close those that they no longer do."""
        rows = self._connections.list()
        wanted: dict[tuple[Kind, str], list[str]] = {}
        for one in rows:
            if one.state == "disconnected" and one.held_reason == GRANT_ENDED:
                wanted.setdefault(("grant", one.grant), []).append(one.id)
            if one.state == "disconnected" and one.held_reason == GONE_IN_XERO:
                wanted[("connection", one.id)] = [one.id]
        for (kind, subject), ids in wanted.items():
            about = {"connections": " ".join(ids)}
            self._incidents.open(kind, subject, self._now(), reason=_REASONS[kind], about=about)
        open_ids = {one.id for one in rows if one.is_open}
        for incident in self._incidents.list():
            if incident.is_open and incident.kind in _REASONS and (incident.kind, incident.subject) not in wanted:
                self._incidents.close(incident, self._now(), quietly=not open_ids & _about(incident))

    def _shut(self, connection: Connection, reason: str) -> None:
        """Only an open one: what is held asks Xero nothing, and is found out when it goes on."""
        changes = {"state": "disconnected", "held_reason": reason, "held_was": ""}
        condition = f"#state IN (:{', :'.join(OPEN)}) AND {_UNCHANGED}"
        opens = {state: state for state in OPEN}
        if connection.is_open and self._connections.update(
            connection.id, changes, condition, seen=connection.connected_at, **opens
        ):
            self._audit.note("xero.disconnected", "system", self._origin, connection.id, reason)

    def _found(self, connection: Connection, grant: Grant) -> None:
        """Another organisation's consent by the same person brought this one's access back, too."""
        changes: Item = {"state": state_of(grant.scopes), "scopes": list(grant.scopes), "held_reason": ""}
        if self._change(connection, changes):
            self._audit.note("xero.resumed", "system", self._origin, connection.id)

    def _gone_too(self, connection: Connection) -> None:
        self._change(connection, {"held_reason": GONE_IN_XERO})

    def _change(self, connection: Connection, changes: Item) -> bool:
        condition = f"#state = :disconnected AND #held_reason = :ended AND {_UNCHANGED}"
        values = {"disconnected": "disconnected", "ended": GRANT_ENDED, "seen": connection.connected_at}
        return self._connections.update(connection.id, changes, condition, **values)


def _about(incident: Incident) -> set[str]:
    return {incident.subject, *incident.about.get("connections", "").split()}
