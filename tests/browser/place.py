"""Where people come in: the running system with both sandboxes, and a browser in which each visitor has an own room."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext

from ledgercast.domain.accounts import Role
from ledgercast.store.links import LinkStore
from ledgercast.store.members import MemberStore
from local.settings import LocalSettings
from local.system import system
from local.xero.books import Books, Organisation
from local.xero.generate import generate
from local.xero.identity import Consent
from tests.browser.visitor import Visitor
from tests.browser.watch import Watch
from tests.running import Running

TODAY = datetime(2026, 11, 25, 9, tzinfo=UTC)  # a Wednesday
LONG_NAME = "The Worshipful Company of Importers, Roasters & Purveyors of Fine Coffee (Holdings) Ltd"
NAMES = ("Quiet Ltd", "Northgate Deli Ltd", "Boxwell Packaging Ltd", LONG_NAME)


@dataclass
class Place(Running):
    browser: Browser
    faults: list[str] = field(default_factory=list)
    _rooms: list[BrowserContext] = field(default_factory=list)
    _watches: list[Watch] = field(default_factory=list)

    @property
    def site(self) -> str:
        return self.system.runtime.url

    def visitor(self, email: str = "", *, javascript: bool = True) -> Visitor:
        """Somebody at a browser that nobody used before; without an address, somebody whom nobody knows."""
        room = self.browser.new_context(
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",  # or a colour would be judged on its way to another
            java_script_enabled=javascript,
        )
        room.set_default_timeout(20_000)
        watch = Watch(self.site, (self.xero.url, self.slack.url))
        watch.over(room)
        self._rooms.append(room)
        self._watches.append(watch)
        return Visitor(room.new_page(), self.site, email or f"{uuid.uuid4().hex[:8]}@example.com")

    def member(self, name: str = "", role: Role = "owner") -> str:
        """The address of a new member of the workspace."""
        email = f"{name or role}-{uuid.uuid4().hex[:6]}@example.com"
        members = MemberStore(self.system.table)
        assert members.create(email, role, "active", self.system.runtime.clock.now())
        return email

    def enter(self, visitor: Visitor, next_page: str = "/") -> None:
        """By a link that needs no mail, opened and pressed."""
        known = MemberStore(self.system.table).by_email(visitor.email)
        assert known
        token = LinkStore(self.system.table).make(known, self.system.runtime.clock.now(), next_page)
        visitor.open(f"/sign-in/verify?token={token}")
        visitor.press("Sign in to Ledgercast")

    def owner(self, name: str = "") -> Visitor:
        """A new owner, signed in, without a second factor."""
        return self._somebody(name, "owner")

    def plain_member(self, name: str = "") -> Visitor:
        return self._somebody(name, "member")

    def _somebody(self, name: str, role: Role) -> Visitor:
        visitor = self.visitor(self.member(name, role))
        self.enter(visitor)
        return visitor

    def consent(self, *names: str, user: str = "", deny: bool = False) -> None:
        """What the person at Xero's page does from now on; a new Xero user where none is named."""
        tenants = [self.organisation(name).id for name in names]
        self.xero.identity.consent = Consent(user or str(uuid.uuid4()), tenants, deny)

    def organisation(self, name: str) -> Organisation:
        return next(one.organisation for one in self.xero.books if one.organisation.name == name)

    def connect(self, visitor: Visitor, name: str) -> None:
        """The visitor connects that organisation, with the second factor set up on the way where it is missing."""
        self.consent(name)
        visitor.open("/oauth/xero/start")
        if visitor.page.locator("#totp-secret").count():
            visitor.set_up_totp()
            visitor.go_on()
        assert visitor.state_of(name) == "connected"

    def leave(self) -> None:
        """Everybody goes, the workspace is as new, and everything works again."""
        for room in self._rooms:
            room.close()
        self._empty()
        self.faults += [fault for watch in self._watches for fault in watch.faults]
        self._rooms, self._watches = [], []
        self.xero.faults.clear()
        self.slack.faults.clear()
        self.slack.messages.clear()
        self.slack.oauth.deny = False
        self.xero.limits.per_day = 1_000

    def _empty(self) -> None:
        """All that is kept of members, sessions, throttles, connections, pulses; what was done stays in the audit."""
        dynamodb, name = self.system.runtime.client("dynamodb"), self.system.runtime.outputs["StateTable"]
        for page in dynamodb.get_paginator("scan").paginate(TableName=name, ProjectionExpression="pk, sk"):
            for key in page["Items"]:
                dynamodb.delete_item(TableName=name, Key=key)
        self.system.pulses.repair_all()  # no schedule without its pulse


@contextmanager
def opened(browser: Browser, folder: Path) -> Iterator[Place]:
    settings = replace(LocalSettings.read({}), port=0, starts_at=TODAY)
    with system(settings, folder, lambda _: None, _books()) as running:
        yield Place(running, browser)


def _books() -> list[Books]:
    """One organisation with fourteen months of figures, and some that have none."""
    empty = [generate(TODAY.date(), seed=20 + n, empty=True, name=name) for n, name in enumerate(NAMES)]
    return [generate(TODAY.date()), *empty]
