"""LG-1, OA-5: codes, states, verifiers and tokens are searched in every log at DEBUG, page, row, audit and header."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from ledgercast.store.consents import ConsentStore
from tests.service.oauth.test_xero_choice import CHOOSE
from tests.service.oauth.test_xero_connect import consent_to
from tests.service.oauth.world import Place, query_of
from tests.service.web.browser import Answer, Browser


class Everything(logging.Handler):
    """All that any logger says, with all that hangs on its records."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.getMessage()} {record.__dict__!r}")


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Every logger at DEBUG but AWS's own, whose debug output holds its requests and is never on in a function."""
    handler, root = Everything(), logging.getLogger()
    for name in ("botocore", "boto3", "s3transfer", "moto"):
        logging.getLogger(name).setLevel(logging.INFO)
    names = ["", "oauth", "urllib3", "requests", "slack_sdk", "ledgercast.slack.sdk"]
    before = {name: (logging.getLogger(name).level, logging.getLogger(name).propagate) for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    root.addHandler(handler)
    logging.getLogger("oauth").addHandler(handler)
    yield handler.said
    root.removeHandler(handler)
    logging.getLogger("oauth").removeHandler(handler)
    for name, (level, propagate) in before.items():
        logging.getLogger(name).setLevel(level)
        logging.getLogger(name).propagate = propagate


class Watched:
    """A browser whose every answer is kept, and the secrets that passed by."""

    def __init__(self, here: Place, browser: Browser) -> None:
        self.here = here
        self.browser = browser
        self.answers: list[Answer] = []
        self.secrets: set[str] = set()

    def get(self, target: str) -> Answer:
        answer = self.browser.get(target)
        self.answers.append(answer)
        return answer

    def away(self, target: str) -> str:
        """To the provider and back; the address that the browser is sent to is the one place where a state may be."""
        address = self.here.start(self.browser, target)
        back = self.here.consent(address)
        self.secrets |= {query_of(back)["code"], query_of(address)["state"]}
        return back


def tokens_of(here: Place) -> set[str]:
    """Every access and refresh token that the sandbox ever gave out, and its app's secrets."""
    identity = here.xero.identity
    issued = {*identity._access, *identity._refresh}
    return {*issued, here.slack.token, identity.client_secret, here.slack.oauth.client_secret}


def test_no_secret_is_told_anywhere(here: Place, log: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    verifiers: set[str] = set()
    consume = ConsentStore.consume

    def noted(self: ConsentStore, *given: Any) -> Any:
        begun = consume(self, *given)
        verifiers.add(begun.verifier)
        return begun

    monkeypatch.setattr(ConsentStore, "consume", noted)
    one = Watched(here, here.owner())
    consent_to(here, 0, 1)
    back = one.away("/oauth/xero/start")
    one.get(back)  # good
    one.get(back)  # again
    for pattern in ("/connect/token", "GET /connections"):
        failing = one.away("/oauth/xero/start")
        here.xero.faults.answer(pattern, 500, b"canary")
        one.get(one.get(failing).location)
    lost = one.away("/oauth/xero/start")
    here.xero.faults.drop("/connect/token", when="after")
    one.get(lost)
    unsure = one.away("/oauth/xero/start")
    here.xero.faults.answer("authEventId", 200, b"[]")
    one.get(unsure)
    one.get(CHOOSE)
    one.answers.append(one.browser.post(CHOOSE, organisation=here.tenants()[1]))
    one.get(one.away("/oauth/slack/start"))
    one.get(one.away("/oauth/slack/start"))
    here.xero.faults.answer("DELETE /connections", 500, b"canary")
    one.answers.append(one.browser.post(f"/sources/{here.connection().id}/disconnect"))
    secrets = one.secrets | verifiers | tokens_of(here)
    assert len(verifiers) == 7
    assert len(secrets) > 20
    ledger = here.session.client("dynamodb").scan(TableName="ledger")["Items"]
    state = here.session.client("dynamodb").scan(TableName="state")["Items"]
    told = {
        "log": "\n".join(log),
        "pages": "\n".join(f"{one.body} {dict(one.headers)!r} {one.cookies!r}" for one in one.answers),
        "ledger": json.dumps(ledger, default=str),
        "state": json.dumps(state, default=str),
    }
    assert all(told.values())
    for place, text in told.items():
        assert not [secret[:6] for secret in secrets if secret in text], place
    assert not any(name in told["ledger"] for name in ("Harbour Tiles", "Upland Joinery")), (
        "names are none of the audit"
    )
