"""The pages of pulses in the states that the purpose (test_pulses.py) does not come by, and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from local.slack.server import CHANNEL
from local.slack.workspace import Channel
from tests.browser.looks import Looks
from tests.browser.place import Place
from tests.browser.visitor import Visitor

FIGURES = "Harbour & Pine Coffee Ltd"


@pytest.fixture
def owner(place: Place) -> Visitor:
    """In a workspace with Slack and an organisation."""
    visitor = place.owner()
    visitor.open("/oauth/slack/start")
    place.connect(visitor, FIGURES)
    return visitor


def test_without_javascript_a_channel_is_typed_and_the_pulse_is_there(place: Place, owner: Visitor) -> None:
    somebody = place.visitor(place.member("finance", "member"), javascript=False)
    place.enter(somebody)
    somebody.open("/pulses/new")
    somebody.page.locator("#q").fill("#finance")
    somebody.press("Create pulse")
    for words in ("The pulse is made", "Every Monday at 09:00, Europe/London", "#finance"):
        expect(somebody.page.locator("main")).to_contain_text(words)
    expect(somebody.page.locator("ol.runs time")).to_have_count(5)


def test_the_form_in_every_state(place: Place, owner: Visitor, looks: Looks) -> None:
    for n in range(4):
        place.slack.channels[f"C0BOARD000{n}"] = Channel(f"C0BOARD000{n}", f"board-{n}", shared=n == 3)
    owner.open("/pulses/new")
    for often in ("Hourly", "Monthly"):
        owner.page.get_by_label(often, exact=True).check()
        expect(owner.page.get_by_text("for what is chosen now")).to_be_visible()
        looks.at(owner.page, "pulse_form", often.lower())
    owner.page.locator("#q").fill("board")
    owner.page.locator("#name").fill("Kept")
    owner.page.locator("#q").press("Enter")
    expect(owner.page.get_by_text("Nothing is saved yet")).to_be_visible()
    assert owner.path() == "/pulses/new#where"
    looks.at(owner.page, "pulse_form", "found")
    expect(owner.page.get_by_label("#board-3")).to_be_disabled()
    owner.page.get_by_label("#board-1").check()
    owner.press("Create pulse")
    page = owner.page.locator("main")
    expect(page).to_contain_text("Kept")
    expect(page).to_contain_text("#board-1")


def test_a_failed_run_is_an_error_that_says_what_mends_it(place: Place, owner: Visitor, looks: Looks) -> None:
    owner.open("/pulses/new?metric=cash_position")
    owner.page.locator("#q").fill("finance")
    owner.press("Create pulse")
    place.slack.channels[CHANNEL].archived = True
    owner.press("Send now: Cash Position")
    expect(owner.page.locator("[data-run=over]")).to_contain_text("Unarchive it in Slack", timeout=30_000)
    place.slack.channels[CHANNEL].archived = False
    owner.open(owner.path().partition("?")[0])
    expect(owner.page.locator("[data-pulse]")).to_have_attribute("data-state", "error")
    owner.unfold()
    looks.at(owner.page, "pulse", "error")


def test_without_an_organisation_the_form_leads_to_xero(place: Place, looks: Looks) -> None:
    visitor = place.plain_member()
    visitor.open("/pulses/new")
    looks.at(visitor.page, "pulse_form", "no-organisation")
    visitor.follow("Connect Xero")
    assert visitor.path() == "/sources#connect"
