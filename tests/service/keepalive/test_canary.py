"""LG-1, LG-3: no token in a log at DEBUG, a row, a mail, an answer or an error; an unexpected fault tells nothing."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from functions.keepalive.handler import handler
from tests.service.keepalive.world import House

THEIRS = ("botocore", "boto3", "urllib3", "moto", "responses")
"""These loggers are at the root's level, WARNING, in a function; only ours follow POWERTOOLS_LOG_LEVEL."""


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 800_000


def tokens(home: House) -> list[str]:
    """Every token that Xero gave out in this world, and what opens the app."""
    identity = home.xero.identity
    return [*identity._refresh, *identity._access, *home.planted, home.xero.client_secret]


def items(home: House) -> str:
    client: Any = home.session.client("dynamodb")
    return "".join(repr(client.scan(TableName=name)["Items"]) for name in ("state", "ledger"))


def test_no_token_leaves_by_a_log_a_row_a_mail_or_an_answer_lg_1(
    home: House, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("keepalive", "notices", "notify"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    # given refreshes, a warning, an end, a reset, a failed run and a renewed consent
    [connection] = home.connect()
    home.pulse(connection)
    answers: list[Any] = []
    for fault in (None, 500, None):
        if fault:
            home.xero.faults.answer("/connect/token", fault, "<html>")
        home.pass_by(days=50)
        answers.append(handler({}, Context()))
    home.ends("failed", "xero.rejected")
    home.xero.identity.forget_tokens()
    home.pass_by(days=1)
    answers.append(handler({}, Context()))
    home.connect()
    answers.append(handler({}, Context()))
    # then nothing that was kept or told has any of them
    ours = [f"{one.getMessage()} {one.__dict__}" for one in caplog.records if not one.name.startswith(THEIRS)]
    out = capsys.readouterr()
    told = {
        "logs": "\n".join(ours) + out.out + out.err,
        "rows": items(home),
        "mails": "".join(one.as_string() for one in home.letters()),
        "answers": json.dumps(answers),
    }
    assert "looked after a grant" in told["logs"]
    assert len(home.letters()) >= 4
    for where, text in told.items():
        for token in tokens(home):
            assert token not in text, where
    for name in ("Harbour Coffee", "owner@example.com"):
        assert name not in told["logs"], "ids and codes alone"
        assert name not in items_of_ledger(home)


def items_of_ledger(home: House) -> str:
    client: Any = home.session.client("dynamodb")
    return repr(client.scan(TableName="ledger")["Items"])


def test_an_unexpected_fault_is_a_generic_error_whose_detail_is_in_the_log_alone_lg_3(
    home: House,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    home.connect()

    def broken(*_: Any) -> None:
        raise ValueError(f"with a secret in its words: {home.planted[0]}")

    monkeypatch.setattr("ledgercast.xero.grants.Grants.access_token", broken)
    with pytest.raises(Exception, match="parts of the daily pass failed") as raised:
        handler({}, Context())
    written = "".join(f"{one.getMessage()} {one.__dict__}" for one in caplog.records)
    assert "ValueError" in written
    assert home.planted[0] not in repr(raised.getrepr(chain=True)) + written
    assert (raised.value.__cause__, raised.value.__context__) == (None, None)
