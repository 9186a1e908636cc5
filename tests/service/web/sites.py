"""The functions behind the edge as they are deployed: composed from their environment, over AWS in memory."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest

from ledgercast.store import connect
from ledgercast.web.app import App
from ledgercast.web.routes import Route
from tests.service.conftest import REGION
from tests.service.web.browser import ORIGIN

FUNCTIONS = ("console", "mfa", "oauth")


def site(name: str) -> App[Any]:
    """The App of a function."""
    found: App[Any] = importlib.import_module(f"functions.{name}.handler").app
    return found


def every_route() -> list[tuple[str, Route]]:
    return [(name, route) for name in FUNCTIONS for route in site(name).routes]


def target(route: Route) -> str:
    """An address of the route; its values name nothing that exists."""
    return route.pattern.replace("{", "no-such-").replace("}", "")


def deploy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the functions' environment names, made and named; by the clients that they use, which are made once."""
    kms, secrets, s3, ses = (connect.client(name) for name in ("kms", "secretsmanager", "s3", "sesv2"))
    s3.create_bucket(Bucket="artefacts", CreateBucketConfiguration={"LocationConstraint": REGION})
    connect.client("scheduler").create_schedule_group(Name="ledgercast-test")
    ses.create_email_identity(EmailIdentity="ledgercast@example.com")
    app_secret = {
        "xero_client_id": "0123456789ABCDEF0123456789ABCDEF",
        "xero_client_secret": "app-secret-of-xero",
        "xero_webhook_keys": [],
        "slack_client_id": "1.2",
        "slack_client_secret": "app-secret-of-slack",
        "slack_signing_secret": "signing-secret-of-slack",
    }
    named = {
        "LEDGERCAST_STATE_TABLE": "state",
        "LEDGERCAST_LEDGER_TABLE": "ledger",
        "LEDGERCAST_BUCKET": "artefacts",
        "LEDGERCAST_KEY": kms.create_key()["KeyMetadata"]["Arn"],
        "LEDGERCAST_APP_SECRET": secrets.create_secret(Name="app", SecretString=json.dumps(app_secret))["ARN"],
        "LEDGERCAST_SECRET_PREFIX": "ledgercast/test",
        "LEDGERCAST_SENDER": "ledgercast@example.com",
        "LEDGERCAST_STAGE": "test",
        "LEDGERCAST_PUBLIC_URL": ORIGIN,
        "LEDGERCAST_OWNER_EMAIL": "owner@example.com",
        "LEDGERCAST_FETCH_FUNCTION": "ledgercast-fetch",
        "LEDGERCAST_RENDER_FUNCTION": "ledgercast-render",
        "LEDGERCAST_EVENTS_QUEUE": "https://sqs.eu-west-1.amazonaws.com/123456789012/events",
        "LEDGERCAST_RUN_DAYS": "400",
        "LEDGERCAST_SCHEDULE_GROUP": "ledgercast-test",
        "LEDGERCAST_SCHEDULER_ROLE": "arn:aws:iam::123456789012:role/scheduler",
        "LEDGERCAST_SCHEDULER_DEAD_LETTERS": "arn:aws:sqs:eu-west-1:123456789012:dead-letters",
        "LEDGERCAST_STATE_MACHINE": "arn:aws:states:eu-west-1:123456789012:stateMachine:ledgercast-test",
    }
    for name, value in named.items():
        monkeypatch.setenv(name, value)
