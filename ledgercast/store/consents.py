"""Consents under way, in `state`: what a provider's answer must match before anything is done with it (OA-1).

pk `STATE#<sha256 of the state>` sk `STATE` {workspace, member, session, browser, provider, verifier, next, connection,
expires_at}. The state goes to the provider and comes back; the row knows its hash, and the hashes of the session and of
the browser's own cookie that began it. It is used once, within ten minutes of our clock.

pk `CHOICE#<session>` sk `CHOICE` {workspace, member, grant, scopes, next, connection, expires_at}: a consent of which
Xero did not say what organisation it is for; the session that gave it may choose, once, within the same time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from ledgercast.domain.accounts import WORKSPACE, Session
from ledgercast.store.table import Conflict, Item, Table

LIFE = timedelta(minutes=10)
Provider = Literal["xero", "slack"]

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 random bits in URL-safe base 64


class StateRefused(Exception):
    """The answer belongs to no consent that may still end here. `reason`: state (unknown, used or too old), session
    (another sign-in began it) or browser (another browser did)."""

    def __init__(self, reason: Literal["state", "session", "browser"]) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Started:
    """What goes out: `state` and the PKCE `challenge` to the provider, `browser` into a cookie."""

    state: str = field(repr=False)
    challenge: str
    browser: str = field(repr=False)


@dataclass(frozen=True)
class Begun:
    """What was meant: by whom, where to go afterwards ("" for nowhere in particular), which connection to mend."""

    member: str
    verifier: str = field(repr=False)
    next: str
    connection: str


@dataclass(frozen=True)
class Offer:
    """A stored consent (`grant`, with its `scopes`) for which an organisation is to be chosen."""

    grant: str
    scopes: tuple[str, ...]
    next: str
    connection: str


class ConsentStore:
    def __init__(self, table: Table, workspace: str = WORKSPACE) -> None:
        self._table = table
        self._workspace = workspace

    def begin(
        self,
        provider: Provider,
        session: Session,
        now: datetime,
        *,
        browser: str = "",
        next_page: str = "",
        connection: str = "",
    ) -> Started:
        """A new state of 256 bits. `browser` is the cookie's present value, kept so that two tabs can both end well."""
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        browser = browser if _TOKEN.fullmatch(browser) else secrets.token_urlsafe(32)
        ends = int((now + LIFE).timestamp())
        row = {
            "workspace": self._workspace,
            "member": session.member,
            "session": session.key,
            "browser": _hash(browser),
            "provider": provider,
            "verifier": verifier,
            "next": next_page,
            "connection": connection,
            "expires_at": ends,
            "ttl": ends,
        }
        self._table.put({"pk": _key(state), "sk": "STATE", **row})
        return Started(state, _challenge(verifier), browser)

    def consume(self, provider: Provider, state: str, session: Session, browser: str, now: datetime) -> Begun:
        """What this state was begun for, told once. Raises StateRefused.

        In wrong hands it stays as it is: whoever saw a state can neither use it nor spoil it for its owner.
        """
        row = self._table.get(_key(state), "STATE") if _TOKEN.fullmatch(state) else None
        if row is None or not self._fits(row, provider, now):
            raise StateRefused("state")
        if not hmac.compare_digest(row["session"], session.key) or row["member"] != session.member:
            raise StateRefused("session")
        if not hmac.compare_digest(row["browser"], _hash(browser)):
            raise StateRefused("browser")
        try:
            self._table.delete(_key(state), "STATE", "attribute_exists(pk)")
        except Conflict:
            raise StateRefused("state") from None  # another request used it between the two calls
        return Begun(row["member"], row["verifier"], row["next"], row["connection"])

    def offer(self, session: Session, offer: Offer, now: datetime) -> None:
        """Let this session choose an organisation of that grant."""
        ends = int((now + LIFE).timestamp())
        row = {
            "workspace": self._workspace,
            "member": session.member,
            **asdict(offer),
            "scopes": list(offer.scopes),
            "expires_at": ends,
            "ttl": ends,
        }
        self._table.put({"pk": f"CHOICE#{session.key}", "sk": "CHOICE", **row})

    def offered(self, session: Session, now: datetime) -> Offer | None:
        """What this session may choose from."""
        row = self._table.get(f"CHOICE#{session.key}", "CHOICE")
        if row is None or (row["workspace"], row["member"]) != (self._workspace, session.member):
            return None
        if row["expires_at"] <= now.timestamp():
            return None
        return Offer(row["grant"], tuple(row["scopes"]), row["next"], row["connection"])

    def settle(self, session: Session) -> bool:
        """The choice was made. False when it had been already: of two submissions one counts."""
        try:
            self._table.delete(f"CHOICE#{session.key}", "CHOICE", "attribute_exists(pk)")
        except Conflict:
            return False
        return True

    def _fits(self, row: Item, provider: Provider, now: datetime) -> bool:
        ours = row["workspace"] == self._workspace and row["provider"] == provider
        return bool(ours and row["expires_at"] > now.timestamp())


def _key(state: str) -> str:
    return f"STATE#{_hash(state)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _challenge(verifier: str) -> str:
    """PKCE's S256 (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
