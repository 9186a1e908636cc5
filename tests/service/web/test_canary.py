"""LG-1: what must be in no log, at DEBUG: link tokens, session ids, CSRF values, addresses, what was typed."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from ledgercast.mail import Letter
from tests.service.console.world import OWNER, Console, console
from tests.service.web.world import world

THEIRS = ("botocore", "boto3", "urllib3", "moto", "responses")
"""These loggers are at the root's level, WARNING, in a function; only ours follow POWERTOOLS_LOG_LEVEL."""


@pytest.fixture
def desk(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Console:
    return console(world(dynamodb), monkeypatch)


def test_no_token_session_or_address_is_logged_at_debug_lg_1(
    desk: Console, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    # given every logger at DEBUG
    caplog.set_level(logging.DEBUG)
    logging.getLogger("console").setLevel(logging.DEBUG)
    # when somebody signs in, looks around, mistypes, is refused, meets a fault and signs out
    person = desk.browser()
    person.get("/sign-in?next=%2Fcanary-query")
    planted = {"csrf before": person.csrf, "email": OWNER, "typed": "canary-typed@", "query": "canary-query"}
    person.post("/sign-in", email=planted["typed"])
    desk.sign_in(person)
    planted["token"] = desk.tokens()[0]
    person.post("/sign-in/verify", token=planted["token"])
    person.get("/security")
    planted |= {"session": person.cookies["__Host-session"], "csrf": person.csrf}
    person.post("/security/members", email="canary-invited@example.com", role="member")
    planted["invited"] = "canary-invited@example.com"
    person.get("/security/nothing-canary-path")
    planted["path"] = "nothing-canary-path"
    _fault(desk, person.cookies["__Host-session"])
    person.post("/sign-out")
    # then no log has any of it, whole or in an exception's words
    ours = "\n".join(
        f"{record.getMessage()} {record.__dict__}" for record in caplog.records if not record.name.startswith(THEIRS)
    )
    out = capsys.readouterr()
    assert "answered" in ours and "no sign-in link was sent" in ours
    for name, value in planted.items():
        assert value not in ours + out.out + out.err, name


def _fault(desk: Console, session: str) -> None:
    """A mail that fails with the secret in the exception's own words."""

    class Broken:
        def send(self, to: str, letter: Letter) -> None:
            raise ValueError(f"could not send to {to}: {letter.button} {session}")

    object.__setattr__(desk.deps, "post", Broken())
    desk.ask(desk.browser(address="198.51.100.9"))
