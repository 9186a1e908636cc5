"""Who has unsubscribed from which pulse, and the links that do it (contracts.md 1; RFC 8058), in `state`.

A link's token is 128 random bits, one for each (pulse, address), made when the first mail to that address is written,
and stays good for as long as somebody may still have the mail.

    pk `WS#<w>`                 sk `UNSUB#<pulse>#<address hash>`    {token}
    pk `UNSUB#<sha256(token)>`  sk `UNSUB`                           {workspace, pulse, address (hash)}
    pk `WS#<w>`                 sk `OPTOUT#<pulse>#<address hash>`   {at}
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.recipients import address_hash
from ledgercast.store.table import ABSENT, Conflict, Table

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Subscription:
    """What a link is about: the mails of one pulse to one address, which is known by its hash alone."""

    workspace: str
    pulse: str
    address: str


class OptOuts:
    def __init__(self, table: Table, workspace: str = WORKSPACE) -> None:
        self._table = table
        self._workspace = workspace
        self._pk = f"WS#{workspace}"

    def token(self, pulse: str, address: str) -> str:
        """The token of the links in this pulse's mails to this address."""
        one, sk = address_hash(address), f"UNSUB#{pulse}#{address_hash(address)}"
        known = self._table.get(self._pk, sk)
        if known is None:
            token = secrets.token_urlsafe(16)
            # What the link leads to first, so that no mail ever carries a link that leads nowhere.
            about = {"workspace": self._workspace, "pulse": pulse, "address": one}
            self._table.put({"pk": _link(token), "sk": "UNSUB", **about})
            try:
                self._table.put({"pk": self._pk, "sk": sk, "token": token}, ABSENT)
            except Conflict:
                known = self._table.get(self._pk, sk)
            else:
                return token
        return str((known or {})["token"])

    def find(self, token: str) -> Subscription | None:
        """What that link is about; None for a token that nobody was given."""
        if not _TOKEN.fullmatch(token):
            return None
        row = self._table.get(_link(token), "UNSUB")
        if row is None or row["workspace"] != self._workspace:
            return None
        return Subscription(row["workspace"], row["pulse"], row["address"])

    def opt_out(self, one: Subscription, now: datetime) -> bool:
        """False when they had already; the first time stands."""
        try:
            self._table.put({"pk": self._pk, "sk": _out(one), "at": int(now.timestamp())}, ABSENT)
        except Conflict:
            return False
        return True

    def opt_in(self, one: Subscription) -> bool:
        """False when they had not opted out."""
        try:
            self._table.delete(self._pk, _out(one), "attribute_exists(pk)")
        except Conflict:
            return False
        return True

    def is_out(self, one: Subscription) -> bool:
        return self._table.get(self._pk, _out(one)) is not None

    def of_pulse(self, pulse: str) -> dict[str, int]:
        """Who has opted out of a pulse: the hash of each address, and when, in epoch seconds."""
        rows = self._table.query(self._pk, f"OPTOUT#{pulse}#")
        return {row["sk"].rpartition("#")[2]: row["at"] for row in rows}


def _link(token: str) -> str:
    return f"UNSUB#{hashlib.sha256(token.encode()).hexdigest()}"


def _out(one: Subscription) -> str:
    return f"OPTOUT#{one.pulse}#{one.address}"
