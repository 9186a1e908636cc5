"""A fresh connection tried in the console: its page, the function `fetch`, and Xero's sandbox behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from functions.fetch.run import fetch
from ledgercast.domain.catalogue import METRICS
from tests.service.console.pages import Pages, furnish
from tests.service.console.world import Console
from tests.service.fetch.world import World, world
from tests.truth import Truth, told

TODAY = date(2026, 11, 25)


@dataclass
class Deployed:
    """The function as Lambda would run it: an event in as JSON, an answer out as JSON."""

    pages: Pages
    xero: World

    def ask(self, event: dict[str, Any]) -> Any:
        deps = self.pages.desk.deps
        given = json.loads(json.dumps(event))
        answer = fetch(given, deps.state, deps.artefacts, lambda *_: self.xero.another_run(), self.xero.clock)
        return json.loads(json.dumps(answer))


@pytest.fixture
def xero() -> Iterator[World]:
    with world(TODAY) as made:
        yield made


@pytest.fixture
def pages(desk: Console, xero: World) -> Pages:
    made = furnish(desk)
    made.connect()
    desk.deps = replace(desk.deps, fetch=Deployed(made, xero))  # type: ignore[arg-type]
    return made


def preview(metric: str) -> str:
    return f"/api/v1/metrics/{metric}/preview?connection=x-1"


def test_all_eleven_metrics_are_shown_with_xeros_own_numbers(pages: Pages, xero: World) -> None:
    person, truth = pages.person("member"), Truth(xero.books, TODAY)
    for metric in METRICS:
        answer = person.call("GET", preview(metric.id))
        assert answer.status == 200, metric.id
        assert told(answer.json["facts"]) == truth.of(metric.id), metric.id
        shown = person.get(f"/sources/x-1/metrics/{metric.id}")
        assert shown.status == 200 and "<table" in shown.body, metric.id


def test_a_limit_of_xeros_is_waited_for_and_the_next_look_succeeds(pages: Pages, xero: World) -> None:
    limit = {"X-Rate-Limit-Problem": "minute", "Retry-After": "9"}
    xero.xero.faults.answer("Organisation", 429, headers=limit)
    person = pages.person()
    waiting = person.call("GET", preview("revenue"))
    assert (waiting.status, waiting.headers["Retry-After"]) == (202, "9")
    assert waiting.json["reason"] == "xero.limit.minute"
    assert person.call("GET", preview("revenue")).status == 200
