"""Looking for channels at Slack itself, as far as the sandbox plays its part."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest

from functions.console import compose
from functions.console.finder import REMEMBERED, Finder
from ledgercast.slack.finding import Seen, SlackRefused
from ledgercast.slack.install import SCOPES, Installed
from ledgercast.store.installs import Install, InstallStore
from local.slack.faults import Fault
from local.slack.server import CHANNEL, SlackSandbox
from local.slack.workspace import Channel
from tests.service.console.world import Console
from tests.service.web.world import START


@pytest.fixture
def slack() -> Iterator[SlackSandbox]:
    with SlackSandbox(lambda: START) as made:
        made.channels["C0BOARD0001"] = Channel("C0BOARD0001", "board", private=True)
        made.channels["C0SECRET001"] = Channel("C0SECRET001", "secret", private=True, member=False)
        yield made


@pytest.fixture
def installs(desk: Console, aws: boto3.Session) -> InstallStore:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    return InstallStore(desk.web.state, aws.client("secretsmanager"), key=key, prefix="ledgercast/test")


@pytest.fixture
def home(slack: SlackSandbox, installs: InstallStore) -> Install:
    return installs.save(Installed("T0SANDBOX", "Sandbox", "A1", "U1", SCOPES, bot_token=slack.token), "m-1", START)


@pytest.fixture
def finder(slack: SlackSandbox, installs: InstallStore, home: Install) -> Finder:
    return Finder(installs, home, slack.url)


def test_channels_are_found_by_name_and_by_id_and_private_ones_once_invited(finder: Finder) -> None:
    found, more = finder.search("", "")
    assert sorted(one.name for one in found) == ["board", "finance"] and more == ""
    assert [one.id for one in finder.search("finan", "")[0]] == [CHANNEL]
    assert [one.id for one in finder.search(CHANNEL, "")[0]] == [CHANNEL]
    board = finder.look_up("C0BOARD0001")
    assert board and board.private and board.member
    assert finder.look_up("C0SECRET001") is None


def test_a_dead_token_is_told_and_noted_on_the_install(
    finder: Finder, slack: SlackSandbox, installs: InstallStore
) -> None:
    slack.faults.add(Fault("conversations.list", "error", error="token_revoked"))
    with pytest.raises(SlackRefused, match="Connect Slack again"):
        finder.search("", "")
    known = installs.get("T0SANDBOX")
    assert known and (known.state, known.broken) == ("broken", "slack.token_revoked")


@pytest.mark.parametrize("error", ["internal_error", "invalid_cursor", "ratelimited"])
def test_any_other_refusal_is_told_and_breaks_nothing(
    finder: Finder, slack: SlackSandbox, installs: InstallStore, error: str
) -> None:
    slack.faults.add(Fault("conversations.list", "error", error=error))
    with pytest.raises(SlackRefused) as refused:
        finder.search("", "some-cursor")
    assert str(refused.value).endswith((".", ")")) and slack.token not in json.dumps(str(refused.value))
    known = installs.get("T0SANDBOX")
    assert known and known.state == "connected"


def test_many_pulses_to_one_channel_can_be_saved_in_a_row(
    slack: SlackSandbox, installs: InstallStore, home: Install
) -> None:
    """Slack limits `conversations.info` by the minute: what it said in this minute stands, and no longer (DL-1)."""
    now, seen = [START], Seen()

    def opened() -> Finder:
        """As each save opens its own."""
        return Finder(installs, home, slack.url, seen, lambda: now[0])

    before = opened().look_up(CHANNEL)
    slack.faults.add(Fault("conversations.info", "limited", times=9))
    now[0] += REMEMBERED
    assert opened().look_up(CHANNEL) == before
    with pytest.raises(SlackRefused, match="cannot be asked"):
        opened().look_up("C0BOARD0001")
    now[0] += timedelta(seconds=1)
    with pytest.raises(SlackRefused, match="Try again in a second"):
        opened().look_up(CHANNEL)


def test_what_slack_said_outlives_the_request(
    slack: SlackSandbox, installs: InstallStore, home: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dependencies are composed anew for each."""
    monkeypatch.setenv("LEDGERCAST_SLACK_API_URL", slack.url)
    monkeypatch.setenv("LEDGERCAST_LOCAL", "1")
    monkeypatch.setattr(compose, "_SEEN", {})
    before = compose._channels(installs, home).look_up(CHANNEL)
    slack.faults.add(Fault("conversations.info", "limited"))
    assert compose._channels(installs, home).look_up(CHANNEL) == before


def test_what_slack_says_now_counts_before_what_it_said(slack: SlackSandbox, finder: Finder) -> None:
    assert finder.look_up(CHANNEL)
    slack.channels[CHANNEL].archived = True
    found = finder.look_up(CHANNEL)
    assert found and found.archived
