"""A delivery with everything real around it: the Slack sandbox over HTTP, AWS in memory, a clock that tests move."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import boto3
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from functions.deliver.deliver import Dependencies, deliver
from functions.deliver.job import Job
from functions.deliver.ses import Mailer
from ledgercast.domain.facts import Facts
from ledgercast.domain.pulses import Destination, Pulse, artefact_key
from ledgercast.parts import Desk
from ledgercast.slack.api import Slack
from ledgercast.slack.client import slack_client
from ledgercast.store.artefacts import Artefacts
from ledgercast.store.connect import SENDING
from ledgercast.store.ledger import Ledger
from ledgercast.store.optouts import OptOuts
from ledgercast.store.state import StateStore
from ledgercast.store.table import Item, Table
from ledgercast.store.uploads import Uploads
from local.slack.server import CHANNEL, SlackSandbox
from local.slack.workspace import Message
from tests.service.conftest import REGION, create_table
from tests.service.pulses.keeping import keep
from tests.unit.deliver.samples import PNG, REVENUE_FACTS, details, summary

SLOT = "2026-11-25T09:00:00Z"
STARTS = datetime(2026, 11, 25, 9, 0, 7, tzinfo=UTC)
SENDER = "charts@ledger.example"
ADDRESSES = ("ann@firm.example", "bo@firm.example")
Answer = dict[str, Any]


@dataclass
class MovingClock:
    at: datetime = STARTS

    def __call__(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Cloud:
    """AWS in memory with its clients, made once for all tests of a delivery: a client costs more than a test does."""

    def __init__(self) -> None:
        session = boto3.Session(region_name=REGION)
        self.dynamodb = create_table(session, "state")
        create_table(session, "ledger")
        self.s3, self.ses = session.client("s3"), session.client("sesv2", config=SENDING)
        self.s3.create_bucket(Bucket="private", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.ses.create_email_identity(EmailIdentity=SENDER)

    def mails(self) -> list[bytes]:
        return [one.raw_data.encode() for one in ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages]


@dataclass
class World:
    """A workspace of its own for each test."""

    workspace: str
    cloud: Cloud
    slack: SlackSandbox
    clock: MovingClock
    have: Dependencies
    state_table: Table
    mails_before: int
    keys: dict[str, str | None] = field(default_factory=dict)

    def seed(self, facts: Facts = REVENUE_FACTS, *, with_summary: bool = True) -> None:
        """The pulse, its settings and the artefacts that render and summarise would have left."""
        destinations = (
            Destination("d-slack", "slack", channel=CHANNEL, install="T1"),
            Destination("d-mail", "email", addresses=ADDRESSES),
        )
        state, store = self.have.state, self.have.artefacts
        pulse = Pulse("p-1", facts.metric, "c-1", destinations, "template", "active", {})
        keep(self.state_table, pulse, self.workspace)
        state.save_slack_install(self.workspace, "T1", {"secret": "slack-secret", "bot_user": "U1"})
        store.put_json(self._key("facts.json"), facts.to_json())
        store.put(self._key("chart.png"), PNG, "image/png")
        store.put_json(self._key("chart.json"), details(facts))
        store.put_json(self._key("summary.json"), summary())
        self.keys = {
            "facts": self._key("facts.json"),
            "chart": None if facts.empty else self._key("chart.png"),
            "details": self._key("chart.json"),
            "summary": self._key("summary.json") if with_summary else None,
        }

    def job(self, destination: str) -> Job:
        event = {"workspace": self.workspace, "pulse": "p-1", "slot": SLOT, "destination": destination, **self.keys}
        return Job.from_event(event)

    def ask(self, destination: str = "d-slack") -> Answer:
        """One invocation of the function."""
        return deliver(self.job(destination), self.have, lambda: 100.0)

    def finish(self, destination: str = "d-slack", *, most: int = 20) -> Answer:
        """Invocations as the state machine makes them, each wait waited by the clock."""
        for _ in range(most + 1):
            answer = self.ask(destination)
            if answer["outcome"] == "done":
                return answer
            self.clock.advance(answer["seconds"])
        raise AssertionError(f"it waited more than {most} times: {answer}")

    def rows(self) -> list[Item]:
        return self.have.desk.ledger.of_slot(self.workspace, "p-1", SLOT)

    def words(self) -> list[str]:
        """Each ledger row as "<part> <n> <kind> <status>"."""
        return sorted(f"{row['part']} {row['n']} {row['kind']} {row.get('status', '')}".strip() for row in self.rows())

    def posted(self, part: str) -> list[Message]:
        """The messages of that part that stand in the channel."""
        found = []
        for message in self.slack.messages:
            if message.metadata and message.metadata["event_payload"]["part"] == part:
                found.append(message)
        return found

    def mails(self) -> list[EmailMessage]:
        """What SES was given in this test, parsed."""
        raw = self.cloud.mails()[self.mails_before :]
        return [BytesParser(policy=policy.default).parsebytes(one) for one in raw]

    def with_(self, **changes: Any) -> World:
        return replace(self, have=replace(self.have, **changes))

    def _key(self, name: str) -> str:
        return artefact_key(self.workspace, "p-1", SLOT, name)


def build(workspace: str, cloud: Cloud, slack: SlackSandbox, clock: MovingClock) -> World:
    """The function's dependencies over moto and the sandbox, as `compose` would make them."""
    state, url = Table(cloud.dynamodb, "state", clock), slack.url
    have = Dependencies(
        state=StateStore(state),
        artefacts=Artefacts(cloud.s3, "private"),
        uploads=Uploads(state),
        desk=Desk(Ledger(Table(cloud.dynamodb, "ledger", clock)), clock, jitter=lambda _most: 0),
        slack=lambda _secret: Slack(slack_client(slack.token, url)),
        opt_outs=lambda one: OptOuts(state, one),
        domains=("firm.example",),
        public_url="https://ledger.example",
        mailer=lambda: Mailer(cloud.ses, SENDER),
    )
    return World(workspace, cloud, slack, clock, have, state, len(cloud.mails()))
