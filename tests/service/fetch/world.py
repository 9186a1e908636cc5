"""A sandbox organisation, a grant got by real consent over HTTP, and the snapshots in between."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import requests

from functions.fetch.compute import compute
from functions.fetch.snapshots import MemoryStore, Snapshots
from ledgercast.domain.facts import Facts
from ledgercast.settings import Addresses
from ledgercast.xero.client import LARGEST_BYTES, XeroClient
from ledgercast.xero.identity import Identity
from ledgercast.xero.scopes import GRANULAR
from ledgercast.xero.wire import Wire
from local.consent import MemoryGrant
from local.xero.books import ZONES, Books
from local.xero.generate import generate
from local.xero.server import XeroSandbox

REDIRECT = "http://localhost:8080/oauth/xero/callback"
VERIFIER = "v" * 48


@dataclass
class Time:
    """The clock of both sides; only a test moves it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **amount: float) -> None:
        self.now += timedelta(**amount)


def noon(today: date, timezone: str = "GMTSTANDARDTIME") -> datetime:
    """Midday of that date in an organisation's zone."""
    return datetime.combine(today, time(12), ZoneInfo(ZONES[timezone])).astimezone(UTC)


@dataclass
class World:
    """`start` it before use and `stop` it after; each World is one organisation and one connection."""

    books: Books
    clock: Time
    scopes: Iterable[str] = GRANULAR
    total_seconds: float = 10.0
    read_seconds: float = 10.0
    store: MemoryStore = field(default_factory=MemoryStore)

    def __enter__(self) -> World:
        self.xero = XeroSandbox(self.books, self.clock).start()
        identity = Identity(
            Addresses(self.xero.url, self.xero.url, self.xero.url),
            self.xero.client_id,
            self.xero.client_secret,
            local=True,
        )
        tokens = identity.exchange(self._code(identity), redirect=REDIRECT, verifier=VERIFIER)
        self.grant = MemoryGrant(identity, tokens)
        self.secrets = [tokens.access_token, tokens.refresh_token]
        self.client = self.another_client()
        self.snapshots = self.another_run()
        self.xero.calls.clear()
        return self

    def __exit__(self, *_: object) -> None:
        self.xero.stop()

    def another_client(self, tokens: Any = None) -> XeroClient:
        wire = Wire(
            local=True,
            total_seconds=self.total_seconds,
            read_seconds=self.read_seconds,
            largest_bytes=LARGEST_BYTES,
        )
        tenant = self.books.organisation.id
        return XeroClient(self.xero.url, tenant, tokens or self.grant, local=True, wire=wire)

    def another_run(self, lease: Any = None) -> Snapshots:
        return Snapshots(self.store, "snapshots/main/c1", self.client, self.clock, lease)

    def facts(self, metric: str) -> Facts:
        return compute(metric, self.snapshots, self.clock())

    def asked(self) -> Counter[str]:
        """Accounting calls by the last part of their path, without those that had to be made again."""
        calls = [call for call in self.xero.calls if call.accounting and call.status == 200]
        return Counter(call.path.rpartition("/")[2] for call in calls)

    def _code(self, identity: Identity) -> str:
        digest = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        address = identity.authorise_url(redirect=REDIRECT, state="s", challenge=digest, scopes=self.scopes)
        answer = requests.get(address, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def world(today: date, *, seed: int = 7, scopes: Iterable[str] = GRANULAR, **switches: Any) -> World:
    """At midday of the organisation's own today."""
    timezone = switches.get("timezone", "GMTSTANDARDTIME")
    return World(generate(today, seed=seed, **switches), Time(noon(today, timezone)), scopes)
