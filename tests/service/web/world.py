"""An edge over tables in memory with a clock that the test moves. For the tests of every function behind the edge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ledgercast.domain.accounts import Member, Role
from ledgercast.store.table import Table
from ledgercast.web.edge import Edge, WebSettings, edge
from tests.service.web.browser import ORIGIN, Browser, Handle

START = datetime(2026, 11, 25, 9, tzinfo=UTC)


class Clock:
    """Stands still but for a microsecond a look, so that what happens in order is recorded in order."""

    def __init__(self, start: datetime = START) -> None:
        self.time = start

    def __call__(self) -> datetime:
        self.time += timedelta(microseconds=1)
        return self.time

    def advance(self, **delta: float) -> None:
        self.time += timedelta(**delta)


@dataclass(frozen=True)
class World:
    edge: Edge
    clock: Clock
    state: Table
    ledger: Table

    def member(self, email: str = "ada@example.com", role: Role = "member") -> Member:
        made = self.edge.members.create(email, role, "active", self.clock())
        assert made, "there is one already"
        return made

    def sign_in(self, browser: Browser, member: Member, *, mfa: bool = False) -> str:
        """A session for this browser, without the way through the mail; the key of the session."""
        value, session = self.edge.sessions.start(member, mfa=mfa)
        browser.cookies["__Host-session"] = value
        browser.csrf = session.csrf
        return session.key

    def browser(self, *handlers: Handle, **more: Any) -> Browser:
        return Browser(*handlers, **more)

    def acts(self) -> list[str]:
        """What the audit holds, oldest first: `act outcome`."""
        entries, _ = self.edge.audit.newest(200)
        return [f"{one.act} {one.outcome}" for one in reversed(entries)]


def world(dynamodb: Any, *, onward: tuple[tuple[str, str], ...] = ()) -> World:
    clock = Clock()
    state, ledger = Table(dynamodb, "state", clock), Table(dynamodb, "ledger", clock)
    return World(edge(state, ledger, WebSettings(ORIGIN, onward=onward), clock), clock, state, ledger)
