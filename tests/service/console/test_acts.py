"""The audit as owners see it (LG-2), page by page, and as the API gives it."""

from __future__ import annotations

import html
import re
from typing import get_args

import pytest

from functions.console.acts import PAGE
from ledgercast.domain.audit import WORDS, Act
from ledgercast.domain.pulses import Pulse
from tests.service.console.pages import HOSTILE, Pages, assert_inert, furnish
from tests.service.console.world import Console
from tests.service.pulses.keeping import keep
from tests.service.web.browser import Answer, Browser

ACTS = "/activity?show=acts"


@pytest.fixture
def pages(desk: Console) -> Pages:
    return furnish(desk)


def words_of(answer: Answer) -> list[str]:
    found = re.findall(r'<li><div>(?:<b>|<span class="state bad">)([^<]+)</', answer.body)
    return [html.unescape(one) for one in found]


def walk(person: Browser) -> list[str]:
    """Every act, by the links from page to page."""
    answer, seen = person.get(ACTS), []
    for _ in range(20):
        seen += words_of(answer)
        onward = re.search(r'href="(/activity\?show=acts[^"]+)">Older', answer.body)
        if not onward:
            return seen
        answer = person.get(html.unescape(onward[1]))
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("act", get_args(Act))
def test_every_act_has_its_words_on_the_page_lg_2(pages: Pages, act: Act) -> None:
    pages.desk.web.edge.audit.note(act, pages.member().id, "203.0.113.7")
    answer = pages.person().get(ACTS)
    assert words_of(answer) == [WORDS[act]]
    assert "owner@example.com" in answer.body and "203.0.113.7" in answer.body


def test_newest_first_page_by_page_each_act_once_lg_2(pages: Pages) -> None:
    audit, count = pages.desk.web.edge.audit, 2 * PAGE + 7
    for n in range(count):
        pages.desk.web.clock.advance(minutes=1)
        audit.note("sign_in.ok" if n % 2 else "sign_out", pages.member().id, "203.0.113.7")
    owner = pages.person()
    seen = walk(owner)
    assert len(seen) == count
    assert seen[:2] == [WORDS["sign_out"], WORDS["sign_in.ok"]]
    assert len(words_of(owner.get(ACTS))) == PAGE


def test_times_are_those_of_the_workspaces_zone(pages: Pages) -> None:
    pages.desk.deps.settings.change(lambda _: {"timezone": "Asia/Tokyo"})
    pages.desk.web.clock.advance(hours=8)  # 17:00 in UTC is the next day in Tokyo
    pages.desk.web.edge.audit.note("sign_out", pages.member().id, "203.0.113.7")
    body = pages.person().get(ACTS).body
    assert "Thursday, 26 November 2026" in body and ">02:00:00</time>" in body and "Asia/Tokyo" in body


def test_ids_are_told_by_what_people_call_them(pages: Pages) -> None:
    pages.connect()
    pages.install("Bakery Chat")
    keep(pages.desk.web.state, Pulse("p-1", "revenue", "x-1", (), "off", "active", {}, name="Monday revenue"))
    other = pages.member("member", "ada@example.com")
    audit = pages.desk.web.edge.audit
    for act, actor, subject, outcome in (
        ("xero.disconnected", other.id, "x-1", "pending"),
        ("slack.installed", other.id, "T0SANDBOX", "needs_scopes"),
        ("member.invited", "operator", other.id, "owner"),
        ("metric.previewed", other.id, "x-1/revenue", "ok"),
        ("run.retried", other.id, "p-1/2026-11-25T09:00:00Z", "ok"),
        ("access.denied", other.id, "POST /settings/timezone", "forbidden"),
        ("sign_in.refused", "", "", "link_refused"),
        ("totp.reset", "m-0123", other.id, "some.new.code"),
        ("xero.scopes_granted", other.id, "0123456789abcdef" * 2, "subset"),
    ):
        audit.note(act, actor, "203.0.113.7", subject, outcome)  # type: ignore[arg-type]
    text = re.sub(r"<[^>]+>|\s+", " ", pages.person().get(ACTS).body)
    text = " ".join(html.unescape(text).split())
    for words in (
        "Xero organisation disconnected : Demo Bakery Ltd still to be removed at Xero",
        "Slack workspace connected : Bakery Chat permissions missing",
        "Member invited : ada@example.com as an owner The operator",
        "Metric previewed : Demo Bakery Ltd, Revenue (Monthly) ada@example.com",
        "Run tried again by hand : Monday revenue, 2026-11-25T09:00:00Z ada@example.com",
        "Access denied : POST /settings/timezone not allowed",
        "the link was no longer good Somebody not signed in",
        "some.new.code A former member",
        "Permissions granted in Xero not everything that was asked for",
    ):
        assert words in text


def test_only_owners_see_it(pages: Pages) -> None:
    member = pages.person("member")
    assert member.get(ACTS).status == 403
    assert pages.desk.web.acts()[-1] == "access.denied forbidden"
    assert member.call("GET", "/api/v1/audit").json["error"]["code"] == "forbidden"
    stranger = pages.desk.browser()
    assert stranger.get(ACTS).location == "/sign-in?next=%2Factivity%3Fshow%3Dacts"
    assert stranger.call("GET", "/api/v1/audit").status == 401


def test_another_workspaces_acts_are_not_in_it(pages: Pages) -> None:
    at = "2026-11-25T08:00:00.000000Z"
    row = {"pk": "WS#other#AUDIT", "sk": f"{at}#{'0' * 32}", "act": "sign_out", "actor": "m-theirs", "at": at}
    pages.desk.web.ledger.put({**row, "origin": "", "subject": "", "outcome": "ok", "gsi1pk": "WS#other", "gsi1sk": at})
    owner = pages.person()
    assert words_of(owner.get(ACTS)) == []
    assert owner.call("GET", "/api/v1/audit").json == {"items": [], "next": None}


def test_the_api_gives_it_page_by_page(pages: Pages) -> None:
    for _ in range(PAGE + 3):
        pages.desk.web.edge.audit.note("sign_out", "m-1", "203.0.113.7")
    owner = pages.person()
    first = owner.call("GET", "/api/v1/audit").json
    assert len(first["items"]) == PAGE and first["next"]
    assert set(first["items"][0]) == {"at", "act", "actor", "origin", "subject", "outcome"}
    rest = owner.call("GET", f"/api/v1/audit?next={first['next'].replace('#', '%23')}").json
    assert len(rest["items"]) == 3 and rest["next"] is None
    assert first["items"][-1]["at"] > rest["items"][0]["at"]


CURSORS = ["x", "../../etc", "2026-11-25", "%00", "A" * 3000, "%3Cscript%3E", "2026-11-25T08:00:00.000000Z%23zz"]


@pytest.mark.parametrize("cursor", CURSORS)
def test_a_cursor_that_no_page_gave_is_refused_in_words(pages: Pages, cursor: str) -> None:
    owner = pages.person()
    answer = owner.get(f"/activity?show=acts&before={cursor}")
    assert answer.status == 422 and "Please" in answer.body
    told = owner.call("GET", f"/api/v1/audit?next={cursor}")
    assert (told.status, told.json["error"]["code"]) == (422, "invalid")


def test_ten_thousand_characters_are_too_many_for_an_address(pages: Pages) -> None:
    owner = pages.person()
    assert owner.get("/activity?show=acts&before=" + "A" * 10_000).status == 414
    assert owner.get("/sources/" + "A" * 10_000).status == 414
    assert owner.get("/sources/" + "A" * 200).status == 404


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_row_holds_stays_text_sx_3(pages: Pages, text: str) -> None:
    kept = text.replace("\x00", "")
    pages.connect("x-1", name=text)
    pages.desk.web.edge.audit.note("xero.connected", "m-1", kept[:60], "x-1", "ok")
    pages.desk.web.edge.audit.note("access.denied", "m-1", "203.0.113.7", kept[:60], kept[:60])
    assert_inert(pages.person().get(ACTS).body)
