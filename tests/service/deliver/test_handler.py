"""The Lambda as deployed: composed from its environment, and nothing secret in anything it leaves behind (LG-1)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import boto3
import pytest

from functions.deliver import compose, handler
from ledgercast.domain.errors import SettingsError
from ledgercast.store import connect
from local.slack.faults import Fault
from tests.service.conftest import REGION
from tests.service.deliver.world import ADDRESSES, SENDER, World
from tests.unit.deliver.samples import named, summary

CANARY_NAME = "Canary & Wren Holdings"
CANARIES = (*ADDRESSES, CANARY_NAME, "Canary &amp; Wren", "1200.00", "1,200.00", "1164.90", "1,164.90", "firm.example")


class Context:
    function_name = "deliver"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:deliver"
    aws_request_id = "r-1"

    def get_remaining_time_in_millis(self) -> int:
        return 100_000


@pytest.fixture
def deployed(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The environment that the template sets, with the local addresses."""
    secrets = boto3.client("secretsmanager", region_name=REGION)
    name = f"ledgercast/test/slack/{world.workspace}"
    secrets.create_secret(Name=name, SecretString=json.dumps({"bot_token": world.slack.token}))
    world.have.state.save_slack_install(world.workspace, "T1", {"secret": name, "bot_user": "U1"})
    for variable, value in {
        "AWS_DEFAULT_REGION": REGION,
        "LEDGERCAST_LOCAL": "1",
        "LEDGERCAST_SLACK_API_URL": world.slack.url,
        "LEDGERCAST_STATE_TABLE": "state",
        "LEDGERCAST_LEDGER_TABLE": "ledger",
        "LEDGERCAST_BUCKET": "private",
        "LEDGERCAST_SENDER": SENDER,
        "LEDGERCAST_PUBLIC_URL": "https://ledger.example",
        "LEDGERCAST_OWNER_EMAIL": "owner@firm.example",
    }.items():
        monkeypatch.setenv(variable, value)
    world.slack.workspace.processing.asks = 1
    for cached in (connect.client, connect._session):
        cached.cache_clear()
    yield world
    for cached in (connect.client, connect._session):
        cached.cache_clear()


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the function writes, at its chattiest."""
    written = io.StringIO()
    powertools = logging.getLogger("deliver")
    monkeypatch.setattr(powertools, "level", logging.DEBUG)
    for one in powertools.handlers:
        monkeypatch.setattr(one, "stream", written)
    return written


def invoke(world: World, destination: str, **changes: Any) -> dict[str, Any]:
    return handler.handler({**asdict(world.job(destination)), **changes}, Context())


def test_it_delivers_with_nothing_but_its_environment(deployed: World, logs: io.StringIO) -> None:
    assert invoke(deployed, "d-slack")["status"] == "sent"
    assert invoke(deployed, "d-mail")["status"] == "sent"

    assert len(deployed.slack.messages) == 3
    assert len(deployed.mails()) == 2
    line = json.loads(logs.getvalue().splitlines()[-1])
    assert (line["pulse"], line["slot"], line["destination"]) == ("p-1", "2026-11-25T09:00:00Z", "d-mail")


def test_nothing_secret_lies_in_logs_answers_or_ledger_lg_1(
    deployed: World, logs: io.StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="ledgercast")
    deployed.seed(named(CANARY_NAME))
    deployed.have.artefacts.put_json(deployed.keys["summary"] or "", summary(f"{CANARY_NAME}: £1,200.00"))
    secrets = f"ledgercast/test/slack/{deployed.workspace}"
    deployed.have.state.save_slack_install(deployed.workspace, "T1", {"secret": secrets, "bot_user": "U1"})
    deployed.slack.faults.add(Fault("chat.postMessage", "drop", after=True))
    answers = [invoke(deployed, one) for one in ("d-slack", "d-mail", "d-slack", "d-none")]

    left_behind = logs.getvalue() + caplog.text + repr(answers) + repr(deployed.rows())
    assert "delivered" in left_behind
    for canary in (deployed.slack.token, *CANARIES):
        assert canary not in left_behind


def test_the_wait_state_gets_whole_seconds_and_a_reason(deployed: World) -> None:
    deployed.slack.workspace.processing.asks = 2

    assert invoke(deployed, "d-slack") == {"outcome": "wait", "seconds": 2, "reason": "slack.file_not_processed"}


def test_stored_facts_that_are_gone_are_a_plain_no_before_anything_was_sent(deployed: World) -> None:
    answer = invoke(deployed, "d-slack", facts="runs/none.json")

    assert (answer["status"], answer["reason"]) == ("failed", "artefact.missing")


def test_stored_facts_that_are_gone_after_a_send_are_an_error_not_a_plain_no(deployed: World) -> None:
    """The state machine then calls the delivery unconfirmed: it may stand in the channel."""
    invoke(deployed, "d-slack")

    with pytest.raises(Exception, match="no longer stored"):
        invoke(deployed, "d-slack", facts="runs/none.json")


def test_a_missing_setting_is_named(deployed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEDGERCAST_SENDER")

    with pytest.raises(SettingsError, match="LEDGERCAST_SENDER"):
        compose.dependencies()


def test_every_client_that_sends_is_made_without_retries(deployed: World) -> None:
    config: Any = compose.dependencies().mailer()._client.meta.config

    assert config.retries["total_max_attempts"] == 1
