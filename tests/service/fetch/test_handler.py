"""The Lambda itself, from its environment: stored grant, lease, snapshots and facts in the bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import boto3
import pytest
import time_machine

from functions.fetch.handler import handler
from ledgercast import clock
from ledgercast.domain.errors import SnapshotInProgress
from ledgercast.domain.pulses import Destination, Pulse
from ledgercast.store import connect
from ledgercast.xero import tokens
from tests.service.fetch.world import World, world
from tests.service.pulses.keeping import keep
from tests.truth import Truth, told
from tests.unit.fetch.bodies import FOLDER

TODAY = date(2026, 11, 25)
EVENT = {"workspace": "main", "pulse": "p1", "slot": "2026-11-25T09:00:00Z"}


@pytest.fixture
def deployed(aws: boto3.Session, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A stack with one connected organisation and one pulse."""
    monkeypatch.setattr(connect, "_session", lambda: aws)
    connect.client.cache_clear()
    aws.client("s3").create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    with time_machine.travel(datetime(2026, 11, 25, 12, tzinfo=UTC), tick=False), world(TODAY) as there:
        app = {"xero_client_id": there.xero.client_id, "xero_client_secret": there.xero.client_secret}
        secret = aws.client("secretsmanager").create_secret(Name="app", SecretString=json.dumps(app))
        for name, value in {
            "LEDGERCAST_LOCAL": "1",
            "LEDGERCAST_XERO_IDENTITY_URL": there.xero.url,
            "LEDGERCAST_XERO_API_URL": there.xero.url,
            "LEDGERCAST_STATE_TABLE": "state",
            "LEDGERCAST_BUCKET": "kept",
            "LEDGERCAST_KEY": aws.client("kms").create_key()["KeyMetadata"]["Arn"],
            "LEDGERCAST_APP_SECRET": secret["ARN"],
            "LEDGERCAST_SECRET_PREFIX": "ledgercast/test",
        }.items():
            monkeypatch.setenv(name, value)
        grant = tokens.grants().create("main", there.grant._tokens)
        tenant = there.books.organisation.id
        connection = {"tenant": tenant, "name": "n", "grant": grant, "state": "connected", "scopes": []}
        connect.state().save_connection("main", "c1", connection)
        choose("revenue")
        yield there
    connect.client.cache_clear()


def choose(metric: str) -> None:
    where = Destination("d1", "slack", channel="C1", install="T1")
    keep(connect.state_table(), Pulse("p1", metric, "c1", (where,), "off", "active", {}))


def test_one_invocation_stores_the_facts_and_the_next_asks_nothing(deployed: World) -> None:
    outcome = handler(EVENT, None)
    assert outcome["outcome"] == "ready"
    facts = connect.artefacts().get_json(outcome["facts"])
    assert told(facts) == Truth(deployed.books, TODAY).of("revenue")
    deployed.xero.calls.clear()
    choose("expense_breakdown")
    assert handler(EVENT, None)["outcome"] == "ready"
    assert deployed.xero.calls == []


def test_a_run_that_finds_another_asking_raises_and_goes_on_when_that_one_is_done(deployed: World) -> None:
    state = connect.state()
    assert state.acquire_lease("main", "c1", "somebody else", 60, clock.now())
    with pytest.raises(SnapshotInProgress):
        handler(EVENT, None)
    assert deployed.asked().total() == 0
    state.release_lease("main", "c1", "somebody else")
    assert handler(EVENT, None)["outcome"] == "ready"
    assert state.acquire_lease("main", "c1", "a third", 60, clock.now())  # it was let go of


def test_the_lease_is_let_go_of_when_the_run_has_to_wait(deployed: World) -> None:
    deployed.xero.faults.answer("Organisation", 429, headers={"X-Rate-Limit-Problem": "minute", "Retry-After": "5"})
    assert handler(EVENT, None) == {"outcome": "wait", "seconds": 5, "reason": "xero.limit.minute"}
    assert connect.state().acquire_lease("main", "c1", "another", 60, clock.now())


def test_a_refused_access_token_is_renewed_through_the_stored_grant(deployed: World) -> None:
    expired = (FOLDER / "error_401_expired.json").read_text()
    deployed.xero.faults.answer("Organisation", 401, expired)
    assert handler(EVENT, None)["outcome"] == "ready"
    assert [call.path for call in deployed.xero.calls].count("/connect/token") == 1


def test_a_consent_that_is_over_fails_the_run_by_name(deployed: World) -> None:
    deployed.xero.identity.forget_tokens()
    deployed.xero.faults.answer("Organisation", 401, (FOLDER / "error_401_unsuccessful.json").read_text())
    assert handler(EVENT, None) == {"outcome": "failed", "reason": "xero.grant.disconnected"}


def test_logs_hold_ids_and_codes_and_neither_names_nor_figures(
    deployed: World, caplog: pytest.LogCaptureFixture
) -> None:
    outcome = handler(EVENT, None)
    facts = connect.artefacts().get_json(outcome["facts"])
    written = "".join(str(vars(record)) for record in caplog.records)
    assert "'outcome': 'ready'" in written
    for hidden in (facts["organisation"]["name"], facts["total"], facts["headline"]["value"], *deployed.secrets):
        assert hidden not in written
