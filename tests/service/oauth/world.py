"""The oauth function between a browser, AWS in memory and both sandboxes over HTTP, under one clock.

The person's browser follows the provider's own pages with `at_xero` and `at_slack`: a request over HTTP to the sandbox,
whose redirect brings it back to our callback.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3

from functions.oauth.compose import Dependencies, XeroSide
from functions.oauth.handler import build
from ledgercast.connections import Transitions
from ledgercast.domain.accounts import WORKSPACE, Member, Role
from ledgercast.domain.connections import Connection
from ledgercast.keeping import Keeping
from ledgercast.settings import Addresses
from ledgercast.slack.install import SlackApp
from ledgercast.store.artefacts import Artefacts
from ledgercast.store.connections import ConnectionStore, connection_id
from ledgercast.store.consents import ConsentStore
from ledgercast.store.grants import GrantStore
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.installs import InstallStore
from ledgercast.store.table import Table
from ledgercast.xero.disconnect import Disconnects
from ledgercast.xero.grants import Grants
from ledgercast.xero.identity import Identity
from ledgercast.xero.scopes import GRANULAR
from local.slack.server import SlackSandbox
from local.xero.server import XeroSandbox
from tests.service.conftest import REGION
from tests.service.grants.conftest import Fate
from tests.service.web.browser import ORIGIN, Answer, Browser
from tests.service.web.world import World

BUCKET = "artefacts"
PREFIX = "ledgercast/test"


class Mortal:
    """A client whose calls end the process where `fate` says so."""

    def __init__(self, client: Any, fate: Fate) -> None:
        self._client = client
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found) or name in ("exceptions", "get_paginator"):
            return found
        return lambda **given: self._fate(name, lambda: found(**given))


@dataclass
class Place:
    """`deps` may be replaced by a test; `fate` ends the process at a call of AWS, for one request."""

    web: World
    xero: XeroSandbox
    slack: SlackSandbox
    session: boto3.Session
    key: str
    deps: Dependencies

    def __post_init__(self) -> None:
        self.app = build(lambda: self.deps)

    def owner(self, email: str = "owner@example.com", *, mfa: bool = True) -> Browser:
        return self.person(email, "owner", mfa=mfa)

    def person(self, email: str, role: Role = "member", *, mfa: bool = True) -> Browser:
        """A signed-in browser; `mfa`: the account has a second factor, and this session passed it."""
        member = self.web.edge.members.by_email(email) or self.web.member(email, role)
        if mfa:
            self.turn_totp(member, "on")
        return self.signed_in(member.email, mfa=mfa)

    def signed_in(self, email: str, *, mfa: bool) -> Browser:
        """Another session of that member, in a browser of its own."""
        member = self.web.edge.members.by_email(email)
        assert member
        browser = Browser(self.app.handle)
        self.web.sign_in(browser, member, mfa=mfa)
        return browser

    def turn_totp(self, member: Member, to: str) -> None:
        assert self.web.edge.members.update(member.id, {"totp": to})

    def start(self, browser: Browser, target: str = "/oauth/xero/start") -> str:
        """The provider's address that the start leads to."""
        answer = browser.get(target)
        assert answer.status == 303, answer.body
        return answer.location

    def consent(self, address: str) -> str:
        """What the person does at the provider: the target on our site that they are sent back to."""
        there = urlsplit(address)
        browser = HTTPConnection(there.netloc, timeout=5)  # writes no log: that of a person's browser is not ours
        browser.request("GET", f"{there.path}?{there.query}")
        answer = browser.getresponse()
        assert answer.status == 302, answer.read()
        back = urlsplit(answer.headers["Location"])
        browser.close()
        assert f"{back.scheme}://{back.netloc}" == ORIGIN
        return f"{back.path}?{back.query}"

    def connect(self, browser: Browser, target: str = "/oauth/xero/start") -> Answer:
        """The whole way to the provider and back: the callback's answer."""
        return browser.get(self.consent(self.start(browser, target)))

    def tenants(self) -> list[str]:
        return [books.organisation.id for books in self.xero.books]

    def connection(self, number: int = 0) -> Connection:
        found = self.connections.get(connection_id(self.tenants()[number]))
        assert found
        return found

    @property
    def grant_store(self) -> GrantStore:
        session = self.session
        return GrantStore(
            self.web.state,
            clients_of(session)["secretsmanager"],
            clients_of(session)["kms"],
            key=self.key,
            prefix=PREFIX,
        )

    @property
    def incidents(self) -> IncidentStore:
        return IncidentStore(self.web.state)

    @property
    def connections(self) -> ConnectionStore:
        return ConnectionStore(self.web.state)

    def side(self, fate: Fate | None = None) -> XeroSide:
        """One process's own side of Xero."""
        return xero_side(self.web, self.xero, self.session, self.key, fate)

    def mortal(self, fate: Fate) -> Dependencies:
        """The dependencies of a process that ends where `fate` says."""
        table = Table(Mortal(clients_of(self.session)["dynamodb"], fate), "state", self.web.clock)  # type: ignore[arg-type]
        return replace(
            self.deps,
            consents=ConsentStore(table),
            connections=ConnectionStore(table),
            xero=lambda: self.side(fate),
        )

    def secrets(self) -> list[str]:
        listed = clients_of(self.session)["secretsmanager"].list_secrets()["SecretList"]
        return [str(one["Name"]) for one in listed]

    def works(self, number: int = 0) -> bool:
        """Whether the connection's grant gives a token with which Xero lists this organisation."""
        connection, side = self.connection(number), self.side()
        token = side.grants.access_token(WORKSPACE, connection.grant)
        return connection.tenant in {one.tenant for one in side.identity.connections(token)}


def place(session: boto3.Session, web: World, xero: XeroSandbox, slack: SlackSandbox) -> Place:
    s3: Any = clients_of(session)["s3"]
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    key = str(clients_of(session)["kms"].create_key()["KeyMetadata"]["Arn"])
    secrets = clients_of(session)["secretsmanager"]
    grants = GrantStore(web.state, secrets, clients_of(session)["kms"], key=key, prefix=PREFIX)
    deps = Dependencies(
        edge=web.edge,
        consents=ConsentStore(web.state),
        connections=ConnectionStore(web.state),
        installs=InstallStore(web.state, secrets, key=key, prefix=PREFIX),
        scopes=GRANULAR,
        xero=lambda: xero_side(web, xero, session, key),
        slack=lambda: SlackApp(slack.url, slack.oauth.client_id, slack.oauth.client_secret),
        settle=Transitions(
            ConnectionStore(web.state), grants, IncidentStore(web.state), web.edge.audit, web.clock, "oauth"
        ).settle,
    )
    return Place(web, xero, slack, session, key, deps)


def xero_side(web: World, xero: XeroSandbox, session: boto3.Session, key: str, fate: Fate | None = None) -> XeroSide:
    fate = fate or Fate()
    clients: Any = {name: Mortal(session.client(name), fate) for name in ("dynamodb", "secretsmanager", "kms", "s3")}
    table = Table(clients["dynamodb"], "state", web.clock)
    addresses = Addresses(xero_login=xero.url, xero_identity=xero.url, xero_api=xero.url)
    identity = Identity(addresses, xero.client_id, xero.client_secret, local=True)
    store = GrantStore(table, clients["secretsmanager"], clients["kms"], key=key, prefix=PREFIX)
    grants = Grants(store, identity, web.clock)
    keeping = Keeping(table, Artefacts(clients["s3"], BUCKET))
    return XeroSide(identity, grants, Disconnects(ConnectionStore(table), grants, store, identity, keeping))


@cache
def clients_of(session: boto3.Session) -> dict[str, Any]:
    """Made once a test: each client costs more than all that a test does with it."""
    names: Any = ("dynamodb", "secretsmanager", "kms", "s3")
    return {name: session.client(name) for name in names}


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
