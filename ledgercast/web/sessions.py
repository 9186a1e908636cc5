"""Sessions: who holds one, for how long, and how it is carried (SE-1).

A session ends two hours after its last use and twelve after its sign-in in any case, both by our clock. The cookie's
value is 256 random bits; the store knows its hash alone. It is new at every sign-in and after the second factor.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from ledgercast.clock import Clock
from ledgercast.domain.accounts import WORKSPACE, Member, Session
from ledgercast.store.sessions import SessionStore

_TOUCH_AFTER = 60
_LONGEST_VALUE = 100


@dataclass(frozen=True)
class Limits:
    idle: timedelta = timedelta(hours=2)
    absolute: timedelta = timedelta(hours=12)


class Sessions:
    def __init__(self, store: SessionStore, now: Clock, limits: Limits | None = None) -> None:
        self._store = store
        self._now = now
        self._limits = limits or Limits()

    def start(self, member: Member, *, mfa: bool = False, browser: str = "") -> tuple[str, Session]:
        """A new session and its cookie's value. Its stage is "link" while a second factor that is on is not passed."""
        now = self._seconds()
        value, key = _new_id()
        session = Session(
            key=key,
            workspace=WORKSPACE,
            member=member.id,
            created_at=now,
            seen_at=now,
            mfa_at=now if mfa else None,
            stage="full" if mfa or member.totp == "off" else "link",
            csrf=secrets.token_urlsafe(32),
            browser=browser,
        )
        self._store.put(session, self._ends(session))
        return value, session

    def rotate(self, session: Session, *, mfa: bool = True) -> tuple[str, Session]:
        """The same session under a new id and CSRF value, the old id dead; `mfa`: the second factor was just passed.

        Of two requests that rotate at once only one goes on. Raises SessionEnded for the other, and for a session
        that ended meanwhile.
        """
        if not self._store.delete(session.key):
            raise SessionEnded
        now = self._seconds()
        value, key = _new_id()
        fresh = replace(session, key=key, seen_at=now, csrf=secrets.token_urlsafe(32))
        if mfa:
            fresh = replace(fresh, mfa_at=now, stage="full")
        self._store.put(fresh, self._ends(fresh))
        return value, fresh

    def find(self, value: str) -> Session | None:
        """The living session of a cookie's value; notes that it is in use."""
        if not value or len(value) > _LONGEST_VALUE:
            return None
        session = self._store.get(_hash(value))
        now = self._seconds()
        if session is None or session.workspace != WORKSPACE or self._ends(session) <= now:
            return None
        if now - session.seen_at >= _TOUCH_AFTER:
            session = replace(session, seen_at=now)
            self._store.touch(session.key, now, self._ends(session))
        return session

    def end(self, session: Session | str) -> None:
        """End a session (or the one with that key) at once."""
        self._store.delete(session if isinstance(session, str) else session.key)

    def end_all(self, member: str, but: Session | None = None) -> int:
        """End every session of a member, except one if given; how many."""
        ended = [one for one in self.list(member) if but is None or one.key != but.key]
        for session in ended:
            self.end(session)
        return len(ended)

    def list(self, member: str) -> list[Session]:
        """The member's living sessions, newest first (an index: what began in the last second may be missing)."""
        now = self._seconds()
        return [one for one in self._store.of_member(WORKSPACE, member) if self._ends(one) > now]

    def _ends(self, session: Session) -> int:
        idle, absolute = (int(limit.total_seconds()) for limit in (self._limits.idle, self._limits.absolute))
        return min(session.seen_at + idle, session.created_at + absolute)

    def _seconds(self) -> int:
        return int(self._now().timestamp())


class SessionEnded(Exception):
    """The session ended while the request was on its way; App leads to the sign-in page."""


def _new_id() -> tuple[str, str]:
    value = secrets.token_urlsafe(32)
    return value, _hash(value)


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
