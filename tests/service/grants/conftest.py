"""A grant's whole world: the sandbox's identity side over HTTP, and AWS in memory behind clients that can die."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests

from ledgercast.settings import Addresses
from ledgercast.store.grants import Grant, GrantStore
from ledgercast.store.table import Table
from ledgercast.xero.grants import Grants
from ledgercast.xero.identity import Identity, TokenSet
from ledgercast.xero.scopes import GRANULAR
from local.xero.generate import generate
from local.xero.server import XeroSandbox

WORKSPACE = "main"
REDIRECT = "http://localhost:8080/oauth/xero/callback"
START = datetime(2026, 11, 25, 9, tzinfo=UTC)


class Killed(BaseException):
    """The process is gone: nothing of ours may catch this, and nothing it calls answers any more."""


@dataclass
class Fate:
    """Counts the calls of AWS and ends the process before or after the one numbered `at`."""

    at: int = -1
    when: str = "before"
    calls: list[str] = field(default_factory=list)
    dead: bool = False

    def __call__(self, name: str, act: Callable[[], Any]) -> Any:
        if self.dead:
            raise Killed
        self.calls.append(name)
        doomed = len(self.calls) - 1 == self.at
        self.dead = doomed
        if doomed and self.when == "before":
            raise Killed
        result = act()
        if doomed:
            raise Killed
        return result


class Client:
    """A boto3 client whose calls meet a fate."""

    def __init__(self, client: Any, fate: Fate) -> None:
        self._client = client
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found) or name in ("exceptions", "get_paginator"):
            return found

        def call(**given: Any) -> Any:
            return self._fate(name, lambda: found(**given))

        return call


class World:
    def __init__(self, session: boto3.Session, dynamodb: Any, sandbox: XeroSandbox, clock: Clock) -> None:
        self.session = session
        self.sandbox = sandbox
        self.clock = clock
        self.dynamodb = dynamodb
        self.secrets = session.client("secretsmanager")
        self.kms = session.client("kms")
        self.key = self.kms.create_key()["KeyMetadata"]["Arn"]

    def identity(self, secret: str = "") -> Identity:
        url = self.sandbox.url
        addresses = Addresses(xero_login=url, xero_identity=url, xero_api=url)
        return Identity(addresses, self.sandbox.client_id, secret or self.sandbox.client_secret, local=True)

    def store(self, fate: Fate | None = None) -> GrantStore:
        fate = fate or Fate()
        dynamodb, secrets, kms = (Client(one, fate) for one in (self.dynamodb, self.secrets, self.kms))
        table = Table(dynamodb, "state", self.clock)  # type: ignore[arg-type]
        return GrantStore(table, secrets, kms, key=self.key, prefix="ledgercast/test")  # type: ignore[arg-type]

    def grants(self, fate: Fate | None = None, secret: str = "") -> Grants:
        """One process's own."""
        return Grants(self.store(fate), self.identity(secret), self.clock)

    def consent(self) -> TokenSet:
        """A person allows access in Xero."""
        identity = self.identity()
        url = identity.authorise_url(redirect=REDIRECT, state="s", challenge=CHALLENGE, scopes=GRANULAR)
        location = requests.get(url, allow_redirects=False, timeout=5).headers["Location"]
        [code] = parse_qs(urlsplit(location).query)["code"]
        return identity.exchange(code, redirect=REDIRECT, verifier=VERIFIER)

    def stored(self, grant_id: str) -> Grant:
        grant = self.store().read(WORKSPACE, grant_id)
        assert grant is not None
        return grant

    def token_calls(self) -> int:
        return sum(call.path == "/connect/token" for call in self.sandbox.calls)

    def accepts(self, token: str) -> bool:
        """Whether Xero takes this access token."""
        return bool(self.identity().connections(token))


class Clock:
    def __init__(self) -> None:
        self._now = START

    def __call__(self) -> datetime:
        return self._now

    def advance(self, **span: float) -> None:
        self._now += timedelta(**span)


# RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.fixture(scope="session")
def books() -> Any:
    return generate(START.date())


@pytest.fixture
def world(aws: boto3.Session, dynamodb: Any, books: Any) -> Iterator[World]:
    clock = Clock()
    with XeroSandbox(books, clock) as sandbox:
        yield World(aws, dynamodb, sandbox, clock)
        sandbox.faults.clear()


@pytest.fixture
def grant(world: World) -> str:
    """A stored consent whose access token has just run out."""
    grant_id = world.grants().create(WORKSPACE, world.consent())
    world.clock.advance(minutes=31)
    world.sandbox.calls.clear()
    return grant_id
