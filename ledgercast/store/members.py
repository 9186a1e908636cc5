"""Members of the one workspace, in `state`. Instants are epoch seconds.

pk `WS#<w>` sk `MEMBER#<id>`; gsi1pk `EMAIL#<hash of the address>`, gsi1sk `WS#<w>`. The item also holds the second
factor's own attributes, which only `functions/mfa` reads and writes (through `item` and `update`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ledgercast.domain.accounts import WORKSPACE, Member, MemberState, Role, email_hash, member_id
from ledgercast.store.table import ABSENT, Conflict, Item, Table


class MemberStore:
    def __init__(self, table: Table, workspace: str = WORKSPACE) -> None:
        self._table = table
        self._pk = f"WS#{workspace}"
        self.workspace = workspace

    def get(self, member: str) -> Member | None:
        """The member by id, whatever its state."""
        item = self.item(member)
        return Member.from_item(item) if item else None

    def by_email(self, email: str) -> Member | None:
        """The member with that normalised address, whatever its state."""
        return self.get(member_id(email, self.workspace))

    def list(self) -> list[Member]:
        """Everybody who was not removed, in the order in which they came."""
        found = [Member.from_item(item) for item in self._table.query(self._pk, "MEMBER#")]
        return sorted((one for one in found if one.state != "removed"), key=lambda one: (one.created_at, one.email))

    def create(self, email: str, role: Role, state: MemberState, now: datetime) -> Member | None:
        """A new member with that normalised address; None when there is one already, removed ones included."""
        member = Member(member_id(email, self.workspace), email, role, state, int(now.timestamp()))
        try:
            self._table.put(self._item(member), ABSENT)
        except Conflict:
            return None
        return member

    def invite_again(self, member: str, role: Role, now: datetime) -> bool:
        """Take a removed member back as invited, with nothing of the former second factor left."""
        known = self.get(member)
        if known is None:
            return False
        fresh = Member(member, known.email, role, "invited", int(now.timestamp()))
        return self._conditionally(lambda: self._table.put(self._item(fresh), "#state = :removed", removed="removed"))

    def set_state(self, member: str, state: MemberState) -> bool:
        """False when there is no such member."""
        return self.update(member, {"state": state})

    def item(self, member: str) -> Item | None:
        """The whole stored item, the second factor's attributes included; read consistently."""
        return self._table.get(self._pk, f"MEMBER#{member}")

    def update(self, member: str, changes: Item, condition: str = "attribute_exists(pk)", **values: Any) -> bool:
        """Set attributes under a condition (`#name`, `:value`). False when it does not hold; never makes a member."""
        full = f"attribute_exists(pk) AND ({condition})"
        return self._conditionally(lambda: self._table.update(self._pk, f"MEMBER#{member}", changes, full, **values))

    def _item(self, member: Member) -> Item:
        return {
            "pk": self._pk,
            "sk": f"MEMBER#{member.id}",
            "gsi1pk": f"EMAIL#{email_hash(member.email)}",
            "gsi1sk": self._pk,
            "email": member.email,
            "role": member.role,
            "state": member.state,
            "created_at": member.created_at,
            "totp": member.totp,
        }

    @staticmethod
    def _conditionally(call: Any) -> bool:
        try:
            call()
        except Conflict:
            return False
        return True
