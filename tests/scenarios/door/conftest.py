"""The whole product behind its real front, for those who try to get in another way: one for all tests that ask for it.

Every logger of every function is at DEBUG, as if an operator had turned it all on, so that what a log must not hold is
looked for in the fullest log there can be.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from ledgercast.domain.accounts import Member, Role, Session, normalise_email
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.table import Table
from ledgercast.web.edge import Edge, WebSettings, edge
from local.settings import LocalSettings
from local.system import System, system
from local.xero import company
from local.xero.generate import generate
from local.xero.identity import Consent
from tests.running import Running
from tests.scenarios.door.visitor import Visitor

TODAY = datetime(2026, 11, 25, 9, tzinfo=UTC)  # a Wednesday
ATTACKS = [
    '<!channel> <script>zz9()</script> & "Söhne" {{ 7*7 }} Ltd',
    '=HYPERLINK("https://evil.example/zz9","zz9") Ltd',
    '"><img src=x onerror=zz9()> *bold* _it_ `x` GmbH',
    "<https://evil.example/zz9|click> <@U0OWNER> @here & Co",
    "+1|cmd' /C zz9'!A0 | \\zz9 \\ ^ $zz9$ {zz9} %s Ltd",
    "@SUM(1)\u202ezz9\u2028zz9\u0000zz9 GmbH",
]
"""What an organisation, a customer, a supplier or an account may be called by somebody who means no good."""
EVERYTHING_LOGGED = {
    "POWERTOOLS_LOG_LEVEL": "DEBUG",
    "AWS_LAMBDA_LOG_FORMAT": "JSON",  # with this, Lambda's own client sets Python's root logger to that level
    "AWS_LAMBDA_LOG_LEVEL": "DEBUG",
}


@dataclass
class Told:
    """What passed between our functions and the two providers: each form sent, each answer given."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    answered: list[dict[str, Any]] = field(default_factory=list)

    def listen(self, owner: Any, name: str, read: Callable[[Any], dict[str, Any]]) -> None:
        real = getattr(owner, name)

        def call(form: Any, *given: Any) -> Any:
            self.sent.append(dict(form))
            answer = real(form, *given)
            self.answered.append(read(answer))
            return answer

        setattr(owner, name, call)


@dataclass
class Door(Running):
    """`owner` came in by mail, set up the second factor and connected two organisations: one as they are, one whose
    every name is an attack."""

    edge: Edge
    kept: list[requests.Response]
    told: Told
    logs: Path
    owner: Visitor
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def connections(self) -> ConnectionStore:
        return ConnectionStore(self.system.table)

    def stranger(self, email: str = "") -> Visitor:
        return Visitor(self.runtime.url, email or f"stranger-{next(self._numbers)}@example.com", self.kept)

    def someone(self, role: Role = "member", *, protected: bool = True) -> tuple[Visitor, Member]:
        """A new member who is fully in; `protected`: with two-factor authentication on, and passed."""
        visitor = self.stranger()
        email = normalise_email(visitor.email) or ""
        member = self.edge.members.create(email, role, "active", self.edge.now())
        assert member
        self.edge.members.update(member.id, {"totp": "on" if protected else "off"})
        return visitor, self.enter(visitor, member.id, mfa=protected)

    def enter(self, visitor: Visitor, member: str, *, mfa: bool) -> Member:
        """A session of this member in that browser, as the console starts one."""
        known = self.edge.members.get(member)
        assert known
        visitor.take("session", self.edge.sessions.start(known, mfa=mfa)[0])
        return known

    def session(self, visitor: Visitor) -> Session:
        found = self.edge.sessions.find(visitor.cookie())
        assert found
        return found

    def begin(self, visitor: Visitor, path: str = "/oauth/xero/start") -> str:
        """Begin a consent: the provider's address, to which the browser was sent."""
        answer = visitor.get(path)
        assert answer.status_code == 303
        return str(answer.headers["Location"])

    def consent(self, address: str) -> str:
        """Say yes at the provider's: the path of ours that it sends the browser back to."""
        answer = requests.get(address, timeout=30, allow_redirects=False)
        return str(answer.headers["Location"]).removeprefix(self.runtime.url)

    @contextmanager
    def nothing_connected(self) -> Iterator[None]:
        """Shows that no connection, no grant and no token came of it."""
        before = self._connected()
        yield
        assert self._connected() == before

    def _connected(self) -> tuple[Any, ...]:
        rows = [row for row in self.rows("StateTable") if str(row["sk"]["S"]).startswith(("CONN#", "GRANT#", "SLACK#"))]
        issued = [one for one in self.told.answered if "access_token" in one]
        return sorted(map(repr, rows)), len(issued)

    def rows(self, table: str) -> list[dict[str, Any]]:
        pages = self.runtime.client("dynamodb").get_paginator("scan").paginate(TableName=self.runtime.outputs[table])
        return [row for page in pages for row in page["Items"]]

    def forget_throttles(self) -> None:
        """Nobody has time to wait for them here."""
        for row in self.rows("StateTable"):
            if row["pk"]["S"].startswith("THROTTLE#"):
                self.system.table.delete(row["pk"]["S"], row["sk"]["S"])


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("front-door")
    settings = replace(
        LocalSettings.read({}),
        port=0,
        starts_at=TODAY,
        xero_webhook_keys=("webhook-key-of-no-value",),
        slack_signing_secret="signing-secret-of-no-value",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEDGERCAST_LOCAL", "1")
        patch.setattr(company, "HOSTILE", ATTACKS)
        patch.setattr(company, "HOSTILE_NAME", ATTACKS[0])
        books = [generate(TODAY.date()), generate(TODAY.date(), seed=9, hostile_names=True)]
        with system(settings, folder, lambda _: None, books, EVERYTHING_LOGGED) as running:
            yield _inhabited(running, folder / "logs")


@pytest.fixture
def door(house: Door) -> Door:
    house.forget_throttles()
    return house


def _inhabited(running: System, logs: Path) -> Door:
    assert running.xero and running.slack
    told, kept = Told(), list[requests.Response]()
    told.listen(running.xero.identity, "token", lambda answer: json.loads(answer.body or b"{}"))
    told.listen(running.slack.oauth, "access", dict)
    ledger = Table(
        running.runtime.client("dynamodb"), running.runtime.outputs["LedgerTable"], running.runtime.clock.now
    )
    rooms = edge(running.table, ledger, WebSettings(running.runtime.url, local=True), running.runtime.clock.now)
    owner = Visitor(running.runtime.url, running.settings.owner_email, kept)
    door = Door(running, rooms, kept, told, logs, owner)
    owner.sign_in()
    owner.protect()
    running.xero.identity.consent = Consent(organisations=[one.organisation.id for one in running.xero.books])
    owner.open("/oauth/xero/start")
    assert [one.state for one in door.connections.list()] == ["connected", "connected"]
    owner.connect_slack(running.channel)
    owner.allow_mail_to("example.com")
    return door
