"""A deployment in memory as its operator meets it: a stack with the outputs, and the tables and secret behind them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3

from ledgercast.domain.accounts import Member, Role
from ledgercast.ops.main import main
from ledgercast.store.audit import Audit
from ledgercast.store.links import LinkStore
from ledgercast.store.members import MemberStore
from ledgercast.store.sessions import SessionStore
from ledgercast.store.table import Table
from ledgercast.web.sessions import Sessions
from tests.service.conftest import create_table
from tests.service.web.world import Clock

STACK = "ledgercast-test"
SITE = "https://ledgercast.example.com"
OWNER = "owner@example.com"
BUCKET = "artefacts"

APP: dict[str, Any] = {
    "xero_client_id": "0123456789ABCDEF0123456789ABCDEF",
    "xero_client_secret": "canary-xero-secret-0123456789-abcdefghijklmnopqr",
    "xero_webhook_keys": ["canaryWebhookKeyOne0123456789=="],
    "slack_client_id": "1234567890.0987654321",
    "slack_client_secret": "ca11a5e0ca11a5e0ca11a5e0ca11a5e0",
    "slack_signing_secret": "5190ca0a5190ca0a5190ca0a5190ca0a",
}


@dataclass
class World:
    aws: boto3.Session
    secret: str
    clock: Clock
    answers: list[str] = field(default_factory=list)

    def run(self, *words: str) -> int:
        """One command, as the shell would start it; prompts take `answers` one by one."""
        given = iter(self.answers)
        return main(["admin", "--stack", STACK, *words], ask=lambda _: _next(given), now=self.clock)

    @cached_property
    def dynamodb(self) -> Any:
        return self.aws.client("dynamodb")

    @cached_property
    def secretsmanager(self) -> Any:
        return self.aws.client("secretsmanager")

    @property
    def state(self) -> Table:
        return Table(self.dynamodb, "state", self.clock)

    @property
    def members(self) -> MemberStore:
        return MemberStore(self.state)

    @property
    def links(self) -> LinkStore:
        return LinkStore(self.state)

    @property
    def sessions(self) -> Sessions:
        return Sessions(SessionStore(self.state), self.clock)

    def member(self, email: str = "ada@example.com", role: Role = "member", **more: Any) -> Member:
        made = self.members.create(email, role, "active", self.clock())
        assert made, "there is one already"
        if more:
            self.members.update(made.id, more)
        return self.members.get(made.id) or made

    def acts(self) -> list[str]:
        """What the audit holds, oldest first: `act actor origin subject outcome`."""
        entries, _ = Audit(Table(self.dynamodb, "ledger", self.clock), self.clock).newest(100)
        return [f"{one.act} {one.actor} {one.origin} {one.subject} {one.outcome}" for one in reversed(entries)]

    def held(self) -> dict[str, Any]:
        text = self.secretsmanager.get_secret_value(SecretId=self.secret)["SecretString"]
        return dict(json.loads(text))

    def hold(self, body: Mapping[str, Any] | str) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        self.secretsmanager.put_secret_value(SecretId=self.secret, SecretString=text)

    def versions(self) -> int:
        listed = self.secretsmanager.list_secret_version_ids(SecretId=self.secret, IncludeDeprecated=True)
        return len(listed["Versions"])


def _next(answers: Iterator[str]) -> str:
    try:
        return next(answers)
    except StopIteration:
        raise EOFError from None


def deployed(aws: boto3.Session) -> World:
    create_table(aws, "ledger")
    create_table(aws, "state")
    secret = aws.client("secretsmanager").create_secret(Name="app", SecretString="{}")["ARN"]
    outputs = {
        "StateTable": "state",
        "LedgerTable": "ledger",
        "AppSecretArn": secret,
        "ApiUrl": SITE,
        "XeroRedirectUrl": f"{SITE}/oauth/xero/callback",
        "SlackRedirectUrl": f"{SITE}/oauth/slack/callback",
        "Owner": OWNER,
        "SenderDomain": "example.com",
        "Bucket": BUCKET,
        "EventsQueue": aws.client("sqs").create_queue(QueueName="events")["QueueUrl"],
        "EventsDeadQueue": aws.client("sqs").create_queue(QueueName="events-dead")["QueueUrl"],
    }
    stack(aws, STACK, outputs)
    return World(aws, secret, Clock())


def stack(aws: boto3.Session, name: str, outputs: Mapping[str, str]) -> None:
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {key: {"Value": value} for key, value in outputs.items()},
    }
    aws.client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(template))
