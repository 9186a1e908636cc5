"""The Slack app's manifest and channel list: frozen scopes, a generated file, search, paging, pasted ids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledgercast.domain.sending import Limited
from ledgercast.slack.api import Slack
from ledgercast.slack.channels import PAGE, look_up, search
from ledgercast.slack.client import slack_client
from ledgercast.slack.finding import pasted_id
from ledgercast.slack.install import SCOPES
from ledgercast.slack.manifest import EXAMPLE, manifest, text
from local.slack.faults import Fault
from local.slack.server import SlackSandbox
from local.slack.workspace import Channel

DOCS = Path(__file__).parents[3] / "docs"
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[SlackSandbox]:
    with SlackSandbox(lambda: NOW) as slack:
        slack.channels.clear()
        yield slack


@pytest.fixture
def slack(sandbox: SlackSandbox) -> Slack:
    return Slack(slack_client(sandbox.token, sandbox.url))


def fill(sandbox: SlackSandbox, *names: str) -> None:
    for name in names:
        channel_id = f"C{len(sandbox.channels):09d}"
        sandbox.channels[channel_id] = Channel(channel_id, name, member=False)


def test_the_bot_scopes_are_the_frozen_list() -> None:
    """Design 6: more only with the feature that needs them; none writes anything but messages and files."""
    assert SCOPES == (
        "chat:write",
        "files:write",
        "files:read",
        "channels:read",
        "channels:join",
        "channels:history",
        "groups:read",
        "groups:history",
    )


def test_the_manifest_asks_for_these_and_sends_people_back_to_the_one_address() -> None:
    """OA-2."""
    made = manifest("https://pulse.example.org")
    assert made["oauth_config"] == {
        "redirect_urls": ["https://pulse.example.org/oauth/slack/callback"],
        "scopes": {"bot": list(SCOPES)},
    }
    assert made["settings"]["token_rotation_enabled"] is False
    assert len(made["display_information"]["description"]) <= 140  # Slack's limit


def test_the_committed_manifest_is_the_generated_one() -> None:
    """After a change: `python -m ledgercast.slack.manifest > docs/slack-manifest.json`."""
    assert (DOCS / "slack-manifest.json").read_text(encoding="utf-8") == text(EXAMPLE)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("C0FINANCE01", "C0FINANCE01"),
        (" G012AB3CD ", "G012AB3CD"),
        ("https://acme.slack.com/archives/C0FINANCE01", "C0FINANCE01"),
        ("https://acme.slack.com/archives/C0FINANCE01/p1764060000000100?thread_ts=1", "C0FINANCE01"),
        ("#finance", None),
        ("GENERAL", None),
        ("CUSTOMERS", None),
        ("D0DIRECT01", None),
        ("c0finance01", None),
        ("C0FINANCE01; drop", None),
        ("", None),
    ],
)
def test_an_id_or_a_link_is_known_from_a_name(typed: str, found: str | None) -> None:
    assert pasted_id(typed) == found


def test_a_piece_of_a_name_finds_channels_on_later_pages(sandbox: SlackSandbox, slack: Slack) -> None:
    fill(sandbox, *(f"team-{number}" for number in range(PAGE + 5)), "finance", "finance-board")
    found = search(slack, "#Fin")
    assert [one.name for one in found.channels] == ["finance", "finance-board"]
    assert found.next == ""
    assert [call.params["limit"] for call in sandbox.calls] == [str(PAGE)] * 2


def test_without_a_word_the_list_comes_page_by_page(sandbox: SlackSandbox, slack: Slack) -> None:
    fill(sandbox, *(f"team-{number}" for number in range(PAGE + 1)))
    first = search(slack)
    second = search(slack, cursor=first.next)
    assert (len(first.channels), len(second.channels), second.next) == (PAGE, 1, "")


def test_a_long_list_is_searched_in_bounded_pieces(sandbox: SlackSandbox, slack: Slack) -> None:
    fill(sandbox, *(f"team-{number}" for number in range(6 * PAGE)), "finance")
    first = search(slack, "finance")
    assert (first.channels, len(sandbox.calls)) == ((), 5)
    assert first.next
    assert [one.name for one in search(slack, "finance", first.next).channels] == ["finance"]


def test_archived_channels_are_left_out_and_the_rest_is_told_as_it_is(sandbox: SlackSandbox, slack: Slack) -> None:
    sandbox.channels["C1OLD"] = Channel("C1OLD", "old", archived=True)
    sandbox.channels["C2SHARED"] = Channel("C2SHARED", "with-partners", shared=True, member=False)
    sandbox.channels["G3CLOSED"] = Channel("G3CLOSED", "closed", private=True)
    sandbox.channels["G4UNSEEN"] = Channel("G4UNSEEN", "unseen", private=True, member=False)
    found = {one.id: one for one in search(slack).channels}
    assert set(found) == {"C2SHARED", "G3CLOSED"}
    assert (found["C2SHARED"].shared, found["C2SHARED"].member) == (True, False)
    assert (found["G3CLOSED"].private, found["G3CLOSED"].member) == (True, True)


def test_a_pasted_id_is_looked_up_and_a_private_one_unseen_is_not_found(sandbox: SlackSandbox, slack: Slack) -> None:
    sandbox.channels["C0FINANCE01"] = Channel("C0FINANCE01", "finance", archived=True)
    sandbox.channels["G0SECRET001"] = Channel("G0SECRET001", "secret", private=True, member=False)
    [found] = search(slack, "https://acme.slack.com/archives/C0FINANCE01").channels
    assert (found.name, found.archived) == ("finance", True)
    assert look_up(slack, "G0SECRET001") is None
    assert search(slack, "G0SECRET001").channels == ()


def test_what_slack_refuses_is_raised_by_name(sandbox: SlackSandbox, slack: Slack) -> None:
    sandbox.faults.add(Fault("conversations.list", "limited", seconds=7))
    with pytest.raises(Limited) as limited:
        search(slack)
    assert limited.value.seconds == 7
