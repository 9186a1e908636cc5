"""The sandbox's OAuth answers as Slack's: a page that redirects, a code for one exchange, one token a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.slack.server import SlackSandbox

REDIRECT = "https://ledgercast.example.com/oauth/slack/callback"


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 25, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack(clock: Clock) -> Iterator[SlackSandbox]:
    with SlackSandbox(clock) as sandbox:
        yield sandbox


def allow(slack: SlackSandbox, **changes: str) -> requests.Response:
    query = {
        "client_id": slack.oauth.client_id,
        "scope": "chat:write,files:write",
        "redirect_uri": REDIRECT,
        "state": "s&1",
    }
    address = f"{slack.url}/oauth/v2/authorize"
    return requests.get(address, params={**query, **changes}, allow_redirects=False, timeout=5)


def back(answer: requests.Response) -> dict[str, str]:
    location = answer.headers["Location"]
    assert location.startswith(f"{REDIRECT}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def exchange(slack: SlackSandbox, code: str, redirect: str = REDIRECT, secret: str = "") -> Any:
    client = WebClient(token="", base_url=f"{slack.url}/api/", retry_handlers=[])
    known = {"client_id": slack.oauth.client_id, "client_secret": secret or slack.oauth.client_secret}
    return client.oauth_v2_access(code=code, redirect_uri=redirect, **known)


def refusal(slack: SlackSandbox, *given: str, **more: str) -> str:
    with pytest.raises(SlackApiError) as refused:
        exchange(slack, *given, **more)
    return str(refused.value.response["error"])


def test_allowing_brings_a_code_and_the_state_and_the_code_a_token(slack: SlackSandbox) -> None:
    came = back(allow(slack))
    assert came["state"] == "s&1"
    given = exchange(slack, came["code"])
    assert given["access_token"] == slack.token
    assert (given["token_type"], given["scope"]) == ("bot", "chat:write,files:write")
    assert given["team"] == {"id": "T0SANDBOX", "name": "Sandbox"}
    assert refusal(slack, came["code"]) == "invalid_code"


def test_a_code_ends_after_ten_minutes(slack: SlackSandbox, clock: Clock) -> None:
    code = back(allow(slack))["code"]
    clock.at += timedelta(minutes=10)
    assert refusal(slack, code) == "invalid_code"


def test_another_redirect_address_or_secret_is_refused(slack: SlackSandbox) -> None:
    assert refusal(slack, back(allow(slack))["code"], redirect="https://evil.example/") == "bad_redirect_uri"
    assert refusal(slack, back(allow(slack))["code"], secret="wrong") == "bad_client_secret"


def test_a_person_may_cancel(slack: SlackSandbox) -> None:
    slack.oauth.deny = True
    assert back(allow(slack)) == {"error": "access_denied", "state": "s&1"}


@pytest.mark.parametrize(
    "mistake",
    [{"client_id": "0.0"}, {"redirect_uri": "http://evil.example/"}, {"scope": "admin"}, {"scope": ""}],
)
def test_mistakes_of_the_app_stay_at_slack(slack: SlackSandbox, mistake: dict[str, str]) -> None:
    answer = allow(slack, **mistake)
    assert (answer.status_code, "Location" in answer.headers) == (200, False)


def test_a_revoked_token_is_dead_and_the_next_installation_brings_another(slack: SlackSandbox) -> None:
    old = slack.token
    client = WebClient(token=old, base_url=f"{slack.url}/api/", retry_handlers=[])
    assert client.auth_revoke()["revoked"]
    with pytest.raises(SlackApiError, match="token_revoked"):
        client.auth_test()
    assert exchange(slack, back(allow(slack))["code"])["access_token"] == slack.token != old
    with pytest.raises(SlackApiError, match="invalid_auth"):
        client.auth_test()


def test_no_secret_is_remembered(slack: SlackSandbox) -> None:
    code = back(allow(slack))["code"]
    exchange(slack, code)
    assert code not in repr(slack.calls)
    assert slack.oauth.client_secret not in repr(slack.calls)
