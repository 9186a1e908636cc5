"""The rows of sessions, in `state`: found by the hash of the cookie's value, listed by member.

pk `SESSION#<hash>` sk `SESSION`; gsi1pk `WS#<w>#MEMBER#<id>`, gsi1sk `SESSION#<created_at>`. Which session may still
be used is decided in `ledgercast.web.sessions`.
"""

from __future__ import annotations

from dataclasses import asdict

from ledgercast.domain.accounts import Session
from ledgercast.store.table import Conflict, Item, Table


class SessionStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, key: str) -> Session | None:
        item = self._table.get(f"SESSION#{key}", "SESSION")
        return _session(item) if item else None

    def put(self, session: Session, ends_at: int) -> None:
        keys = {
            "pk": f"SESSION#{session.key}",
            "sk": "SESSION",
            "gsi1pk": f"WS#{session.workspace}#MEMBER#{session.member}",
            "gsi1sk": f"SESSION#{session.created_at}",
        }
        body = {name: value for name, value in asdict(session).items() if name != "key"}
        self._table.put({**keys, **body, "ttl": ends_at})

    def touch(self, key: str, seen_at: int, ends_at: int) -> None:
        """Note that it was used; one that ended meanwhile stays ended."""
        try:
            changes = {"seen_at": seen_at, "ttl": ends_at}
            self._table.update(f"SESSION#{key}", "SESSION", changes, "attribute_exists(pk)")
        except Conflict:
            return

    def delete(self, key: str) -> bool:
        """False when it had ended already: of two who end or rotate a session, one wins."""
        try:
            self._table.delete(f"SESSION#{key}", "SESSION", "attribute_exists(pk)")
        except Conflict:
            return False
        return True

    def of_member(self, workspace: str, member: str) -> list[Session]:
        """Newest first."""
        rows = self._table.query(f"WS#{workspace}#MEMBER#{member}", "SESSION#", index="gsi1", newest_first=True)
        return [_session(row) for row in rows]


def _session(item: Item) -> Session:
    return Session(
        key=item["pk"].removeprefix("SESSION#"),
        workspace=item["workspace"],
        member=item["member"],
        created_at=item["created_at"],
        seen_at=item["seen_at"],
        mfa_at=item["mfa_at"],
        stage=item["stage"],
        csrf=item["csrf"],
        browser=item["browser"],
    )
