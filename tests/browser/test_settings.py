"""Where charts may go: Slack, its channels, and the domains of mail."""

from __future__ import annotations

from playwright.sync_api import expect

from local.slack.workspace import Channel
from tests.browser.looks import Looks
from tests.browser.place import Place
from tests.browser.visitor import Visitor

MANY = ("board", "cash-flow", "clients-acme-and-partners-quarterly-figures", "directors", "ledger", "payroll", "sales")


def test_slack_is_connected_and_channels_are_chosen(place: Place, looks: Looks) -> None:
    """DL-1, OA-1."""
    for name in MANY:
        channel_id = f"C0{name.replace('-', '').upper()[:9]}"
        channel = Channel(channel_id, name, private=name == "board", shared=name == "sales")
        place.slack.channels[channel_id] = channel
    owner = place.owner()
    owner.open("/settings")
    looks.at(owner.page, "settings", "new")
    place.slack.oauth.deny = True
    owner.follow("Connect to Slack")
    assert owner.path() == "/oauth/slack/problem/denied"
    looks.at(owner.page, "refused", "slack-denied")
    place.slack.oauth.deny = False
    owner.follow("Connect to Slack again")
    expect(owner.page.get_by_role("status")).to_contain_text("Slack is connected")
    assert owner.page.locator("[data-slack]").get_attribute("data-state") == "connected"
    looks.at(owner.page, "settings", "slack-connected")

    owner.follow("Allow a channel of Sandbox")
    looks.at(owner.page, "channels", "all")
    _search(owner, "no-such-channel")
    looks.at(owner.page, "channels", "nothing-found")
    owner.open("/settings")
    owner.page.get_by_label("Only the channels that you allow").check()
    owner.press("Save which channels")
    looks.at(owner.page, "settings", "no-channel-allowed")
    owner.follow("Allow a channel of Sandbox")
    _search(owner, "C0LEDGER")
    owner.press("Allow #ledger")
    expect(owner.page.get_by_role("status")).to_contain_text("may be written to")

    owner.follow("Allow a channel of Sandbox")
    _search(owner, "sales")
    owner.press("Allow #sales")
    assert owner.refusal()[0]
    looks.at(owner.page, "channels", "shared-with-others")
    owner.page.get_by_label("People of another company").check()
    owner.press("Allow it")
    looks.at(owner.page, "settings", "channels-allowed")

    owner.press("Remove sales")
    expect(owner.page.get_by_role("status")).to_contain_text("off the list")
    _dead_token(place, owner, looks)


def _dead_token(place: Place, owner: Visitor, looks: Looks) -> None:
    """Somebody removes the app in Slack: it is noticed, told, and mended by connecting again."""
    place.slack.workspace.revoked = True
    owner.follow("Allow a channel of Sandbox")
    assert owner.refusal()[0]
    looks.at(owner.page, "channels", "slack-refuses")
    owner.open("/settings")
    assert owner.page.locator("[data-slack]").get_attribute("data-state") == "broken"
    looks.at(owner.page, "settings", "slack-broken")
    owner.open("/")
    looks.at(owner.page, "overview", "slack-broken")
    owner.open("/settings")
    owner.follow("Connect Slack again: Sandbox")
    assert owner.page.locator("[data-slack]").get_attribute("data-state") == "connected"
    owner.press("Disconnect Slack: Sandbox")
    expect(owner.page.get_by_role("link", name="Connect to Slack")).to_be_visible()


def _search(owner: Visitor, words: str) -> None:
    owner.page.locator("#q").fill(words)
    owner.press("Search")


def test_who_was_signed_out_comes_to_slack_through_the_link(place: Place) -> None:
    """The form of the link's button leads to another site in the end, which its page's policy must allow."""
    visitor = place.visitor(place.member())
    visitor.open("/oauth/slack/start")
    visitor.page.locator("[name=email]").fill(visitor.email)
    visitor.press("Send me a link")
    visitor.open_link()
    visitor.press("Sign in to Ledgercast")
    expect(visitor.page.get_by_role("status")).to_contain_text("Slack is connected")
    visitor.press("Disconnect Slack: Sandbox")


def test_what_was_typed_stays_when_it_is_refused(place: Place, looks: Looks) -> None:
    """DL-1."""
    owner = place.owner()
    owner.open("/settings")
    owner.page.locator("#domain").fill("not a domain")
    owner.press("Allow")
    assert owner.refusal()[0]
    assert owner.page.locator("#domain").input_value() == "not a domain"
    looks.at(owner.page, "settings", "refused")
    owner.page.locator("#domain").fill("Example.org")
    owner.press("Allow")
    expect(owner.page.locator("b", has_text="example.org")).to_be_visible()
    owner.page.locator("#timezone").select_option("Pacific/Auckland")
    owner.press("Save")
    expect(owner.page.get_by_text("Now: Pacific/Auckland")).to_be_visible()
    owner.page.locator("#timezone").select_option("Europe/London")
    owner.press("Save")
    owner.press("Remove example.org")
