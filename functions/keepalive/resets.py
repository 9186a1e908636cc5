"""After an owner or the operator reset somebody's second factor: seven days of grace, told daily (design 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ledgercast import second_factor
from ledgercast.clock import Clock
from ledgercast.domain.accounts import Member
from ledgercast.domain.connections import Connection
from ledgercast.incident_letters import HELD_ROUND
from ledgercast.second_factor import GRACE, HELD_BECAUSE_OFF
from ledgercast.store.audit import Audit
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.holds import Holds
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.members import MemberStore

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Resets:
    members: MemberStore
    connections: ConnectionStore
    holds: Holds
    incidents: IncidentStore
    audit: Audit
    now: Clock

    def look_after(self) -> int:
        """How many members are reminded of, or held for."""
        made = self.connections.list()
        return sum(self._one(member, [one for one in made if one.connected_by == member.id]) for member in self._all())

    def _one(self, member: Member, made: list[Connection]) -> bool:
        reset_at = (self.members.item(member.id) or {}).get("reset_at")
        concerned = any(one.is_open or one.held_reason == HELD_BECAUSE_OFF for one in made)
        if member.totp == "on" or not reset_at or not concerned:
            self._over(member)
            return False
        since = timedelta(seconds=self.now().timestamp() - reset_at)
        if since < GRACE:
            self._open(member, f"day {since // DAY + 1}")
            return True
        second_factor.hold(self.holds, self.audit, member.id, actor="system", origin="keepalive")
        self._open(member, HELD_ROUND)
        return True

    def _open(self, member: Member, round_: str) -> None:
        self.incidents.open("mfa_reset", member.id, self.now(), reason=HELD_BECAUSE_OFF, round=round_)

    def _over(self, member: Member) -> None:
        """Set up again, or nothing of theirs is left that could be held."""
        known = self.incidents.get("mfa_reset", member.id)
        if known and known.is_open:
            self.incidents.close(known, self.now(), quietly=member.totp != "on")

    def _all(self) -> list[Member]:
        return self.members.list()
