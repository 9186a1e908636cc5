"""A workspace with its owners, consents and pulses over AWS in memory and the sandbox, and the daily pass over it.

Shared by the tests of keepalive, of the notices and of notify. Only a test moves the clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from functions.keepalive import compose as keepalive
from functions.keepalive.daily import daily
from functions.notify import compose as notify
from functions.notify.notify import notify as notify_run
from ledgercast import clock
from ledgercast.connections import Transitions
from ledgercast.domain.accounts import WORKSPACE, Member
from ledgercast.domain.connections import Connection
from ledgercast.domain.incidents import Incident
from ledgercast.domain.pulses import Destination, Pulse
from ledgercast.store import connect
from ledgercast.store.audit import Audit
from ledgercast.store.connections import ConnectionStore, connection_id
from ledgercast.store.grants import Grant, GrantStore
from ledgercast.store.holds import Holds
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.ledger import Ledger
from ledgercast.store.members import MemberStore
from ledgercast.store.pulses import PulseStore
from ledgercast.store.runs import RunStore
from ledgercast.store.state import StateStore
from ledgercast.store.table import Table
from ledgercast.xero.grants import Grants
from ledgercast.xero.identity import Identity
from ledgercast.xero.scopes import state_of
from local.xero.generate import generate
from local.xero.server import XeroSandbox
from tests.service.conftest import REGION
from tests.service.grants import conftest as grants_world

OWNER = "owner@example.com"
OTHER_OWNER = "second@example.com"
ORIGIN = "https://ledgercast.example.com"
SLOT = "2026-11-25T09:00:00Z"
ORGANISATIONS = ("Harbour Coffee", "Northgate Books")
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:ledgercast-test"
DESTINATIONS = (
    Destination("slack", "slack", channel="C0CHANNEL", install="T1"),
    Destination("email", "email", addresses=("ada@example.com", "max@example.com")),
)


class House:
    """`clock` is everybody's; `xero` the sandbox with two organisations; `secrets_of` what must never be told."""

    def __init__(self, session: boto3.Session, xero: XeroSandbox, time: grants_world.Clock) -> None:
        self.session: Any = session
        self.xero = xero
        self.clock = time
        self.state = Table(self.session.client("dynamodb"), "state", time)
        self.ledger = Table(self.session.client("dynamodb"), "ledger", time)
        self.members = MemberStore(self.state)
        self.connections = ConnectionStore(self.state)
        self.incidents = IncidentStore(self.state)
        self.runs = RunStore(self.state)
        self.store = StateStore(self.state)
        self.holds = Holds(self.state)
        self.audit = Audit(self.ledger, time)
        self.world = grants_world.World(session, self.session.client("dynamodb"), xero, time)
        self.planted: list[str] = []
        self.owner = self.member(OWNER, "owner")

    # Who and what there is

    def member(self, email: str, role: Any = "member") -> Member:
        made = self.members.create(email, role, "active", self.clock())
        assert made
        return made

    def connect(self, *numbers: int, by: Member | None = None, user: str = "") -> list[Connection]:
        """A person consents to these organisations (by default the first) and they are linked as the callback does."""
        consent, tenants = self.xero.identity.consent, [self.tenant(number) for number in numbers or (0,)]
        consent.organisations, consent.user = tenants, user or consent.user
        tokens = self.world.consent()
        self.planted += [tokens.access_token, tokens.refresh_token]
        grant = self.grants().create(WORKSPACE, tokens)
        listed = {one.tenant: one for one in self.identity().connections(tokens.access_token)}
        made = []
        for tenant in tenants:
            one = Connection(
                id=connection_id(tenant),
                tenant=tenant,
                name=listed[tenant].name,
                grant=grant,
                state=state_of(tokens.scopes),
                scopes=tokens.scopes,
                xero_connection=listed[tenant].id,
                connected_by=(by or self.owner).id,
                connected_at=int(self.clock().timestamp()),
            )
            self.connections.save(one)
            made.append(one)
        self.transitions().settle()
        self.xero.calls.clear()
        return made

    def tenant(self, number: int = 0) -> str:
        return self.xero.books[number].organisation.id

    def connection(self, number: int = 0) -> Connection:
        found = self.connections.get(connection_id(self.tenant(number)))
        assert found
        return found

    def pulse(self, connection: Connection, metric: str = "revenue", pulse_id: str = "p1") -> Pulse:
        made = Pulse(pulse_id, metric, connection.id, DESTINATIONS, "template", "active", {"every": "week"})
        return PulseStore(self.state).create(made)

    def run(self, state: str, reason: str | None = None, *, pulse: str = "p1", slot: str = SLOT, **more: Any) -> None:
        """The row of a run, as the state machine records it."""
        now = self.clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        index = {"gsi1pk": "RUNNING#main" if state == "running" else "RUNS#main", "gsi1sk": now}
        row = {"execution": "arn:e", "state": state, "reason": reason, "attempt": 1, "started_at": now, **more}
        ended = {"finished_at": now} if state != "running" else {}
        keys = {"pk": f"WS#main#PULSE#{pulse}", "sk": f"RUN#{slot}"}
        self.state.put({**keys, **index, **row, **ended})

    def grant(self, connection: Connection) -> Grant:
        return self.world.stored(connection.grant)

    # What is done

    def pass_by(self, **span: float) -> None:
        self.clock.advance(**span)

    def daily(self, seconds: float = 800) -> dict[str, int]:
        """The daily pass, by a process of its own."""
        return daily(keepalive.dependencies(), lambda: seconds)

    def notify(self, pulse: str = "p1", slot: str = SLOT) -> dict[str, Any]:
        """The last step of a run."""
        event = {"workspace": WORKSPACE, "pulse": pulse, "slot": slot, "machine": MACHINE}
        return notify_run(event, notify.dependencies())

    def ends(self, state: str, reason: str | None = None, **more: Any) -> dict[str, Any]:
        """A run that ends so, and its notify."""
        self.run(state, reason, **more)
        return self.notify(more.get("pulse", "p1"), more.get("slot", SLOT))

    # What is seen

    def letters(self) -> list[EmailMessage]:
        """Every mail that SES took, oldest first."""
        raw = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
        return [message_from_bytes(one.raw_data.encode(), policy=default) for one in raw]

    def texts(self) -> list[str]:
        """The words of each mail, on one line."""
        bodies = (one.get_body(("plain",)) for one in self.letters())
        return [" ".join(str(body.get_content()).split()) for body in bodies if body]

    def subjects(self, to: str = OWNER) -> list[str]:
        return [str(one["Subject"]) for one in self.letters() if one["To"] == to]

    def open(self) -> list[Incident]:
        return [one for one in self.incidents.list() if one.is_open]

    def acts(self) -> list[str]:
        """What the audit holds, oldest first: `act outcome`."""
        entries, _ = self.audit.newest(200)
        return [f"{one.act} {one.outcome}" for one in reversed(entries)]

    def attempts(self) -> int:
        """How often a mail was begun, by the ledger."""
        rows = Ledger(self.ledger).since(WORKSPACE, datetime.fromtimestamp(0, self.clock().tzinfo))
        return sum(row["kind"] == "attempt" for row in rows)

    def token_calls(self) -> int:
        return sum(call.path == "/connect/token" for call in self.xero.calls)

    # What it is made of

    def identity(self) -> Identity:
        return self.world.identity()

    def grants(self) -> Grants:
        return Grants(self.grant_store(), self.identity(), self.clock)

    def grant_store(self) -> GrantStore:
        return self.world.store()

    def transitions(self, origin: str = "test") -> Transitions:
        return Transitions(self.connections, self.grant_store(), self.incidents, self.audit, self.clock, origin)


@contextmanager
def house(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The functions' own environment, over AWS in memory (whose tables there are) and the sandbox."""
    session: Any = aws
    time = grants_world.Clock()
    connect.client.cache_clear()
    connect._session.cache_clear()
    books = [generate(time().date(), seed=7 + n, empty=True, name=name) for n, name in enumerate(ORGANISATIONS)]
    with XeroSandbox(books, time) as xero:
        made = House(aws, xero, time)
        app = {"xero_client_id": xero.client_id, "xero_client_secret": xero.client_secret}
        session.client("s3").create_bucket(Bucket="artefacts", CreateBucketConfiguration={"LocationConstraint": REGION})
        session.client("sesv2").create_email_identity(EmailIdentity="ledgercast@example.com")
        session.client("scheduler").create_schedule_group(Name="ledgercast-test")
        environment = {
            "LEDGERCAST_LOCAL": "1",
            "LEDGERCAST_STATE_TABLE": "state",
            "LEDGERCAST_LEDGER_TABLE": "ledger",
            "LEDGERCAST_BUCKET": "artefacts",
            "LEDGERCAST_KEY": made.world.key,
            "LEDGERCAST_APP_SECRET": session.client("secretsmanager").create_secret(
                Name="app", SecretString=json.dumps(app)
            )["ARN"],
            "LEDGERCAST_SECRET_PREFIX": "ledgercast/test",
            "LEDGERCAST_SENDER": "ledgercast@example.com",
            "LEDGERCAST_PUBLIC_URL": ORIGIN,
            "LEDGERCAST_XERO_LOGIN_URL": xero.url,
            "LEDGERCAST_XERO_IDENTITY_URL": xero.url,
            "LEDGERCAST_XERO_API_URL": xero.url,
            "LEDGERCAST_DEAD_LETTERS": session.client("sqs").create_queue(QueueName="dead-letters")["QueueUrl"],
            "LEDGERCAST_SCHEDULE_GROUP": "ledgercast-test",
            "LEDGERCAST_STATE_MACHINE": MACHINE,
            "LEDGERCAST_SCHEDULER_ROLE": "arn:aws:iam::123456789012:role/scheduler",
            "LEDGERCAST_SCHEDULER_DEAD_LETTERS": "arn:aws:sqs:eu-west-1:123456789012:dead-letters",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(clock, "now", time)
        yield made
    connect.client.cache_clear()
    connect._session.cache_clear()
