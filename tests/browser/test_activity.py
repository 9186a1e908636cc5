"""What became of every run, as the people of a workspace look it up: what went out, what did not, and another try."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from ledgercast.domain.accounts import WORKSPACE
from local.slack.server import CHANNEL
from tests.browser.looks import Looks
from tests.browser.place import Place
from tests.browser.visitor import Visitor

FIGURES = "Harbour & Pine Coffee Ltd"
READERS = ["board@example.com", "cfo@example.com"]


@pytest.fixture
def owner(place: Place) -> Visitor:
    owner = place.owner()
    place.connect(owner, FIGURES)
    owner.open("/oauth/slack/start")
    return owner


def pulse(owner: Visitor, name: str, **more: Any) -> str:
    """A pulse to the channel and two mailboxes, made as a program makes it: its id."""
    owner.open("/sources")
    connection = owner.page.locator("[data-connection]").first.get_attribute("data-connection")
    body = {
        "name": name,
        "connection": connection,
        "metric": "revenue",
        "destinations": [{"kind": "slack", "channel": CHANNEL}, {"kind": "email", "addresses": READERS}],
        "schedule": {"every": "week", "days": ["mon"], "at": "09:00", "timezone": "Europe/London"},
        "summary": "template",
        **more,
    }
    csrf = owner.page.locator("[name=csrf]").first.get_attribute("value") or ""
    answer = owner.page.request.post(f"{owner.site}/api/v1/pulses", data=body, headers={"X-CSRF-Token": csrf})
    assert answer.status == 201, answer.text()
    return str(answer.json()["id"])


def send(owner: Visitor, pulse_id: str, name: str) -> None:
    owner.open(f"/pulses/{pulse_id}")
    owner.press(f"Send now: {name}")
    expect(owner.page.locator("[data-run=over]")).to_be_visible(timeout=30_000)


def test_what_went_out_is_read_exactly_as_it_was_sent(place: Place, owner: Visitor, looks: Looks) -> None:
    """DL-4: the very chart, text and numbers, to whom and when; by every member."""
    owner.open("/activity")
    looks.at(owner.page, "activity", "none")
    sent = pulse(owner, "Revenue for the board", theme="dark")
    send(owner, sent, "Revenue for the board")

    ada = place.plain_member("ada")
    ada.open("/activity")
    expect(ada.page.get_by_role("link", name="Who did what")).to_have_count(0)
    ada.follow("Revenue for the board")
    assert ada.page.locator("[data-run]").get_attribute("data-state") == "sent"
    expect(ada.page.locator("[data-part]")).to_have_count(5)
    [chart] = ada.page.get_by_role("img", name="Revenue (Monthly)").all()
    assert chart.evaluate("one => one.naturalWidth") == 1600
    looks.at(ada.page, "run", "sent")
    ada.follow("See the message to Numbers, in the thread")
    looks.at(ada.page, "run_message", "slack")
    ada.page.go_back()
    ada.follow("See the message to board@example.com")
    expect(ada.page.get_by_role("main")).to_contain_text("board@example.com")
    looks.at(ada.page, "run_message", "mail")
    expect(ada.page.get_by_role("link", name="Download the mail")).to_have_count(0)
    owner.open(ada.path())
    with owner.page.expect_download() as saved:
        owner.page.get_by_role("link", name="Download the mail").click()
    assert "To: board@example.com" in saved.value.path().read_text()


def test_what_did_not_arrive_is_tried_again_alone(place: Place, owner: Visitor, looks: Looks) -> None:
    """RL-3."""
    flawed = pulse(owner, "Revenue for everybody")
    place.slack.channels[CHANNEL].archived = True
    before = len(place.system.runtime.mail())
    try:
        send(owner, flawed, "Revenue for everybody")
    finally:
        place.slack.channels[CHANNEL].archived = False
    owner.open("/activity")
    looks.at(owner.page, "activity", "partly-sent")
    owner.follow("Revenue for everybody")
    looks.at(owner.page, "run", "partly-sent")
    owner.press("Retry what failed")
    looks.at(owner.page, "run", "retried")
    expect(owner.page.locator("[data-run][data-state=sent]")).to_be_visible(timeout=30_000)
    owner.page.wait_for_load_state()
    looks.at(owner.page, "run", "sent-at-last")
    letters = [one for one in place.system.runtime.mail()[before:] if set(one.to) & set(READERS)]
    assert len(letters) == 2, "nobody got it twice"
    owner.open("/activity?show=acts")
    expect(owner.page.get_by_role("main")).to_contain_text("Run tried again by hand")
    looks.at(owner.page, "acts")


def test_runs_that_ended_otherwise_say_why_and_what_mends_it(place: Place, owner: Visitor, looks: Looks) -> None:
    limited = pulse(owner, "A day's limit")
    place.xero.limits.per_day = 0
    try:
        connection = owner.page.locator("[data-connection]").first.get_attribute("data-connection") or ""
        place.system.artefacts.delete_under(f"snapshots/{WORKSPACE}/{connection}/")
        send(owner, limited, "A day's limit")
    finally:
        place.xero.limits.per_day = 1_000
    unread = pulse(owner, "No role")
    send(owner, unread, "No role")
    owner.open("/activity")
    looks.at(owner.page, "activity", "every-state")
    owner.follow("A day's limit")
    looks.at(owner.page, "run", "deferred")


def test_what_is_no_longer_kept_is_said(place: Place, owner: Visitor, looks: Looks) -> None:
    old = pulse(owner, "Long ago")
    send(owner, old, "Long ago")
    place.system.artefacts.delete_under(f"runs/{WORKSPACE}/{old}/")
    owner.open("/activity")
    owner.follow("Long ago")
    expect(owner.page.get_by_role("heading", name="No longer kept")).to_be_visible()
    looks.at(owner.page, "run", "no-longer-kept")
