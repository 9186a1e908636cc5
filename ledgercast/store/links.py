"""Sign-in links, in `state`: kept by the hash of their token, used once, dead after a quarter of an hour.

pk `LINK#<sha256 of the token>` sk `LINK` {workspace, member, next, expires_at}.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledgercast.domain.accounts import WORKSPACE, Member
from ledgercast.store.table import Conflict, Table

LIFE = timedelta(minutes=15)
TOKEN_LENGTH = 43
"""Characters of a token: 256 random bits in URL-safe base 64."""


@dataclass(frozen=True)
class Link:
    """Whose link it was, and the page that was asked for before signing in."""

    member: str
    next: str


class LinkStore:
    def __init__(self, table: Table, workspace: str = WORKSPACE) -> None:
        self._table = table
        self._workspace = workspace

    def make(self, member: Member, now: datetime, next_page: str = "/", life: timedelta = LIFE) -> str:
        """A new link's token, which is stored nowhere; earlier links stay good."""
        token = secrets.token_urlsafe(32)
        ends = int((now + life).timestamp())
        row = {"workspace": self._workspace, "member": member.id, "next": next_page, "expires_at": ends, "ttl": ends}
        self._table.put({"pk": _key(token), "sk": "LINK", **row})
        return token

    def consume(self, token: str, now: datetime) -> Link | None:
        """Whose link it was, told once; None when it is unknown, used, too old or of another workspace."""
        row = self._table.get(_key(token), "LINK")
        if row is None or row["workspace"] != self._workspace or row["expires_at"] <= now.timestamp():
            return None
        try:
            self._table.delete(_key(token), "LINK", "attribute_exists(pk)")
        except Conflict:
            return None  # another request used it between the two calls
        return Link(row["member"], row["next"])


def _key(token: str) -> str:
    return f"LINK#{hashlib.sha256(token.encode()).hexdigest()}"
