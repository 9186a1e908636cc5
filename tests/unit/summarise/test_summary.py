"""The computed summary says what stands out, in figures that are in the facts."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from functions.summarise.summary import MOST_POINTS, summarise
from ledgercast.domain.catalogue import METRICS, metric
from ledgercast.domain.facts import Check, Facts, Headline, Organisation, Series, Window

MONTHS = tuple(f"{name} 2026" for name in ("Jan", "Feb", "Mar", "Apr", "May", "Jun"))
KEYS = tuple(f"2026-{number:02}" for number in range(1, 7))


def facts_of(
    metric_id: str,
    values: dict[str, tuple[str | None, ...]],
    *,
    categories: tuple[str, ...] = MONTHS,
    keys: tuple[str, ...] = KEYS,
    headline: tuple[str | None, str | None, str | None] = ("0.00", None, None),
    total: str | None = "0.00",
    **more: object,
) -> Facts:
    body: dict[str, object] = {
        "metric": metric_id,
        "title": metric(metric_id).title,
        "organisation": Organisation("Harbour & Finch", "GBP", "Europe/London", "!aB1"),
        "window": Window("2026-01-01", "2026-06-12", "Jan to Jun 2026", partial_last=True),
        "basis": "accrual",
        "as_of": "2026-06-12T09:00:00+01:00",
        "unit": "percent" if metric_id == "cost_of_sales_pct" else "currency",
        "categories": categories,
        "category_keys": keys,
        "series": tuple(Series(name, name.title(), "bar", row) for name, row in values.items()),
        "headline": Headline(categories[-2] if len(categories) > 1 else "", *headline),
        "total": total,
    }
    return Facts(**{**body, **more})  # type: ignore[arg-type]


def test_a_monthly_metric_leads_with_the_last_full_month_and_its_change() -> None:
    facts = facts_of(
        "revenue",
        {"revenue": ("100.00", "300.00", "200.00", "250.00", "275.00", "40.00")},
        headline=("275.00", "250.00", "10.0"),
        total="1165.00",
    )

    summary = summarise(facts)

    assert summary.headline == "Revenue was £275.00 in May 2026, up 10.0% on the month before"
    assert "Highest in Feb 2026 (£300.00), lowest in Jan 2026 (£100.00)" in summary.points
    assert "In Jun 2026 so far: £40.00" in summary.points


def test_the_part_month_is_never_the_worst_month() -> None:
    facts = facts_of("revenue", {"revenue": ("100.00", "300.00", "200.00", "250.00", "275.00", "1.00")})

    assert not any("lowest in Jun" in point for point in summarise(facts).points)


def test_a_run_of_losses_is_named() -> None:
    facts = facts_of(
        "net_profit",
        {"net_profit": ("10.00", "20.00", "-5.00", "-6.00", "-7.50", "9.00")},
        headline=("-7.50", "-6.00", "-25.0"),
    )

    summary = summarise(facts)

    assert summary.headline == "The net loss was £7.50 in May 2026, after −£6.00 the month before"
    assert summary.points[0] == "A loss 3 months running"


def test_months_in_which_expenses_won_are_named() -> None:
    facts = facts_of(
        "revenue_vs_expenses",
        {
            "revenue": ("10.00", "20.00", "30.00", "10.00", "50.00", "1.00"),
            "expenses": ("15.00", "10.00", "35.00", "9.00", "20.00", "9.00"),
        },
        headline=("30.00", "1.00", "2900.0"),
    )

    summary = summarise(facts)

    assert summary.headline == "Revenue was £30.00 above expenses in May 2026"
    assert summary.points[0] == "Expenses were above revenue in Jan 2026 and Mar 2026"


def test_an_undefined_percentage_is_said_to_be_undefined() -> None:
    facts = facts_of(
        "cost_of_sales_pct",
        {"cost_of_sales_pct": ("10.00", None, "12.00", "11.00", None, None)},
        headline=(None, "11.00", None),
        total="11.20",
    )

    assert summarise(facts).headline.startswith("Cost of sales as a share of revenue is not defined for May 2026")


def test_ageing_tells_the_overdue_share_and_the_oldest() -> None:
    facts = facts_of(
        "aged_receivables",
        {"due": ("600.00", "100.00", "0.00", "50.00", "250.00")},
        categories=("Current", "1–30 days", "31–60 days", "61–90 days", "90+ days"),
        keys=("current", "1-30", "31-60", "61-90", "90+"),
        headline=("400.00", None, None),
        total="1000.00",
        extras={"unallocated_credits": "75.00"},
        basis=None,
    )

    summary = summarise(facts)

    assert summary.headline == "Customers owe £1,000.00, of which £400.00 (40.0%) is overdue"
    assert "£250.00 is more than 90 days overdue" in summary.points
    assert "Credits of £75.00 are not yet allocated and are not taken off" in summary.points


def test_cash_names_accounts_that_owe() -> None:
    facts = facts_of(
        "cash_position",
        {"balance": ("900.00", "-120.50")},
        categories=("Current account", "Credit card"),
        keys=("a", "b"),
        headline=("779.50", "800.00", "-2.6"),
    )

    summary = summarise(facts)

    assert summary.headline == "Cash stands at £779.50, down 2.6% on the start of the month"
    assert "Credit card owes £120.50" in summary.points


def test_a_failed_check_comes_first() -> None:
    checks = (Check("Revenue of the whole period", "1200.00", "1165.00", ok=False),)
    facts = facts_of("revenue", {"revenue": ("1.00", "3.00", "2.00", "2.00", "2.00", "0.00")}, checks=checks)

    assert summarise(facts).points[0].startswith("Does not tie to Xero: Revenue of the whole period is £1,200.00 there")


def test_no_activity_is_said_and_not_summarised() -> None:
    facts = facts_of("revenue", {}, notes=("No activity between Jan and Jun 2026",))

    summary = summarise(facts)

    assert (summary.headline, summary.points) == ("No activity between Jan and Jun 2026", ())


@pytest.mark.parametrize("one", METRICS, ids=lambda one: one.id)
def test_every_metric_of_the_catalogue_has_its_sentences(one: object) -> None:
    metric_id = getattr(one, "id", "")
    shapes: dict[str, dict[str, tuple[str | None, ...]]] = {
        "revenue_vs_expenses": {"revenue": ("1.00",) * 6, "expenses": ("2.00",) * 6},
        "cash_in_vs_out": {"received:a": ("3.00",) * 6, "spent:a": ("-1.00",) * 6, "net": ("2.00",) * 6},
    }
    values = shapes.get(metric_id, {metric_id: ("5.00", "6.00", "7.00", "8.00", "9.00", "1.00")})
    ageing = metric_id.startswith("aged_")
    keys = ("current", "1-30", "31-60", "61-90", "90+") if ageing else KEYS
    names = keys if ageing else MONTHS
    values = {name: row[: len(keys)] for name, row in values.items()}

    summary = summarise(facts_of(metric_id, values, categories=names, keys=keys, total="36.00"))

    assert summary.headline
    assert 1 <= len(summary.points) <= MOST_POINTS


def test_every_amount_in_the_words_is_in_the_facts_or_their_share() -> None:
    values = ("1234.56", "3333.33", "2222.22", "2500.10", "2750.11", "40.00")
    facts = facts_of("revenue", {"revenue": values}, headline=("2750.11", "2500.10", "10.0"), total="12080.32")
    summary = summarise(facts)

    told = re.findall(r"£([\d,]+\.\d\d)", " ".join([summary.headline, *summary.points]))

    known = {Decimal(value) for value in (*values, "12080.32", "2500.10")}
    assert told
    assert {Decimal(amount.replace(",", "")) for amount in told} <= known
