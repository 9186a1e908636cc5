"""A metric tried on a connection: 200, 202 and 409 of contracts.md 1, and the same for people."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from functions.console.preview import LONGEST_WATCH
from ledgercast.domain.connections import ConnectionState
from ledgercast.domain.facts import Facts
from ledgercast.store.invoke import FunctionFailed, StillWorking
from ledgercast.xero.scopes import GRANULAR
from tests.service.console.pages import HOSTILE, Pages, assert_inert, furnish
from tests.service.console.world import Console
from tests.service.web.browser import Answer
from tests.unit.deliver.samples import EMPTY_FACTS, PNG, REVENUE_FACTS, cash_flow, named

API = "/api/v1/metrics/revenue/preview?connection=x-1"
PAGE = "/sources/x-1/metrics/revenue"
CHART = f"{PAGE}/chart.png"


@pytest.fixture
def pages(desk: Console) -> Pages:
    made = furnish(desk)
    made.connect()
    return made


def both(pages: Pages) -> tuple[Answer, Answer]:
    person = pages.person("member")
    return person.call("GET", API), person.get(PAGE)


def test_the_pipelines_function_is_asked_and_its_facts_are_the_answer(pages: Pages) -> None:
    pages.ready()
    answer = pages.person("member").call("GET", API)
    assert answer.status == 200
    assert set(answer.json) == {"facts", "image"} and answer.json["image"] == CHART
    assert Facts.from_json(answer.json["facts"]) == REVENUE_FACTS
    wanted = {"metric": "revenue", "connection": "x-1"}
    assert pages.fetch.asked == [{"workspace": "main", "preview": wanted}]


def test_people_see_headline_figures_check_and_derivation(pages: Pages) -> None:
    pages.ready()
    answer = pages.person("member").get(PAGE)
    assert answer.status == 200
    for words in ("£55,070.10", "Up 7.1% on the month before", "Nov 2026 (to date)", "£601,234.56", "accrual basis"):
        assert words in answer.body
    assert "Ties to Xero" in answer.body and "Sum of revenue accounts" in answer.body
    assert 'href="https://go.xero.com/' in answer.body
    assert len(re.findall(r'<th scope="row">', answer.body)) == 13


def test_no_activity_is_said_and_the_widest_table_is_summed_up(pages: Pages) -> None:
    person = pages.person()
    pages.ready(EMPTY_FACTS)
    empty = person.get(PAGE)
    assert "No activity" in empty.body and "<table" not in empty.body
    pages.ready(cash_flow())
    assert re.findall(r'<th scope="col"[^>]*>(\w+)', person.get(PAGE).body) == ["Month", "Received", "Spent", "Net"]


WAITS: list[tuple[Any, int]] = [
    (StillWorking(), 2),
    ({"outcome": "wait", "seconds": 7, "reason": "xero.limit.minute"}, 7),
    ({"outcome": "wait", "seconds": 3, "reason": "snapshot.in_progress"}, 3),
    ({"outcome": "wait", "seconds": 300, "reason": "xero.offline"}, 300),
    ({"outcome": "defer", "seconds": 40_000, "reason": "xero.limit.day"}, 40_000),
]


@pytest.mark.parametrize(("answer", "seconds"), WAITS)
def test_while_it_waits_for_xero_so_does_the_answer(pages: Pages, answer: Any, seconds: int) -> None:
    pages.fetch.answers = [answer]
    told, shown = both(pages)
    assert (told.status, told.headers["Retry-After"]) == (202, str(seconds))
    assert told.json["status"] == "waiting"
    assert (shown.status, shown.headers["Retry-After"]) == (202, str(seconds))
    assert shown.headers.get("Refresh") == (str(seconds) if seconds <= LONGEST_WATCH else None)
    assert f'href="{PAGE}">Look again now' in shown.body
    assert "metric.previewed" not in " ".join(pages.desk.web.acts())


@pytest.mark.parametrize("state", ["held", "disconnected"])
def test_a_connection_that_is_not_open_is_a_conflict_and_nothing_is_asked(pages: Pages, state: ConnectionState) -> None:
    pages.connect(state=state)
    told, shown = both(pages)
    code = {"held": "connection.held", "disconnected": "xero.grant.disconnected"}[state]
    assert (told.status, told.json["error"]["code"]) == (409, code)
    assert shown.status == 409 and shown.alert
    assert pages.fetch.asked == []


def test_a_missing_scope_is_a_conflict_that_names_it(pages: Pages) -> None:
    pages.connect(scopes=[one for one in GRANULAR if "profitandloss" not in one])
    told, shown = both(pages)
    assert (told.status, told.json["error"]["code"]) == (409, "xero.scope.missing")
    assert "Profit and Loss" in told.json["error"]["message"] and "Profit and Loss" in shown.alert
    assert pages.fetch.asked == []


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        ({"outcome": "skip", "reason": "pulse.held"}, 409, "connection.held"),
        ({"outcome": "failed", "reason": "xero.grant.disconnected"}, 409, "xero.grant.disconnected"),
        ({"outcome": "failed", "reason": "xero.connection.gone"}, 409, "xero.connection.gone"),
        ({"outcome": "failed", "reason": "xero.role.missing"}, 409, "xero.role.missing"),
        ({"outcome": "failed", "reason": "xero.scope.missing"}, 409, "xero.scope.missing"),
        ({"outcome": "failed", "reason": "xero.unavailable"}, 503, "xero.unavailable"),
        ({"outcome": "failed", "reason": "xero.report.unknown_shape"}, 502, "xero.report.unknown_shape"),
        (FunctionFailed("KeyError"), 502, "internal"),
    ],
)
def test_what_cannot_be_shown_says_so_by_code_and_in_words(pages: Pages, answer: Any, status: int, code: str) -> None:
    pages.fetch.answers = [answer]
    told, shown = both(pages)
    assert (told.status, told.json["error"]["code"]) == (status, code)
    assert ("Retry-After" in told.headers) == (status == 503)
    assert shown.status == status and shown.alert


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/metrics/profitability/preview?connection=x-1", 404),
        ("/api/v1/metrics/revenue/preview?connection=x-2", 404),
        ("/api/v1/metrics/revenue/preview", 422),
        (f"/api/v1/metrics/revenue/preview?connection={'x' * 3000}", 422),
        (f"/api/v1/metrics/revenue/preview?connection={'x' * 10_000}", 414),
        ("/api/v1/metrics/revenue/preview?connection=%3Cscript%3E", 404),
    ],
)
def test_what_does_not_exist_or_fit_is_a_plain_error(pages: Pages, path: str, status: int) -> None:
    answer = pages.person("member").call("GET", path)
    assert answer.status == status
    assert set(answer.json["error"]) == {"code", "message"}
    assert pages.fetch.asked == []


def test_an_unknown_metric_or_source_is_not_found_for_people(pages: Pages) -> None:
    person = pages.person()
    assert person.get("/sources/x-1/metrics/profitability").status == 404
    assert person.get("/sources/x-2/metrics/revenue").status == 404


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chart_is_drawn_by_the_pipelines_function_when_its_picture_is_asked_for(pages: Pages, theme: str) -> None:
    pages.ready()
    pages.render.drawn = PNG
    person = pages.person("member")
    page = person.get(PAGE)
    assert pages.render.asked == []
    assert (
        f'src="{CHART}"' in page.body
        and f'srcset="{CHART}?theme=dark" media="(prefers-color-scheme: dark)"' in page.body
    )
    answer = person.call("GET", f"{CHART}?theme={theme}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")
    assert base64.b64decode(answer.body) == PNG and answer.headers["Cache-Control"] == "no-store"
    facts = "previews/main/x-1/revenue.json"
    of = {"metric": "revenue", "connection": "x-1"}
    assert pages.render.asked == [{"workspace": "main", "preview": of, "facts": facts, "theme": theme}]


def test_without_activity_there_is_no_picture_and_the_address_is_null(pages: Pages) -> None:
    pages.ready(EMPTY_FACTS)
    told, shown = both(pages)
    assert told.json["image"] is None and "<picture" not in shown.body
    assert pages.person().get(CHART).status == 404


@pytest.mark.parametrize(
    ("refusal", "status"),
    [(StillWorking(), 503), (FunctionFailed("ArtefactMissing"), 404), (FunctionFailed("KeyError"), 502)],
)
def test_a_chart_that_cannot_be_drawn_is_told_by_its_status(pages: Pages, refusal: Exception, status: int) -> None:
    pages.render.refusal = refusal
    assert pages.person().get(CHART).status == status


@pytest.mark.parametrize("state", ["held", "disconnected"])
def test_no_chart_is_drawn_for_a_connection_that_is_not_open(pages: Pages, state: ConnectionState) -> None:
    pages.connect(state=state)
    assert pages.person().get(CHART).status == 409
    assert pages.person().get("/sources/x-2/metrics/revenue/chart.png").status == 404
    assert pages.render.asked == []


def test_a_preview_leads_to_a_new_pulse_of_its_own(pages: Pages) -> None:
    pages.ready()
    link = 'href="/pulses/new?connection=x-1&amp;metric=revenue"'
    assert link in pages.person().get(PAGE).body and link in pages.person().get("/sources/x-1").body


def test_a_preview_is_noted_once_it_is_seen_lg_2(pages: Pages) -> None:
    pages.ready()
    pages.person("member").get(PAGE)
    entries, _ = pages.desk.web.edge.audit.newest(1)
    assert (entries[0].act, entries[0].subject) == ("metric.previewed", "x-1/revenue")


@pytest.mark.parametrize("name", HOSTILE)
def test_names_in_the_figures_stay_text_sx_3(pages: Pages, name: str) -> None:
    pages.ready(named(name))
    answer = pages.person().get(PAGE)
    assert answer.status == 200
    assert_inert(answer.body)


def test_a_stranger_gets_neither(pages: Pages) -> None:
    stranger = pages.desk.browser()
    assert stranger.call("GET", API).json["error"]["code"] == "signed_out"
    assert stranger.get(PAGE).location.startswith("/sign-in")
    assert pages.fetch.asked == []
