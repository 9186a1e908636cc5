"""The stream with everything real around it: tables in memory, the Slack sandbox over HTTP, a queue by our clock."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from functions.stream.documents import Asking
from functions.stream.letters import Letter
from functions.stream.work import Dependencies, work
from ledgercast.domain.streams import DELIVERY, REASON, RECEIVED, Route
from ledgercast.parts import Desk
from ledgercast.slack.api import Slack
from ledgercast.slack.client import slack_client
from ledgercast.store.installs import InstallStore
from ledgercast.store.ledger import Ledger
from ledgercast.store.organisations import OrganisationStore
from ledgercast.store.rhythm import RhythmStore
from ledgercast.store.settings import SettingsStore
from ledgercast.store.state import StateStore
from ledgercast.store.streams import EventStore, RouteStore
from ledgercast.store.table import Item, Table
from ledgercast.xero.scopes import GRANULAR
from local.slack.server import CHANNEL, SlackSandbox
from local.slack.workspace import Channel, Message

STARTS = datetime(2026, 11, 25, 9, 41, 7, tzinfo=UTC)
HIDDEN = 360
MOST_RECEIVES = 15
_ids = itertools.count(1)


@dataclass
class MovingClock:
    at: datetime = STARTS

    def __call__(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def new_id() -> str:
    return str(uuid.UUID(int=next(_ids) + (7 << 100)))


def event(tenant: str, resource: str = "", **changes: Any) -> dict[str, Any]:
    return {
        "resourceUrl": "https://evil.example/never-fetched",
        "resourceId": resource or new_id(),
        "eventDateUtc": "2026-11-25T09:41:02.123",
        "eventType": "UPDATE",
        "eventCategory": "INVOICE",
        "tenantId": tenant,
        "tenantType": "ORGANISATION",
        **changes,
    }


@dataclass
class Stored:
    letter: Letter
    visible_at: datetime
    receives: int = 0


class Post:
    """SQS as the stream knows it, by our clock: what is handed out hides for a while, and comes again unless deleted.

    `put_back` and `park` are the function's own calls; `broken` makes them fail.
    """

    def __init__(self, clock: MovingClock) -> None:
        self.clock = clock
        self.waiting: dict[str, Stored] = {}
        self.dead: list[tuple[Letter, str]] = []
        self.broken = False

    def deliver(self, *events: Any, raw: bytes | None = None, **attributes: str) -> str:
        body = json.dumps({"events": list(events)}).encode() if raw is None else raw
        told = {RECEIVED: f"{self.clock().timestamp():.3f}", DELIVERY: f"d-{next(_ids)}", **attributes}
        letter = Letter(new_id(), "receipt", body.decode("utf-8", "surrogateescape"), told, 1, self.clock())
        self.waiting[letter.id] = Stored(letter, self.clock())
        return letter.id

    def replay(self) -> None:
        """As the operator's command does."""
        for letter, _ in self.dead:
            told = {name: value for name, value in letter.attributes.items() if name != REASON}
            self.waiting[letter.id] = Stored(replace(letter, attributes=told), self.clock())
        self.dead.clear()

    def receive(self, most: int = 100) -> list[Letter]:
        found = [one for one in self.waiting.values() if one.visible_at <= self.clock()][:most]
        for one in found:
            one.receives += 1
            one.visible_at = self.clock() + timedelta(seconds=HIDDEN)
        return [replace(one.letter, receives=one.receives) for one in found]

    def delete(self, ids: Iterable[str]) -> None:
        for one in ids:
            self.waiting.pop(one, None)

    def next_at(self) -> datetime | None:
        return min((one.visible_at for one in self.waiting.values()), default=None)

    def put_back(self, letter: Letter, seconds: int) -> None:
        if self.broken:
            raise OSError("no queue")
        self.waiting[letter.id].visible_at = self.clock() + timedelta(seconds=seconds)

    def park(self, letter: Letter, reason: str) -> None:
        if self.broken:
            raise OSError("no queue")
        self.dead.append((letter, reason))


@dataclass
class FakeXero:
    """The accounting API of one organisation: what it knows, what it was asked, and how it fails."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    organisation: dict[str, Any] = field(
        default_factory=lambda: {"Timezone": "NEWZEALANDSTANDARDTIME", "ShortCode": "!a1b2C"}
    )

    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        self.asked.append((path, dict(params)))
        if self.fails:
            raise self.fails.pop(0)
        if path == "Organisation":
            return {"Organisations": [self.organisation]}
        text = " ".join(params.values()).lower()
        return {path: [one for key, one in self.documents.items() if key in text]}

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def knows_invoice(self, resource: str, kind: str = "ACCREC", **changes: Any) -> None:
        self.documents[resource] = {
            "Type": kind,
            "InvoiceID": resource,
            "InvoiceNumber": "INV-0042",
            "Contact": {"ContactID": new_id(), "Name": "Ridgeway University"},
            "Total": Decimal("1234.50"),
            "CurrencyCode": "GBP",
            "Status": "AUTHORISED",
            "DueDateString": "2026-12-03T00:00:00",
            **changes,
        }


@dataclass
class World:
    """A workspace of its own for each test, with one organisation and one route to the sandbox's channel."""

    workspace: str
    table: Table
    clock: MovingClock
    slack: SlackSandbox
    post: Post
    xero: FakeXero
    have: Dependencies
    kept: dict[str, Any]
    tenant: str = ""
    time_left: float = 60.0

    def organisation(self, name: str = "Acme & Sons Ltd", state: str = "connected", **more: Any) -> tuple[str, str]:
        """A new connection: its tenant and id."""
        tenant, connection = new_id(), f"x-{next(_ids)}"
        item = {"tenant": tenant, "name": name, "grant": "g-1", "state": state, "scopes": list(GRANULAR), **more}
        StateStore(self.table).save_connection(self.workspace, connection, item)
        return tenant, connection

    def route(self, connection: str, *kinds: str, channel: str = CHANNEL, **more: Any) -> Route:
        made = Route(
            id=f"r-{next(_ids)}",
            connection=connection,
            channel=channel,
            install="T1",
            channel_name="finance",
            kinds=kinds or ("invoice.created", "invoice.updated"),
            created_at=next(_ids),
            **more,
        )
        assert self.have.routes.create(made)
        return made

    def channel(self, name: str) -> str:
        channel = f"C0{name.upper()}{next(_ids)}"
        self.slack.channels[channel] = Channel(channel, name)
        return channel

    def turn(self) -> list[str]:
        """One invocation over what is visible now; Lambda deletes what it finished. The ids that come again."""
        letters = self.post.receive()
        have = replace(self.have, asking=replace(self.have.asking, owner=new_id()))
        again = work(letters, have, lambda: self.time_left) if letters else []
        self.post.delete(one.id for one in letters if one.id not in again)
        return again

    def finish(self, most: int = 60) -> None:
        """Until the queue is empty, each wait waited by the clock."""
        for _ in range(most):
            due = self.post.next_at()
            if due is None:
                return
            self.clock.at = max(self.clock.at, due)
            self.turn()
        raise AssertionError("the queue never became empty")

    def posts(self, channel: str = CHANNEL) -> list[Message]:
        return [one for one in self.slack.messages if one.channel == channel]

    def keys(self) -> list[str]:
        return [one.metadata["event_payload"]["key"] for one in self.slack.messages if one.metadata]

    def ledger(self) -> list[Item]:
        return self.have.desk.ledger.since(self.workspace, STARTS - timedelta(days=2))

    def words(self) -> list[str]:
        """Each ledger row as "<n> <kind> <status>", in the order of time."""
        return [f"{row['n']} {row['kind']} {row.get('status', '')}".strip() for row in self.ledger()]


def build(workspace: str, dynamodb: Any, slack: SlackSandbox, clock: MovingClock) -> World:
    table, ledger = Table(dynamodb, "state", clock), Ledger(Table(dynamodb, "ledger", clock))
    organisations, post, xero = OrganisationStore(table, workspace), Post(clock), FakeXero()
    kept: dict[str, Any] = {}
    state = StateStore(table)
    state.save_slack_install(workspace, "T1", {"secret": "slack-secret", "bot_user": "U1"})
    have = Dependencies(
        routes=RouteStore(table, workspace),
        events=EventStore(table, workspace),
        organisations=organisations,
        rhythm=RhythmStore(table, workspace),
        settings=SettingsStore(table, workspace),
        installs=InstallStore(table, None, key="", prefix="", workspace=workspace),  # type: ignore[arg-type]
        desk=Desk(ledger, clock, jitter=lambda _most: 0),
        asking=Asking(workspace, "owner", state, lambda _: xero, organisations.told, clock),
        queue=post,  # type: ignore[arg-type]
        slack=lambda _secret: Slack(slack_client(slack.token, slack.url)),
        keep=kept.__setitem__,
        most_receives=MOST_RECEIVES,
    )
    return World(workspace, table, clock, slack, post, xero, have, kept)
