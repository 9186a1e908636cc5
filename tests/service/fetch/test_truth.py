"""All eleven metrics against the truth of the ledger, to the cent, through a real server (XR-3, issue point 5)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ledgercast.domain.catalogue import METRICS
from local.xero.generate import generate
from tests.service.fetch.world import Time, World, world
from tests.truth import Truth, told

DAYS = [
    date(2026, 1, 1),
    date(2026, 1, 31),
    date(2027, 2, 1),
    date(2027, 2, 28),
    date(2028, 2, 29),
    date(2026, 3, 1),
    date(2026, 3, 31),
    date(2026, 4, 30),
    date(2026, 5, 1),
    date(2026, 9, 14),
    date(2026, 10, 31),
    date(2026, 11, 25),
    date(2026, 12, 31),
]
SWITCHES: list[dict[str, Any]] = [
    {"loss_making": True},
    {"no_cost_of_sales": True},
    {"empty": True},
    {"foreign": True},
    {"many_invoices": True},
    {"hostile_names": True},
    {"dated_ahead": True},
    {"unallocated_credits": True},
    {"expense_gain": True},
    {"late_entries": True},
    {"foreign": True, "unallocated_credits": True, "dated_ahead": True},
    {"foreign": True, "timezone": "EASTERNSTANDARDTIME", "currency": "USD"},
]


def check_all(there: World, today: date) -> None:
    truth = Truth(there.books, today)
    for metric in METRICS:
        facts = json.loads(json.dumps(there.facts(metric.id).to_json()))
        assert told(facts) == truth.of(metric.id), metric.id
        assert [check for check in facts["checks"] if check["ok"] is False] == [], metric.id


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_facts_are_the_ledgers_truth_on_any_day_of_the_year(today: date) -> None:
    with world(today, seed=today.toordinal()) as there:
        check_all(there, today)


@pytest.mark.parametrize("switches", SWITCHES, ids=lambda one: "-".join(map(str, one)))
def test_facts_are_the_ledgers_truth_whatever_the_business_is_like(switches: dict[str, Any]) -> None:
    today = date(2026, 11, 25)
    with world(today, seed=11, **switches) as there:
        check_all(there, today)


@pytest.mark.parametrize(
    ("timezone", "now", "today"),
    [
        ("NEWZEALANDSTANDARDTIME", datetime(2026, 10, 31, 11, 5, tzinfo=UTC), date(2026, 11, 1)),
        ("NEWZEALANDSTANDARDTIME", datetime(2026, 10, 31, 10, 55, tzinfo=UTC), date(2026, 10, 31)),
        ("PACIFICSTANDARDTIME", datetime(2027, 3, 1, 7, 55, tzinfo=UTC), date(2027, 2, 28)),
        ("PACIFICSTANDARDTIME", datetime(2027, 3, 1, 8, 5, tzinfo=UTC), date(2027, 3, 1)),
    ],
    ids=["nz-after", "nz-before", "us-before", "us-after"],
)
def test_today_and_the_months_are_those_of_the_organisations_zone(timezone: str, now: datetime, today: date) -> None:
    with World(generate(today, seed=3, timezone=timezone), Time(now)) as there:
        check_all(there, today)
        assert there.facts("aged_payables").window.end == today.isoformat()
