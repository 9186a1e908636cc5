"""The Lambda by its own environment: compose, handler, headers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from functions.oauth.handler import app, handler
from ledgercast.store import connect
from tests.service.oauth.world import BUCKET, PREFIX, Place
from tests.service.web.browser import ORIGIN, Answer, Browser


@pytest.fixture
def deployed(here: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    secret = here.session.client("secretsmanager").create_secret(Name="app", SecretString=secrets_of(here))
    environment = {
        "LEDGERCAST_STATE_TABLE": "state",
        "LEDGERCAST_LEDGER_TABLE": "ledger",
        "LEDGERCAST_BUCKET": BUCKET,
        "LEDGERCAST_KEY": here.key,
        "LEDGERCAST_SECRET_PREFIX": PREFIX,
        "LEDGERCAST_APP_SECRET": secret["ARN"],
        "LEDGERCAST_PUBLIC_URL": ORIGIN,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for cached in (connect._session, connect.client):
        cached.cache_clear()
    yield here
    for cached in (connect._session, connect.client):
        cached.cache_clear()


def secrets_of(here: Place, **changes: str) -> str:
    body = {
        "xero_client_id": here.xero.client_id,
        "xero_client_secret": here.xero.client_secret,
        "slack_client_id": here.slack.oauth.client_id,
        "slack_client_secret": here.slack.oauth.client_secret,
    }
    return json.dumps({**body, **changes})


def visitor(here: Place) -> Browser:
    """An owner at the function itself; its clock is the machine's."""
    browser = here.owner()
    browser._handlers = (handler,)
    here.web.clock.time = app._compose().edge.now()
    here.web.sign_in(browser, here.web.edge.members.list()[0], mfa=True)
    return browser


def test_the_function_leads_to_the_real_providers_by_its_environment(deployed: Place) -> None:
    """OA-2, SX-1: the hosts are settings, the redirect address is the deployment's own."""
    browser = visitor(deployed)
    xero, slack = browser.get("/oauth/xero/start"), browser.get("/oauth/slack/start")
    assert xero.location.startswith("https://login.xero.com/identity/connect/authorize?response_type=code&client_id=")
    assert slack.location.startswith("https://slack.com/oauth/v2/authorize?client_id=")
    assert "redirect_uri=https%3A%2F%2Fledgercast.example.com%2Foauth%2Fxero%2Fcallback" in xero.location


def test_the_profile_of_scopes_is_a_setting(deployed: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """OA-4."""
    monkeypatch.setenv("LEDGERCAST_XERO_SCOPES", "classic")
    assert "accounting.reports.read" in visitor(deployed).get("/oauth/xero/start").location


@pytest.mark.parametrize("provider", ["xero", "slack"])
def test_without_an_app_the_operator_is_told(deployed: Place, provider: str) -> None:
    """A fresh deployment's secret holds nothing yet."""
    deployed.session.client("secretsmanager").put_secret_value(SecretId="app", SecretString="{}")
    answer = visitor(deployed).get(f"/oauth/{provider}/start")
    assert answer.location == f"/oauth/{provider}/problem/not_configured"


def test_a_deployment_without_its_settings_says_nothing_but_an_id(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """LG-3."""
    monkeypatch.delenv("LEDGERCAST_STATE_TABLE", raising=False)
    answer: Answer = Browser(handler).get("/oauth/xero/start")
    assert answer.status == 500
    assert "LEDGERCAST" not in answer.body
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
