"""A stream, from the steps in Xero's portal to a test event."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.looks import Looks
from tests.browser.place import Place

FIGURES = "Harbour & Pine Coffee Ltd"


def test_a_stream_is_made_and_tried(place: Place, looks: Looks) -> None:
    owner = place.owner()
    place.connect(owner, FIGURES)
    owner.open("/oauth/slack/start")
    ada = place.plain_member("ada")
    ada.open("/streams")
    expect(ada.page.locator("#delivery-address")).to_contain_text("/webhooks/xero")
    looks.at(ada.page, "streams", "none")

    ada.follow("Make the first one")
    ada.press("Create stream")
    assert 400 <= ada.status < 500
    looks.at(ada.page, "stream_form", "refused")
    ada.page.locator("[name=kinds][value='invoice.created']").check()
    ada.page.get_by_label("Find a channel").fill("finance")
    ada.press("Find")
    ada.page.get_by_label("#finance").check()
    looks.at(ada.page, "stream_form", "filled")
    ada.press("Create stream")
    expect(ada.page.locator("[data-route]")).to_have_attribute("data-state", "waiting")

    ada.click(ada.page.get_by_role("button", name="Send a test event"))
    expect(ada.page.get_by_role("status")).to_contain_text("test")
    looks.at(ada.page, "streams", "tried")
