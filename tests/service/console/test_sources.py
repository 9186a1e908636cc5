"""The pages of the connected organisations, and the API's list of them."""

from __future__ import annotations

import html
import re

import pytest

from functions.console.permissions import WORDS
from functions.console.sources import DONE
from ledgercast.domain.catalogue import METRICS
from ledgercast.domain.connections import BY_MEMBER, GONE_IN_XERO, GRANT_ENDED, ConnectionState
from ledgercast.second_factor import HELD_BECAUSE_OFF
from ledgercast.xero.scopes import GRANULAR, PROFILES
from tests.service.console.pages import HOSTILE, Pages, assert_inert, furnish
from tests.service.console.world import Console
from tests.service.web.browser import Answer

WITHOUT_BANK = tuple(one for one in GRANULAR if "banksummary" not in one)


@pytest.fixture
def pages(desk: Console) -> Pages:
    return furnish(desk)


def elements(answer: Answer) -> dict[str, str]:
    """The connections of a page, as a script finds them: id and state (contracts.md 2)."""
    return dict(re.findall(r'data-connection="([^"]+)" data-state="([^"]+)"', answer.body))


def test_the_connect_page_says_what_is_read_that_nothing_is_written_and_leads_to_xero_by_a_link(pages: Pages) -> None:
    answer = pages.person("member").get("/sources")
    assert answer.status == 200
    text = " ".join(html.unescape(answer.body).split())
    for scope in GRANULAR:
        assert WORDS[scope] in text
    assert "nothing in Xero can be created, changed or deleted" in text
    assert re.search(r'<a [^>]*href="/oauth/xero/start">Connect to Xero</a>', answer.body)
    assert "target=" not in answer.body, "no pop-up window for the consent"
    explained = answer.body[answer.body.index("If Xero shows an error") :]
    assert "two uncertified apps" in explained and "Invalid scope" in explained


def test_every_scope_that_is_ever_asked_for_has_its_words_oa_4() -> None:
    assert {*WORDS} == {scope for profile in PROFILES.values() for scope in profile}


@pytest.mark.parametrize("state", ["connected", "needs_scopes", "held", "disconnected"])
def test_a_connection_is_an_element_with_its_state_and_its_forms(pages: Pages, state: ConnectionState) -> None:
    scopes = WITHOUT_BANK if state == "needs_scopes" else GRANULAR
    pages.connect("x-1", state=state, scopes=scopes)
    person = pages.person()
    for path in ("/sources", "/sources/x-1"):
        answer = person.get(path)
        assert elements(answer) == {"x-1": state}
        ends = '<form method="post" action="/sources/x-1/disconnect">' in answer.body
        assert ends == (state != "disconnected")
        reconnects = re.findall(r'href="/oauth/xero/start\?connection=x-1">([^<]*)', answer.body)
        wanted = {"disconnected": ["Reconnect"], "needs_scopes": ["Reconnect to enable"]}
        assert reconnects == wanted.get(state, [])


def test_a_form_to_disconnect_carries_the_sessions_csrf_value(pages: Pages) -> None:
    pages.connect()
    person = pages.person()
    answer = person.get("/sources")
    form = answer.body[answer.body.index('action="/sources/x-1/disconnect"') :]
    assert f'name="csrf" value="{person.csrf}"' in form[:200]


def test_only_an_owner_or_who_connected_it_is_offered_to_disconnect(pages: Pages) -> None:
    member = pages.member("member")
    pages.connect("x-1", connected_by=member.id)
    pages.connect("x-2", name="Another Ltd", connected_by="m-somebody")
    answer = pages.person("member").get("/sources")
    assert "/sources/x-1/disconnect" in answer.body and "/sources/x-2/disconnect" not in answer.body
    assert "Reconnect" not in answer.body


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        ("disconnected", BY_MEMBER, "disconnected here"),
        ("disconnected", GRANT_ENDED, "no longer accepts the consent"),
        ("disconnected", GONE_IN_XERO, "disconnected in Xero"),
        ("held", HELD_BECAUSE_OFF, "no two-factor authentication"),
        ("held", "something.new", "held for the time being"),
    ],
)
def test_a_connection_that_is_not_open_says_why(pages: Pages, state: ConnectionState, reason: str, words: str) -> None:
    pages.connect("x-1", state=state, held_reason=reason)
    person = pages.person()
    assert words in person.get("/sources").body
    assert words in person.get("/sources/x-1").body


def test_a_disconnect_that_xero_does_not_know_of_yet_says_so(pages: Pages) -> None:
    pages.connect("x-1", state="disconnected", held_reason=BY_MEMBER, delete_pending=True)
    body = pages.person().get("/sources").body
    assert "Xero could not be told yet" in body and "was deleted" not in body


def test_missing_scopes_disable_single_metrics_by_name_oa_4(pages: Pages) -> None:
    pages.connect("x-1", state="needs_scopes", scopes=WITHOUT_BANK)
    person = pages.person()
    listed = person.get("/sources").body
    assert "2 of 11 metrics" in listed
    assert "The Bank Summary report: needed for Cash Position, Cash In vs Out." in listed
    page = person.get("/sources/x-1").body
    off = re.findall(r'data-metric="(\w+)" data-available="no"', page)
    assert off == ["cash_position", "cash_in_vs_out"]
    assert page.count("Reconnect to enable. It needs: The Bank Summary report") == 2
    assert "/metrics/cash_position" not in page


def test_a_consent_from_before_a_metric_needed_more_shows_as_lacking(pages: Pages) -> None:
    pages.connect("x-1", state="connected", scopes=WITHOUT_BANK)
    assert elements(pages.person().get("/sources")) == {"x-1": "needs_scopes"}


def test_a_source_lists_the_whole_catalogue_by_category_with_star_cadence_and_derivation(pages: Pages) -> None:
    pages.connect()
    answer = pages.person("member").get("/sources/x-1")
    text = html.unescape(answer.body)
    assert re.findall(r'data-metric="(\w+)" data-available="yes"', answer.body) == [one.id for one in METRICS]
    for one in METRICS:
        assert one.title in text and one.derivation in text and f"Suggested: {one.cadence}" in text
        assert f'href="/sources/x-1/metrics/{one.id}"' in answer.body
    assert text.count("Recommended") == 1
    headings = re.findall(r'<h3 id="k\d" class="over">([^<]+)', text)
    assert headings == ["Profitability", "Expenses", "Cash & Banking", "Receivables & Payables"]


def test_a_source_shows_what_was_granted_and_by_whom(pages: Pages) -> None:
    member = pages.member("member", "ada@example.com")
    pages.connect("x-1", scopes=WITHOUT_BANK, connected_by=member.id, connected_at=1_795_000_000)
    body = pages.person().get("/sources/x-1").body
    assert "ada@example.com" in body
    granted, asked = body[body.index("What Xero granted") :].split("Asked for today and not granted")
    assert "accounting.invoices.read" in granted and "accounting.reports.banksummary.read" not in granted
    assert "accounting.reports.banksummary.read" in asked


@pytest.mark.parametrize("path", ["/sources/x-9", "/sources/x-9/metrics/revenue"])
def test_a_connection_of_another_workspace_is_not_found(pages: Pages, path: str) -> None:
    theirs = {"tenant": "t", "name": "Theirs", "grant": "g", "state": "connected", "scopes": list(GRANULAR)}
    pages.desk.web.state.put({"pk": "WS#other", "sk": "CONN#x-9", **theirs})
    person = pages.person()
    assert person.get(path).status == 404
    assert "Theirs" not in person.get("/sources").body
    assert person.call("GET", "/api/v1/connections").json["items"] == []
    assert person.call("GET", "/api/v1/metrics/revenue/preview?connection=x-9").status == 404


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_of_xeros_reaches_a_page_as_anything_but_text_sx_3(pages: Pages, name: str) -> None:
    pages.connect("x-1", name=name, state="needs_scopes", scopes=WITHOUT_BANK)
    person = pages.person()
    for path in ("/", "/sources", "/sources/x-1"):
        answer = person.get(path)
        assert answer.status == 200
        assert_inert(answer.body)


@pytest.mark.parametrize("word", [*DONE])
def test_what_was_done_is_said_once_and_only_in_our_words(pages: Pages, word: str) -> None:
    person = pages.person()
    assert DONE[word] in html.unescape(person.get(f"/sources?done={word}").body)
    assert 'role="status"' not in person.get("/sources?done=<b>you+won</b>").body


def test_the_api_lists_connections_with_what_they_lack(pages: Pages) -> None:
    pages.connect("x-1", state="needs_scopes", scopes=WITHOUT_BANK, connected_at=1_795_610_736)
    pages.connect("x-2", name="Zebra Ltd", state="disconnected", held_reason=GRANT_ENDED)
    body = pages.person("member").call("GET", "/api/v1/connections").json
    assert body["next"] is None
    one, other = body["items"]
    assert (one["id"], one["organisation"], one["state"]) == ("x-1", "Demo Bakery Ltd", "needs_scopes")
    assert one["scopes"] == list(WITHOUT_BANK)
    assert (one["connected_at"], other["connected_at"]) == ("2026-11-25T12:45:36Z", None)
    assert one["missing"] == {
        "cash_position": ["accounting.reports.banksummary.read"],
        "cash_in_vs_out": ["accounting.reports.banksummary.read"],
    }
    assert "revenue" in one["metrics"] and "cash_position" not in one["metrics"]
    assert (other["state"], other["reason"], other["metrics"]) == ("disconnected", GRANT_ENDED, [])


def test_the_api_knows_who_asks(pages: Pages) -> None:
    me = pages.person("member").call("GET", "/api/v1/me").json
    assert (me["email"], me["role"], me["mfa"], me["mfa_verified"]) == ("member@example.com", "member", False, True)
