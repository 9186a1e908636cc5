"""The first page: what is connected, what needs attention, and the one next step."""

from __future__ import annotations

import re

import pytest

from ledgercast.domain.connections import GRANT_ENDED
from ledgercast.second_factor import HELD_BECAUSE_OFF
from ledgercast.xero.scopes import GRANULAR
from tests.service.console.desk_of_pulses import desk_of_pulses
from tests.service.console.pages import Pages, furnish
from tests.service.console.world import Console
from tests.service.web.browser import Answer


@pytest.fixture
def pages(desk: Console) -> Pages:
    return furnish(desk)


def next_step(answer: Answer) -> str:
    found = re.search(r'<h2 id="next">([^<]+)', answer.body)
    return found[1] if found else ""


def test_each_step_follows_the_one_before(pages: Pages) -> None:
    owner = pages.person()
    # given nothing, then an organisation, then somebody who may be written to
    first = owner.get("/")
    assert next_step(first) == "Connect Xero" and 'href="/sources#connect"' in first.body
    pages.connect()
    owner.post("/settings/mail-domains/remove", domain="example.com")
    assert next_step(owner.get("/")) == "Say who may be written to"
    owner.post("/settings/mail-domains", domain="example.com")
    last = owner.get("/")
    assert next_step(last) == "Make the first pulse" and 'href="/pulses/new"' in last.body
    assert "Nothing needs your attention" in last.body


def test_a_member_is_led_to_nothing_that_only_owners_may(pages: Pages) -> None:
    pages.connect()
    pages.install(state="broken")
    answer = pages.person("member").get("/")
    assert next_step(answer) == "Make the first pulse"
    assert "/settings" not in answer.body


def test_what_needs_attention_comes_first_each_with_what_mends_it(pages: Pages) -> None:
    pages.connect("x-1", name="Gone Ltd", state="disconnected", held_reason=GRANT_ENDED)
    pages.connect("x-2", name="Less Ltd", state="needs_scopes", scopes=[one for one in GRANULAR if "bank" not in one])
    pages.connect("x-3", name="Kept Ltd", state="held", held_reason=HELD_BECAUSE_OFF)
    pages.install("Bakery Chat", state="broken")
    answer = pages.person().get("/")
    for words in ("Gone Ltd is disconnected", "Less Ltd lacks permissions", "Kept Ltd is held", "Slack: Bakery Chat"):
        assert words in answer.body
    for link in ("/oauth/xero/start?connection=x-1", "/oauth/xero/start?connection=x-2", "/sources/x-3"):
        assert f'href="{link}"' in answer.body
    assert next_step(answer) == ""


def test_owners_see_what_they_were_told_of_until_it_is_mended(pages: Pages) -> None:
    pages.connect()
    incidents, about = pages.desk.deps.incidents, {"pulse": "p-1", "slot": "2026-11-25T09:00:00Z", "status": "failed"}
    incidents.open("cause", "xero.role.missing@x-1", pages.desk.web.clock(), reason="xero.role.missing", about=about)
    incidents.open("grant", "g-1", pages.desk.web.clock())
    owner = pages.person()
    told = owner.get("/").body
    assert "was not sent" in told and "may not read reports" in told
    assert told.count("<li><div>") == 1, "a grant that ended is seen by the state of its sources"
    assert "was not sent" not in pages.person("member").get("/").body
    known = incidents.get("cause", "xero.role.missing@x-1")
    assert known and incidents.close(known, pages.desk.web.clock())
    assert "was not sent" not in owner.get("/").body


def test_what_comes_next_is_shown_once_there_are_pulses(desk: Console) -> None:
    pulses = desk_of_pulses(desk)
    person = pulses.person()
    for n in range(4):
        pulses.made(person, name=f"At {n}", schedule={"every": "day", "at": f"1{n}:00", "timezone": "Asia/Tokyo"})
    pulses.made(person, name="Never", state="paused")
    body = person.get("/").body
    assert re.findall(r"<bdi>(At \d|Never)</bdi>", body) == ["At 0", "At 1", "At 2"]
    assert "Thu 26 Nov 2026, 10:00" in body and "Asia/Tokyo" in body
    assert next_step(person.get("/")) == ""


def test_a_member_sees_which_pulse_failed_and_why(desk: Console) -> None:
    pulses = desk_of_pulses(desk)
    person = pulses.person()
    made = pulses.made(person, name="Board figures")
    pulses.ran(made, "2026-11-23T09:00:00Z", "failed", "slack.is_archived")
    body = person.get("/").body
    assert "Board figures: the last run failed" in body and "Unarchive" in body and "All is well" not in body


def test_a_stranger_is_led_to_the_sign_in_page(pages: Pages) -> None:
    assert pages.desk.browser().get("/").location == "/sign-in"
