"""The builders: readings of Xero in, figures out (metrics.md 2, 4 and 5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from functions.fetch.bank import BankMonth, Movement
from functions.fetch.metrics import cash, profit
from functions.fetch.metrics.frame import Frame, Reading, assemble
from functions.fetch.organisation import ORGANISATION, Kind, Organisation
from functions.fetch.profit_and_loss import CURRENCY_KEY, CURRENCY_NAME, Column, Line, add_up
from functions.fetch.snapshots import Snapshot
from functions.fetch.year import Year
from ledgercast.domain import catalogue
from ledgercast.domain.facts import Facts
from ledgercast.domain.periods import window
from ledgercast.xero.reports import Heading

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MONTHS = window(date(2026, 11, 25))
SNAPSHOT = Snapshot(ORGANISATION, {}, NOW)
Entry = tuple[int, str, Kind, str]


def frame(metric: str) -> Frame:
    return Frame(catalogue.metric(metric), Organisation("O", "GBP", ZoneInfo("UTC"), "!", (), SNAPSHOT), NOW)


def year(*entries: Entry) -> Year:
    """Entries are (month of the window, account, kind, amount)."""
    columns = [Column(Heading(month, None)) for month in MONTHS]
    for place, name, kind, amount in entries:
        key, shown = (CURRENCY_KEY, CURRENCY_NAME) if kind == "currency" else (f"id-{name}", name)
        line = columns[place].lines.setdefault(key, Line(kind, shown, Decimal(0)))
        line.amount += Decimal(amount)
    span = Column(Heading(MONTHS[-1], None), add_up(columns))
    return Year(tuple(columns), span, ())


def built(metric: str, *entries: Entry) -> Facts:
    here = frame(metric)
    return assemble(here, profit.BUILDERS[metric](here, year(*entries)), ())


BUSINESS: list[Entry] = [
    (9, "Sales", "revenue", "1000.00"),
    (9, "Beans", "cost_of_sales", "333.33"),
    (9, "Interest", "other_income", "50.00"),
    (9, "Rent", "operating", "400.00"),
    (9, "FX", "currency", "-70.00"),
    (10, "Sales", "revenue", "1500.00"),
    (10, "Beans", "cost_of_sales", "500.00"),
    (10, "Rent", "operating", "-20.00"),
    (11, "Sales", "revenue", "-5.00"),
    (11, "Beans", "cost_of_sales", "4.00"),
]


@pytest.mark.parametrize(
    ("metric", "last_three", "change", "total"),
    [
        ("revenue", ("1000.00", "1500.00", "-5.00"), "50.0", "2495.00"),
        ("gross_profit", ("666.67", "1000.00", "-9.00"), "50.0", "1657.67"),
        ("net_profit", ("386.67", "1020.00", "-9.00"), "163.8", "1397.67"),
        ("operating_expenses", ("330.00", "-20.00", "0.00"), "-106.1", "310.00"),
        ("cost_of_sales_pct", ("33.33", "33.33", None), "0.0", "33.56"),
    ],
)
def test_figures_of_single_series_months(
    metric: str, last_three: tuple[str | None, ...], change: str, total: str
) -> None:
    """Other income is in net profit alone; a credit among expenses is negative; months are never null."""
    facts = built(metric, *BUSINESS)
    (series,) = facts.series
    assert series.id == metric
    assert series.values[:9] == ((None,) * 9 if metric == "cost_of_sales_pct" else ("0.00",) * 9)
    assert series.values[9:] == last_three
    assert (facts.headline.label, facts.headline.value, facts.headline.previous) == ("Oct 2026", *last_three[1::-1])
    assert (facts.headline.change_pct, facts.total) == (change, total)
    assert (facts.basis, facts.window.partial_last) == ("accrual", True)
    assert facts.category_keys == tuple(month.key for month in MONTHS)
    assert facts.unit == ("percent" if metric == "cost_of_sales_pct" else "currency")


def test_revenue_stands_beside_everything_spent_and_the_headline_is_what_is_between() -> None:
    facts = built("revenue_vs_expenses", *BUSINESS)
    assert [(line.id, line.kind, line.values[9:]) for line in facts.series] == [
        ("revenue", "line", ("1000.00", "1500.00", "-5.00")),
        ("expenses", "bar", ("663.33", "480.00", "4.00")),
    ]
    assert (facts.headline.value, facts.headline.previous) == ("1020.00", "336.67")
    assert (facts.headline.change_pct, facts.total) == ("203.0", "1347.67")


def test_the_percentage_is_rounded_half_up_from_unrounded_sums() -> None:
    facts = built("cost_of_sales_pct", (10, "Sales", "revenue", "800.00"), (10, "Beans", "cost_of_sales", "3.00"))
    assert facts.series[0].values[10] == "0.38"  # 0.375
    assert facts.headline.change_pct is None


def test_without_revenue_the_percentage_has_no_activity_though_there_is_cost() -> None:
    facts = built("cost_of_sales_pct", (10, "Beans", "cost_of_sales", "3.00"))
    assert (facts.series, facts.total, facts.headline.value) == ((), None, None)


def expenses(*amounts: tuple[str, str]) -> list[Entry]:
    return [(place % 12, name, "operating", amount) for place, (name, amount) in enumerate(amounts)]


def test_expenses_are_ordered_by_amount_then_name_ten_then_other_then_currency() -> None:
    rows = [*((f"Account {n:02}", f"{n * 10}.00") for n in range(1, 11)), ("Zebra", "5.00"), ("Aardvark", "50.00")]
    given: list[Entry] = [
        *expenses(*rows, ("Refund", "-7.00"), ("Zero", "4.00"), ("Zero", "-4.00")),
        (3, "FX", "currency", "-900.00"),
        (4, "Beans", "cost_of_sales", "77.00"),
    ]
    facts = built("expense_breakdown", *given)
    assert facts.categories == (
        "Account 10",
        "Account 09",
        "Account 08",
        "Account 07",
        "Account 06",
        "Aardvark",
        "Account 05",
        "Account 04",
        "Account 03",
        "Account 02",
        "Other",
        CURRENCY_NAME,
    )
    assert facts.category_keys[5] == "id-Aardvark"
    assert facts.category_keys[-2:] == ("other", "FXGROUPID")
    assert facts.series[0].values[-2:] == ("8.00", "-900.00")  # 10 + 5 − 7
    assert (facts.total, facts.headline.value) == ("598.00", "598.00")
    assert (facts.headline.previous, facts.headline.change_pct) == (None, None)
    assert "GBP -900.00" in facts.notes[0]


@pytest.mark.parametrize(("accounts", "keys"), [(10, 10), (11, 11)])
def test_even_one_account_beyond_the_tenth_is_other(accounts: int, keys: int) -> None:
    facts = built("expense_breakdown", *expenses(*((f"A{n}", f"{100 - n}.00") for n in range(accounts))))
    assert len(facts.categories) == keys
    assert ("other" in facts.category_keys) == (accounts > 10)
    assert facts.notes == ()


def test_a_breakdown_of_nothing_but_currency_has_a_total_of_zero() -> None:
    facts = built("expense_breakdown", (3, "FX", "currency", "12.00"))
    assert (facts.category_keys, facts.series[0].values, facts.total) == (("FXGROUPID",), ("12.00",), "0.00")


def test_single_accounts_that_differ_fail_the_breakdown_though_their_sum_agrees() -> None:
    given = year(*expenses(("Rent", "100.00"), ("Power", "50.00")))
    given.span.lines["id-Rent"].amount += 10
    given.span.lines["id-Power"].amount -= 10
    reading = profit.expense_breakdown(frame("expense_breakdown"), given)
    assert reading.checks[-1].ok is False
    assert profit.single(frame("operating_expenses"), given).checks[-1].ok is True


@pytest.mark.parametrize(("off", "ok"), [("0.05", True), ("0.06", False)])
def test_the_whole_span_may_differ_by_five_cents_at_least(off: str, ok: bool) -> None:
    given = year((3, "Sales", "revenue", "10.00"))
    given.span.lines["id-Sales"].amount += Decimal(off)
    assert profit.single(frame("revenue"), given).checks[-1].ok is ok


def test_many_rows_widen_the_tolerance_by_a_cent_each() -> None:
    given = year(*((3, f"S{n}", "revenue", "10.00") for n in range(20)))
    given.span.lines["id-S0"].amount += Decimal("0.20")
    assert profit.single(frame("revenue"), given).checks[-1].ok is True
    given.span.lines["id-S0"].amount += Decimal("0.01")
    assert profit.single(frame("revenue"), given).checks[-1].ok is False


# Cash


def movement(name: str, opening: str, received: str, spent: str, closing: str, revaluation: str = "0") -> Movement:
    figures = (Decimal(text) for text in (opening, received, spent, revaluation, closing))
    return Movement(f"id-{name}", name, *figures)


def bank(make: Callable[[int], list[Movement]]) -> tuple[BankMonth, ...]:
    return tuple(BankMonth(month, tuple(make(place)), SNAPSHOT) for place, month in enumerate(MONTHS))


def test_cash_stands_in_xeros_order_with_debts_negative_and_zeros_included() -> None:
    (*_, now) = bank(
        lambda _: [
            movement("Card", "-10", "0", "5.50", "-15.50"),
            movement("Idle", "0", "0", "0", "0"),
            movement("Main", "100", "20", "0", "120"),
        ]
    )
    here = frame("cash_position")
    facts = assemble(here, cash.position(here, now), ())
    assert facts.categories == ("Card", "Idle", "Main")
    assert facts.series[0].values == ("-15.50", "0.00", "120.00")
    assert (facts.headline.value, facts.headline.previous, facts.headline.change_pct) == ("104.50", "90.00", "16.1")
    assert (facts.total, facts.basis, facts.window.start) == ("104.50", None, "2026-11-25")


def flows(accounts: int) -> Facts:
    """Account n receives 10n and spends n each month; in October all of them spend double."""

    def month(place: int) -> list[Movement]:
        twice = 2 if place == 10 else 1
        moved = [movement(f"A{n}", "0", str(10 * n), str(n * twice), "0", "0") for n in range(1, accounts + 1)]
        return [movement("Still", "7", "0", "0", "7"), *moved]

    here = frame("cash_in_vs_out")
    reading: Reading = cash.in_vs_out(here, bank(month))
    return assemble(here, reading, ())


def test_five_accounts_are_shown_on_both_sides_in_one_order_and_net_is_a_marker() -> None:
    facts = flows(5)
    received, spent = ([f"{side}:id-A{n}" for n in (5, 4, 3, 2, 1)] for side in ("received", "spent"))
    assert [line.id for line in facts.series] == [*received, *spent, "net"]
    assert (facts.series[0].values[0], facts.series[5].values[0], facts.series[5].values[10]) == (
        "50.00",
        "-5.00",
        "-10.00",
    )
    assert facts.series[-1].kind == "marker"
    assert facts.series[-1].values[9:11] == ("135.00", "120.00")
    assert (facts.headline.value, facts.headline.previous, facts.headline.change_pct) == ("120.00", "135.00", "-11.1")
    assert facts.total == str(Decimal(135 * 11 + 120).quantize(Decimal("0.01")))
    assert facts.notes == (cash.TRANSFERS,)


def test_a_sixth_account_that_moved_makes_an_other_on_both_sides() -> None:
    facts = flows(7)
    ids = [line.id for line in facts.series]
    assert (ids[5], ids[11], len(ids)) == ("received:other", "spent:other", 13)
    assert (facts.series[5].values[0], facts.series[11].values[0]) == ("30.00", "-3.00")
    assert facts.series[-1].values[0] == "252.00"
