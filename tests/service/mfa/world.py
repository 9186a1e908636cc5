"""The second factor over AWS in memory: our clock and the machine's moved apart, and a phone that counts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from functions.mfa.compose import Dependencies
from functions.mfa.factors import Factors
from functions.mfa.handler import build
from functions.mfa.seals import Seals
from ledgercast.domain.accounts import Member, Role
from ledgercast.store.holds import Holds
from ledgercast.store.table import Item, Table
from ledgercast.web.edge import Edge, WebSettings, edge
from tests.service.conftest import REGION
from tests.service.web.browser import ORIGIN, Answer, Browser
from tests.service.web.world import Clock, World

XERO = "https://login.xero.com"
ADA = "ada@example.com"


class MachineTime:
    """Real time, as the functions' machine and the phone share it: apart from our own clock."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 25, 12, 0, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **delta: float) -> None:
        self.time += timedelta(**delta)

    def next_step(self, steps: int = 1) -> None:
        self.advance(seconds=30 * steps)


@dataclass
class Entropy:
    """Bytes that a test can foretell, and what was asked for."""

    asked: list[int] = field(default_factory=list)

    def __call__(self, size: int) -> bytes:
        self.asked.append(size)
        return hashlib.sha512(f"entropy {len(self.asked)}".encode()).digest()[:size]


class Phone:
    """An authenticator app, written after RFC 4226 and RFC 6238 without the library that the product uses."""

    def __init__(self, secret: str, time: Callable[[], datetime]) -> None:
        self._key = base64.b32decode(secret)
        self._time = time

    def code(self, steps: int = 0) -> str:
        """What it shows now, or showed and will show so many steps away."""
        counter = int(self._time().timestamp()) // 30 + steps
        digest = hmac.digest(self._key, struct.pack(">Q", counter), "sha1")
        at = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"

    def wrong(self) -> str:
        """Six digits that it shows at no time near."""
        near = {self.code(steps) for steps in range(-5, 6)}
        return next(f"{number:06}" for number in range(len(near) + 1) if f"{number:06}" not in near)


@dataclass
class Place:
    """The function over its tables and keys, and the people in front of it."""

    web: World
    kms: Any
    key: str
    machine: MachineTime
    entropy: Entropy
    deps: Dependencies

    def __post_init__(self) -> None:
        self.handle = build(lambda: self.deps).handle

    @property
    def clock(self) -> Clock:
        return self.web.clock

    @property
    def edge(self) -> Edge:
        return self.web.edge

    def browser(self, address: str = "203.0.113.7") -> Browser:
        return Browser(self.handle, address=address)

    def signed_in(self, email: str = ADA, role: Role = "member", *, address: str = "203.0.113.7") -> Browser:
        """A browser whose session is new, at the stage that the link leaves it at."""
        browser = self.browser(address)
        self.web.sign_in(browser, self.member(email, role))
        return browser

    def member(self, email: str = ADA, role: Role = "member") -> Member:
        return self.edge.members.by_email(email) or self.web.member(email, role)

    def row(self, email: str = ADA) -> Item:
        """The stored item, with the second factor's attributes."""
        return self.edge.members.item(self.member(email).id) or {}

    def phone(self, page: Answer) -> Phone:
        """The secret of a set-up page, typed into an app."""
        return Phone(secret_of(page), self.machine)

    def set_up(self, browser: Browser, onward: str = "") -> tuple[Phone, list[str]]:
        """The whole set-up: the phone and the backup codes. The machine's time is a step later afterwards."""
        page = browser.get(f"/security/mfa-required?next={onward}" if onward else "/security/mfa-required")
        phone = self.phone(page)
        done = browser.post("/security/totp/confirm", code=phone.code(), next=page.hidden("next"))
        assert done.status == 200, done.body
        self.machine.next_step()
        return phone, backup_codes_of(done)

    def protected(
        self, email: str = ADA, role: Role = "member", *, address: str = "203.0.113.7"
    ) -> tuple[Browser, Phone, list[str]]:
        """Somebody whose second factor is on, signed in with it."""
        browser = self.signed_in(email, role, address=address)
        return browser, *self.set_up(browser)

    def session(self, browser: Browser) -> Any:
        """The living session of a browser; None without one."""
        return self.edge.sessions.find(browser.cookies.get("__Host-session", ""))

    def connection(self, name: str, member: str, state: str = "connected", **more: Any) -> None:
        keys = {"pk": "WS#main", "sk": f"CONN#{name}", "gsi1pk": f"TENANT#{name}", "gsi1sk": "WS#main"}
        shape = {"tenant": name, "name": name, "grant": "g-1", "scopes": ["a"], "connected_by": member}
        self.web.state.put({**keys, **shape, "state": state, **more})

    def connection_state(self, name: str) -> tuple[str, str]:
        row = self.web.state.get("WS#main", f"CONN#{name}") or {}
        return row["state"], row.get("held_reason") or ""

    def everything_stored(self) -> str:
        """All rows of both tables, as text."""
        client = self.web.state._client
        return "\n".join(str(row) for name in ("state", "ledger") for row in client.scan(TableName=name)["Items"])


def place(session: boto3.Session, dynamodb: Any) -> Place:
    clock, machine, entropy = Clock(), MachineTime(), Entropy()
    state, ledger = (Table(dynamodb, name, clock) for name in ("state", "ledger"))
    settings = WebSettings(ORIGIN, onward=(("/oauth/xero/", XERO),))
    web = World(edge(state, ledger, settings, clock), clock, state, ledger)
    kms: Any = session.client("kms", region_name=REGION)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    seals = Seals(kms, key, web.edge.members.workspace)
    factors = Factors(web.edge.members, seals, clock, machine, entropy)
    return Place(web, kms, key, machine, entropy, Dependencies(web.edge, factors, Holds(state)))


def secret_of(page: Answer) -> str:
    found = re.search(r'id="totp-secret"[^>]*>([^<]*)<', page.body)
    assert found, page.body
    return found[1].strip()


def backup_codes_of(page: Answer) -> list[str]:
    listed = re.search(r'id="backup-codes"[^>]*>(.*?)</ol>', page.body, re.DOTALL)
    assert listed, page.body
    return re.findall(r"<li>([^<]+)</li>", listed[1])


def continue_of(page: Answer) -> str:
    found = re.search(r'id="continue"[^>]*href="([^"]*)"', page.body)
    assert found, page.body
    return found[1]
