"""A pulse, made by somebody who was told only: "get last year's revenue into #finance every Monday at nine, with a
short comment". Then it is looked at, changed, and left alone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from local.slack.server import CHANNEL
from local.slack.workspace import Message
from tests.browser.looks import Looks
from tests.browser.place import Place
from tests.browser.visitor import Visitor

FIGURES = "Harbour & Pine Coffee Ltd"
MONDAY = 0


@pytest.fixture
def ada(place: Place) -> Visitor:
    """A member, in a workspace whose owner connected Xero and Slack before."""
    owner = place.owner()
    place.connect(owner, FIGURES)
    owner.open("/oauth/slack/start")
    return place.plain_member("ada")


def name_it(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_label("Name", exact=True).fill(name)


def choose(visitor: Visitor, label: str) -> None:
    visitor.page.get_by_role("radio", name=label).check(force=True)


def make(visitor: Visitor, name: str) -> str:
    """The purpose, as short as it goes: the new pulse's page."""
    visitor.open("/pulses/new?metric=revenue")
    visitor.page.get_by_label("Find a channel").fill("finance")
    visitor.press("Find")
    visitor.page.get_by_label("#finance").check()
    name_it(visitor, name)
    visitor.press("Create pulse")
    return visitor.path().partition("?")[0]


def next_runs(visitor: Visitor) -> list[datetime]:
    shown = visitor.page.locator("ol.runs time")
    return [datetime.fromisoformat(one.get_attribute("datetime") or "") for one in shown.all()]


def posted(place: Place) -> list[Message]:
    return [one for one in place.slack.messages if one.channel == CHANNEL and not one.thread_ts]


def until_over(visitor: Visitor) -> Locator:
    """The page of the pulse, which looks again by itself until the run that was asked for is over."""
    over = visitor.page.locator("[data-run=over]")
    expect(over).to_be_visible(timeout=30_000)
    return over


def test_revenue_comes_to_finance_every_monday_at_nine(place: Place, ada: Visitor, looks: Looks) -> None:
    """The purpose, from the first page to the second Monday."""
    ada.open("/")
    ada.page.get_by_role("navigation").get_by_role("link", name="Pulses").first.click()
    ada.page.wait_for_load_state()
    looks.at(ada.page, "pulses", "none")
    ada.follow("Make the first one")
    looks.at(ada.page, "pulse_form", "new")

    choose(ada, "Revenue (Monthly)")
    ada.page.get_by_label("Find a channel").fill("finance")
    ada.press("Find")
    ada.page.get_by_label("#finance").check()
    choose(ada, "Weekly")
    expect(ada.page.get_by_role("checkbox", name="Mon")).to_be_checked()
    ada.page.get_by_label("Time", exact=True).fill("09:00")
    choose(ada, "Short comment")
    ada.press("Show next runs")
    assert len(next_runs(ada)) == 5
    looks.at(ada.page, "pulse_form", "filled")
    ada.press("Create pulse")

    assert re.fullmatch(r"/pulses/p-[0-9a-f]{12}\?done=created", ada.path())
    expect(ada.page.get_by_role("main")).to_contain_text("Every Monday at 09:00, Europe/London")
    runs = next_runs(ada)
    assert [(run.weekday(), run.hour, run.minute) for run in runs] == [(MONDAY, 9, 0)] * 5
    looks.at(ada.page, "pulse", "created")
    pulse = ada.path().partition("?")[0]

    for week, monday in enumerate(runs[:2], start=1):
        ahead = monday - place.system.runtime.clock.now()
        place.system.runtime.scheduler.advance((ahead + timedelta(minutes=30)).total_seconds())
        assert len(posted(place)) == week
    place.enter(ada)
    ada.open(pulse)
    expect(ada.page.get_by_role("main").get_by_text("Sent", exact=True)).to_have_count(2)
    looks.at(ada.page, "pulse", "two-weeks-later")
    [first, second] = posted(place)
    assert "Revenue" in first.text
    comments = [one for one in place.slack.messages if one.thread_ts in (first.ts, second.ts)]
    assert len(comments) == 4, "each with its comment and its numbers"


def test_what_is_done_with_a_pulse_by_hand(place: Place, ada: Visitor, looks: Looks) -> None:
    """RL-1: a test and a run now arrive, once each; then it is paused, resumed, copied and deleted."""
    make(ada, "By hand")
    before = len(posted(place))
    ada.press("Send a test: By hand")
    expect(until_over(ada)).to_contain_text("The test was sent")
    assert len(posted(place)) == before + 1
    ada.press("Send now: By hand")
    expect(until_over(ada)).to_contain_text("The pulse was sent")
    looks.at(ada.page, "pulse", "sent-by-hand")
    ada.page.go_back()
    ada.page.reload()
    assert len(posted(place)) == before + 2

    ada.press("Pause: By hand")
    assert next_runs(ada) == []
    looks.at(ada.page, "pulse", "paused")
    ada.press("Duplicate: By hand")
    expect(ada.page.get_by_role("status")).to_contain_text("the copy")
    ada.open("/pulses")
    ada.press("Resume: By hand")
    ada.open("/pulses")
    states = [one.get_attribute("data-state") for one in ada.page.locator("[data-pulse]").all()]
    assert sorted(map(str, states)) == ["active", "paused"]
    looks.at(ada.page, "pulses", "two")
    ada.follow("By hand")
    ada.unfold()
    ada.press("Delete it: By hand")
    expect(ada.page.locator("[data-pulse]")).to_have_count(1)
    schedules = place.system.runtime.client("scheduler").list_schedules(NamePrefix="pulse-")["Schedules"]
    assert schedules == []


def test_nothing_typed_is_lost_when_it_cannot_be_taken(ada: Visitor, looks: Looks) -> None:
    ada.open("/pulses/new?metric=revenue")
    ada.page.get_by_label("Email addresses").fill("nobody\nada@elsewhere.example")
    choose(ada, "Cron")
    ada.page.get_by_label("Cron expression").fill("every monday")
    ada.page.get_by_label("Time zone").select_option("Pacific/Auckland")
    name_it(ada, "Kept as it was")
    ada.press("Create pulse")

    assert ada.refusal()[0]
    looks.at(ada.page, "pulse_form", "refused")
    assert ada.page.get_by_label("Email addresses").input_value() == "nobody\nada@elsewhere.example"
    assert ada.page.get_by_label("Cron expression").input_value() == "every monday"
    assert ada.page.get_by_label("Time zone").input_value() == "Pacific/Auckland"
    assert ada.page.get_by_label("Name", exact=True).input_value() == "Kept as it was"

    ada.page.get_by_label("Email addresses").fill("finance@example.com")
    ada.page.get_by_label("Cron expression").fill("0 9 * * 1-5")
    ada.press("Create pulse")
    assert "done=created" in ada.path()
    assert next_runs(ada)[0].utcoffset() == timedelta(hours=13)
    _what_the_clocks_do(ada, looks)


def _what_the_clocks_do(visitor: Visitor, looks: Looks) -> None:
    """RL-4: in London there is no half past one on the last Sunday of March."""
    visitor.open("/pulses/new?metric=revenue")
    choose(visitor, "Cron")
    visitor.page.get_by_label("Cron expression").fill("30 1 28-31 3 *")
    visitor.press("Show next runs")

    shown = visitor.page.locator("ol.runs li")
    expect(shown.first).to_contain_text("28 Mar 2027")
    expect(shown.first).to_contain_text("does not exist that day: no run")
    expect(shown).to_have_count(6)
    looks.at(visitor.page, "pulse_form", "clocks-go-forward")


def test_two_who_edit_at_once_are_told_and_a_disconnect_holds_the_pulse(
    place: Place, ada: Visitor, looks: Looks
) -> None:
    pulse = make(ada, "Between us")
    bob = place.plain_member("bob")
    for one in (ada, bob):
        one.open(f"{pulse}/edit")
    name_it(ada, "As Ada wants it")
    ada.press("Save changes")
    name_it(bob, "As Bob wants it")
    choose(bob, "Daily")
    bob.press("Save changes")

    assert bob.refusal()[0]
    expect(bob.page.get_by_role("main")).to_contain_text("As Ada wants it")
    assert bob.page.get_by_label("Name", exact=True).input_value() == "As Bob wants it"
    looks.at(bob.page, "pulse_form", "overtaken")
    bob.press("Save changes")
    expect(bob.page.get_by_role("main")).to_contain_text("Every day at 09:00")

    owner = place.owner()
    owner.open_source(FIGURES)
    owner.press(f"Disconnect from Xero: {FIGURES}")
    ada.open("/pulses")
    assert ada.page.locator("[data-pulse]").get_attribute("data-state") == "held"
    looks.at(ada.page, "pulses", "held")
    ada.open(pulse)
    looks.at(ada.page, "pulse", "held")
