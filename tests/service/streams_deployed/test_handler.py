"""The Lambda as it is deployed: composed from its environment, fed by SQS, with Xero's and Slack's sandboxes behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import boto3
import pytest
import time_machine

from functions.stream.handler import handler
from ledgercast.domain.streams import KINDS, Route
from ledgercast.store import connect
from ledgercast.store.ledger import Ledger
from ledgercast.store.streams import RouteStore
from ledgercast.xero import tokens
from ledgercast.xero.scopes import GRANULAR
from local.aws.pollers import Poller
from local.aws.resources.kinds import SourceMapping
from local.slack.faults import Fault
from local.slack.server import CHANNEL, SlackSandbox
from tests.service.fetch.world import World, world
from tests.service.streams.test_told import LINK, header, said
from tests.service.streams.world import event

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@dataclass
class Deployed:
    there: World
    slack: SlackSandbox
    sqs: Any
    url: str
    dead: str
    poller: Poller
    answers: list[Any]

    def send(self, *events: Any, raw: str = "") -> None:
        attribute = {"delivery": {"DataType": "String", "StringValue": "d-1"}}
        body = raw or json.dumps({"events": list(events)})
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body, MessageAttributes=attribute)

    def turn(self) -> None:
        """What is visible, handed to the function as Lambda does."""
        messages = self.poller.gather()
        if messages:
            self.poller.process(messages)

    def left(self, url: str) -> list[dict[str, Any]]:
        return list(
            self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
                "Messages", []
            )
        )


@pytest.fixture
def deployed(
    aws: boto3.Session, dynamodb: Any, slack: SlackSandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployed]:
    monkeypatch.setattr(connect, "_session", lambda: aws)
    connect.client.cache_clear()
    sqs, secrets = aws.client("sqs"), aws.client("secretsmanager")
    aws.client("s3").create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    url, dead = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("events", "events-dead"))
    answers: list[Any] = []

    def invoke(_name: str, payload: bytes) -> tuple[bytes, bool]:
        answers.append(handler(json.loads(payload), Context()))
        return json.dumps(answers[-1]).encode(), False

    poller = Poller(SourceMapping("arn:aws:sqs:eu-west-1:123456789012:events", "stream", 100, 0, True), sqs, invoke)
    with time_machine.travel(NOON, tick=False), world(date(2026, 11, 25)) as there:
        app = {"xero_client_id": there.xero.client_id, "xero_client_secret": there.xero.client_secret}
        for name, value in {
            "LEDGERCAST_LOCAL": "1",
            "LEDGERCAST_XERO_IDENTITY_URL": there.xero.url,
            "LEDGERCAST_XERO_API_URL": there.xero.url,
            "LEDGERCAST_SLACK_API_URL": slack.url,
            "LEDGERCAST_STATE_TABLE": "state",
            "LEDGERCAST_LEDGER_TABLE": "ledger",
            "LEDGERCAST_BUCKET": "kept",
            "LEDGERCAST_KEY": aws.client("kms").create_key()["KeyMetadata"]["Arn"],
            "LEDGERCAST_APP_SECRET": secrets.create_secret(Name="app", SecretString=json.dumps(app))["ARN"],
            "LEDGERCAST_SECRET_PREFIX": "ledgercast/test",
            "LEDGERCAST_EVENTS_QUEUE": url,
            "LEDGERCAST_EVENTS_DEAD": dead,
            "LEDGERCAST_MOST_RECEIVES": "15",
        }.items():
            monkeypatch.setenv(name, value)
        grant = tokens.grants().create("main", there.grant._tokens)
        tenant = there.books.organisation.id
        item = {"tenant": tenant, "name": "Acme Ltd", "grant": grant, "state": "connected", "scopes": list(GRANULAR)}
        connect.state().save_connection("main", "c1", item)
        bot = secrets.create_secret(Name="bot", SecretString=json.dumps({"bot_token": slack.token}))["ARN"]
        connect.state().save_slack_install("main", "T1", {"secret": bot, "bot_user": "U1"})
        RouteStore(connect.state_table()).create(Route("r-1", "c1", CHANNEL, "T1", "finance", KINDS))
        there.xero.calls.clear()
        yield Deployed(there, slack, sqs, url, dead, poller, answers)
    connect.client.cache_clear()


def test_events_are_told_with_what_xero_says_of_them_now(deployed: Deployed) -> None:
    books = deployed.there.books
    tenant = books.organisation.id
    sale = next(one for one in books.documents if one.type == "ACCREC" and one.status == "AUTHORISED")
    bill = next(one for one in books.documents if one.type == "ACCPAY" and one.status == "PAID")
    deployed.send(event(tenant, sale.id), event(tenant, bill.id, eventDateUtc="2026-11-25T09:50:00"))
    deployed.turn()

    first, second = deployed.slack.messages
    assert (header(first), header(second)) == ("🧾 Invoice updated", "🧾 Bill updated")
    assert sale.number in said(first) and "now awaiting payment" in said(first) and "now paid" in said(second)
    assert books.organisation.short_code.replace("!", "%21") in LINK.findall(said(first))[0]
    accounting = [call.path for call in deployed.there.xero.calls if "/api.xro/" in call.path]
    assert [path.rpartition("/")[2] for path in accounting] == ["Organisation", "Invoices"]
    assert deployed.answers == [{"batchItemFailures": []}] and not deployed.left(deployed.url)
    kept = connect.client("s3").list_objects_v2(Bucket="kept")["Contents"]
    assert all("/stream-r-1/" in one["Key"] and "/sent/" in one["Key"] for one in kept) and len(kept) == 2


def test_other_kinds_of_documents_are_found_in_the_sandbox_too(deployed: Deployed) -> None:
    books = deployed.there.books
    note = next(one for one in books.documents if one.type in ("ACCRECCREDIT", "ACCPAYCREDIT"))
    contact = books.contacts[0]
    deployed.send(event(books.organisation.id, note.id, eventCategory="CREDITNOTE"))
    deployed.turn()
    deployed.send(event(books.organisation.id, contact.id, eventCategory="CONTACT"))
    deployed.turn()

    first, second = deployed.slack.messages
    assert note.number in said(first) and contact.name.split()[0] in said(second)


def test_a_batch_fails_in_part(deployed: Deployed) -> None:
    """WH-7: a good one is finished, a bad one aside, and one that Slack puts off comes again when Slack said"""
    tenant = deployed.there.books.organisation.id
    deployed.slack.faults.add(Fault("chat.postMessage", "limited", seconds=40))
    deployed.send(event(tenant))
    deployed.send(raw="not json")
    deployed.send(event("c2cc9b6e-9458-4c7d-93cc-f02b81b0594f"))
    deployed.turn()

    assert [len(one["batchItemFailures"]) for one in deployed.answers] == [1]
    (aside,) = deployed.left(deployed.dead)
    assert aside["Body"] == "not json"
    assert aside["MessageAttributes"]["reason"]["StringValue"] == "stream.unreadable"
    assert aside["MessageAttributes"]["delivery"]["StringValue"] == "d-1"
    assert not deployed.left(deployed.url), "it hides for as long as Slack asked"
    rows = Ledger(connect.ledger_table()).since("main", NOON.replace(hour=0))
    assert [row.get("status") for row in rows] == [None, "not_sent"]
