"""How a command ends: one line and a status for everything that can be wrong, never a traceback."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from ledgercast.ops import people
from ledgercast.ops.main import main
from tests.service.conftest import REGION
from tests.service.ops.world import OWNER, SITE, STACK, World, stack

Captured = pytest.CaptureFixture[str]


def one_line(capsys: Captured) -> str:
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    return shown.err


@pytest.mark.parametrize("words", [["admin", "--stack", STACK, "members"], ["admin", "members", "--stack", STACK]])
def test_the_stack_may_be_named_before_or_after_the_command(world: World, words: list[str]) -> None:
    assert main(words, now=world.clock) == 0


def test_a_stack_that_is_not_there_is_told_with_its_region(world: World, capsys: Captured) -> None:
    assert main(["admin", "members"]) == 2
    assert "no stack 'ledgercast-production' in eu-west-1" in one_line(capsys)
    assert main(["admin", "members", "--stack", STACK, "--region", "us-east-1"]) == 2
    assert "in us-east-1" in one_line(capsys)


def test_a_stack_of_an_older_version_is_told_so(world: World, aws: boto3.Session, capsys: Captured) -> None:
    stack(aws, "ledgercast-old", {"StateTable": "state", "LedgerTable": "ledger"})
    assert main(["admin", "link", OWNER, "--stack", "ledgercast-old"]) == 2
    assert "no output Owner" in one_line(capsys)
    assert main(["admin", "secrets", "show", "--stack", "ledgercast-old"]) == 2
    assert "no output AppSecretArn" in one_line(capsys)


def test_without_a_region_it_asks_for_one(
    aws: boto3.Session, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    assert main(["admin", "members"]) == 2
    assert "--region" in one_line(capsys)


@pytest.mark.parametrize(
    ("fault", "status", "told"),
    [
        (
            ClientError({"Error": {"Code": "AccessDeniedException", "Message": "canary"}}, "Query"),
            1,
            "AWS refused Query",
        ),
        (EndpointConnectionError(endpoint_url="https://canary.example"), 2, "AWS could not be asked"),
        (NoCredentialsError(), 2, "no AWS credentials"),
        (KeyboardInterrupt(), 130, "stopped"),
        (RuntimeError("canary"), 1, "something unexpected happened (RuntimeError at test_main.py:"),
    ],
)
def test_every_fault_ends_in_one_line_without_its_own_text_lg_3(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: Captured, fault: BaseException, status: int, told: str
) -> None:
    def fail(*_: Any) -> None:
        raise fault

    monkeypatch.setattr(people.People, "list", fail)
    assert world.run("members") == status
    line = one_line(capsys)
    assert told in line and "canary" not in line


@pytest.mark.parametrize(
    "words",
    [
        ["admin", "secrets", "set", "canary-value"],
        ["admin", "secrets", "set", "xero_client_secret=canary-value"],
        ["admin", "secrets", "set", "--xero-client-secret", "canary-value"],
        ["admin", "link", "ada@example.com", "canary-value"],
    ],
)
def test_a_secret_given_as_an_argument_is_refused_and_not_repeated(capsys: Captured, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    shown = capsys.readouterr()
    assert ended.value.code == 2
    assert "never given here" in shown.err and "canary" not in shown.err + shown.out


@pytest.mark.parametrize("words", [[], ["admin"], ["admin", "links"], ["admin", "link"], ["admin", "secrets"]])
def test_an_incomplete_command_shows_how_it_is_used(capsys: Captured, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: python -m ledgercast" in capsys.readouterr().err


def test_the_doctor_names_what_still_stands_before_the_first_chart(
    world: World, aws: boto3.Session, capsys: Captured
) -> None:
    world.hold({"xero_client_id": "x", "xero_client_secret": "y", "slack_client_id": "z"})
    assert main(["doctor", "--stack", STACK], now=world.clock) == 1
    out = capsys.readouterr().out
    assert "to do    Credentials of both apps: `admin secrets set` fills slack_client_secret\n" in out
    assert "to do    Mail from example.com" in out
    assert f"{SITE}/oauth/xero/callback" in out and f"{SITE}/oauth/slack/callback" in out
    world.hold({"xero_client_id": "x", "xero_client_secret": "y", "slack_client_id": "z", "slack_client_secret": "s"})
    aws.client("sesv2").create_email_identity(EmailIdentity="example.com")
    ses_backends[DEFAULT_ACCOUNT_ID][REGION].email_identities["example.com"].verified_for_sending_status = True
    assert main(["doctor", "--stack", STACK], now=world.clock) == 0
    out = capsys.readouterr().out
    assert "to do" not in out
    assert "later    Not set, and not needed for charts: xero_webhook_keys, slack_signing_secret" in out
