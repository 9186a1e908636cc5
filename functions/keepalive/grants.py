"""One grant's daily round: keep it alive, warn in time, and compare its organisations with Xero's list (TK-4).

Looking at /connections needs an access token, so that a grant is renewed at least once a day, however idle its pulses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ledgercast.clock import Clock
from ledgercast.connections import Transitions
from ledgercast.domain.errors import GrantDisconnected, LedgercastError, RefreshInProgress, TokenRejected
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.grants import Grant, GrantStore
from ledgercast.store.incidents import IncidentStore
from ledgercast.xero.disconnect import Disconnects
from ledgercast.xero.grants import Grants, ends_at
from ledgercast.xero.identity import Identity

WARNINGS = (1, 7, 14)
"""Days of life left at which the owners are warned."""

UNUSED_FOR = timedelta(days=1)
"""A consent whose organisation is still being chosen has no connection yet; after a day nobody chooses any more."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class GrantRound:
    store: GrantStore
    grants: Grants
    identity: Identity
    connections: ConnectionStore
    transitions: Transitions
    disconnects: Disconnects
    incidents: IncidentStore
    now: Clock

    def look_after(self, seen: Grant) -> str:
        """What became of it, as a word or a code for the log.

        Raises LedgercastError where Xero gives no list of organisations, and what AWS raises.
        """
        grant = self.store.read(seen.workspace, seen.id)
        if grant is None:
            return "gone"
        if grant.state != "connected":
            return self._ended(grant)
        if not any(one.needs_tokens for one in self.connections.of_grant(grant.id)):
            return self._unused(grant)
        try:
            token = self.grants.access_token(grant.workspace, grant.id)
        except GrantDisconnected:
            return self._ended(grant)
        except RefreshInProgress as busy:
            return busy.code
        except LedgercastError as error:
            return self._failing(grant, error.code)
        self._close_warning(grant)
        return self._compare(grant, token)

    def _compare(self, grant: Grant, token: str) -> str:
        try:
            listed = self.identity.connections(token)
        except TokenRejected:
            token = self.grants.renew(grant.workspace, grant.id, token)
            listed = self.identity.connections(token)
        # Read again: a consent of today may have widened the scopes.
        present = self.store.read(grant.workspace, grant.id) or grant
        self.transitions.look(present, {one.tenant.casefold() for one in listed})
        return "ok"

    def _ended(self, grant: Grant) -> str:
        self._close_warning(grant, quietly=True)
        self.transitions.grant_ended(grant.id)
        return GrantDisconnected.code

    def _unused(self, grant: Grant) -> str:
        self._close_warning(grant, quietly=True)
        if self.now() - _instant(grant.refreshed_at) > UNUSED_FOR:
            self.disconnects.end_unused(grant.id)
        return "unused"

    def _failing(self, grant: Grant, reason: str) -> str:
        """It could not be renewed: warn, or end it where Xero has dropped it by its age."""
        if self.grants.end_of_life(grant):
            return self._ended(grant)
        left = math.ceil((ends_at(grant) - self.now()) / DAY)
        due = next((days for days in WARNINGS if left <= days), None)
        if due is not None:
            since, ends = _instant(grant.refreshed_at).isoformat(), ends_at(grant).isoformat()
            about = {"since": since, "ends": ends, "days": str(left)}
            self.incidents.open("expiring", grant.id, self.now(), reason=reason, round=str(due), about=about)
        return reason

    def _close_warning(self, grant: Grant, *, quietly: bool = False) -> None:
        warned = self.incidents.get("expiring", grant.id)
        if warned and warned.is_open:
            self.incidents.close(warned, self.now(), quietly=quietly)


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
