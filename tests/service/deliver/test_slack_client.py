"""The one Slack client: no retry of its own, bounded in time and size, no redirect, silent in the logs (SX-1, SX-2)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from slack_sdk import WebClient

from ledgercast.domain.sending import Limited, NotSent, Unclear
from ledgercast.slack import client as client_module
from ledgercast.slack.api import Slack
from ledgercast.slack.client import slack_client
from local.slack.faults import Fault
from local.slack.server import CHANNEL, SlackSandbox

MESSAGE = {"text": "hello", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}]}
POST = "chat.postMessage"


@pytest.fixture
def sandbox() -> Iterator[SlackSandbox]:
    with SlackSandbox(lambda: datetime(2026, 11, 25, 9, tzinfo=UTC)) as slack:
        yield slack


@pytest.fixture
def slack(sandbox: SlackSandbox) -> Slack:
    return Slack(slack_client(sandbox.token, sandbox.url))


def test_slack_sdks_default_client_posts_twice_when_the_answer_is_dropped(sandbox: SlackSandbox) -> None:
    """Why the retries are off: this is what the library does by itself."""
    sandbox.faults.add(Fault(POST, "drop", after=True))
    WebClient(token=sandbox.token, base_url=f"{sandbox.url}/api/").chat_postMessage(channel=CHANNEL, text="hello")

    assert len(sandbox.messages) == 2


def test_our_client_posts_once_when_the_answer_is_dropped(sandbox: SlackSandbox, slack: Slack) -> None:
    sandbox.faults.add(Fault(POST, "drop", after=True))

    with pytest.raises(Unclear):
        slack.post(CHANNEL, MESSAGE, {"key": "k"})

    assert len(sandbox.messages) == 1
    assert slack.find(CHANNEL, "k", 0.0) == sandbox.messages[0].ts


def test_an_endless_answer_is_cut_off_and_unclear_sx_2(
    sandbox: SlackSandbox, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the pin on slack_sdk's private method: without our override this would read until memory ends."""
    monkeypatch.setattr(client_module, "MOST_BYTES", 500_000)
    sandbox.faults.add(Fault(POST, "endless", after=True))

    with pytest.raises(Unclear, match="ValueError"):
        slack.post(CHANNEL, MESSAGE, {"key": "k"})


def test_a_slow_answer_is_unclear_after_the_timeout_sx_2(sandbox: SlackSandbox) -> None:
    client = slack_client(sandbox.token, sandbox.url)
    client.timeout = 0.1  # type: ignore[assignment]  # seconds; urllib takes fractions
    sandbox.faults.add(Fault(POST, "slow", delay=0.4))

    with pytest.raises(Unclear, match="TimeoutError"):
        Slack(client).post(CHANNEL, MESSAGE, {"key": "k"})


def test_a_redirect_is_not_followed_sx_1(sandbox: SlackSandbox, slack: Slack) -> None:
    sandbox.faults.add(Fault(POST, "status", status=307))

    with pytest.raises(Unclear, match="http_307"):
        slack.post(CHANNEL, MESSAGE, {"key": "k"})
    assert len(sandbox.calls) == 1


def test_a_limit_tells_its_seconds(sandbox: SlackSandbox, slack: Slack) -> None:
    sandbox.faults.add(Fault(POST, "limited", seconds=30))

    with pytest.raises(Limited) as limited:
        slack.post(CHANNEL, MESSAGE, {"key": "k"})
    assert limited.value.seconds == 30


@pytest.mark.parametrize(
    "url", ["http://evil.example/upload", "http://127.0.0.1.evil.example/u", "file:///etc/passwd", "ftp://127.0.0.1/u"]
)
def test_bytes_go_to_slacks_own_host_alone_sx_1(slack: Slack, url: str) -> None:
    with pytest.raises(NotSent, match="upload_refused"):
        slack.upload(url, b"secret figures")


def test_an_upload_host_below_slacks_is_slacks() -> None:
    taken: list[str] = []
    slack = Slack(slack_client("t", "https://slack.com"), send_bytes=lambda url, _data: taken.append(url))

    slack.upload("https://files.slack.com/upload/v1/abc", b"x")
    with pytest.raises(NotSent):
        slack.upload("https://files.notslack.com/upload/v1/abc", b"x")

    assert taken == ["https://files.slack.com/upload/v1/abc"]


def test_neither_token_nor_content_is_logged_or_in_an_exception_lg_1(
    sandbox: SlackSandbox, slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox.faults.add(
        Fault(POST, "drop"), Fault(POST, "error", error="is_archived"), Fault(POST, "status"), Fault(POST, "garbage")
    )
    message = {"text": "canary-figure", "blocks": []}
    seen = []
    for _ in range(4):
        with pytest.raises((NotSent, Unclear)) as raised:
            slack.post(CHANNEL, message, {"key": "k"})
        seen.append(f"{raised.value!r} {raised.value.__cause__!r}")
    slack.post(CHANNEL, message, {"key": "k"})

    assert "canary-figure" not in caplog.text
    assert sandbox.token not in caplog.text + "".join(seen)
    assert "canary-figure" not in "".join(seen)
