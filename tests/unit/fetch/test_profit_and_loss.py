"""Rows of the Profit and Loss belong by their account (metrics.md 2, XR-3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from functions.fetch.profit_and_loss import CURRENCY_KEY, Column, add_up, columns
from ledgercast.domain.errors import UnknownReportShape
from tests.unit.fetch.bodies import IDS, account, body, chart, profit_and_loss, row, section


def one(answer: Any, *more: Any) -> Column:
    found = columns(answer, chart(*more))
    assert len(found) == 1
    return found[0]


def test_padded_titles_capitals_and_untitled_sections_are_read() -> None:
    found = one(body("pl_padded_titles"))
    assert found.revenue == Decimal("1840.20")
    assert found.gross_profit == found.gross == Decimal("1229.15")
    assert found.sum("other_income") == Decimal("4.10")
    assert found.operating == Decimal("1312.77")
    assert found.net_profit == found.net == Decimal("-79.52")
    assert [(control.expected, control.actual) for control in found.controls] == [
        (Decimal(figure), Decimal(figure)) for figure in ("1840.20", "611.05", "4.10", "1312.77")
    ]


def test_columns_keep_the_header_that_tells_of_a_thirty_day_clip() -> None:
    found = columns(body("pl_thirty_day_base"), chart())
    assert [(c.heading.month.key, c.heading.day) for c in found] == [("2026-09", 30), ("2026-08", 30), ("2026-07", 30)]
    assert [c.operating for c in found] == [Decimal("1250.75"), Decimal("45.00"), Decimal("-5.50")]
    assert not found[1].heading.ends(found[1].heading.month.last)


def test_account_rows_without_ids_are_an_unknown_shape() -> None:
    with pytest.raises(UnknownReportShape, match="no account id"):
        columns(body("pl_without_attributes"), chart())


def test_a_currency_group_is_an_operating_expense_of_its_own_and_negative_when_a_gain() -> None:
    found = one(body("pl_currency_group"))
    assert found.lines[CURRENCY_KEY].amount == Decimal("-640.33")
    assert found.operating == Decimal("-520.33")
    assert found.net_profit == found.net


@pytest.mark.parametrize("system", ["BANKCURRENCYGAIN", "REALISEDCURRENCYGAIN", "UNREALISEDCURRENCYGAIN"])
def test_currency_system_accounts_count_as_the_one_currency_row(system: str) -> None:
    gain = account("fx-1", "EXPENSE", "EXPENSE", system)
    lines = [row("Anything", "-7.00", account_id="FX-1"), row("Merged", "-3.00", account_id="fxgroupid")]
    found = one(profit_and_loss(section("Less Operating Expenses", *lines)), gain)
    assert [(key, line.name, line.amount) for key, line in found.lines.items()] == [
        (CURRENCY_KEY, "Foreign currency gains and losses", Decimal("-10.00"))
    ]


def test_a_currency_gain_listed_as_income_still_lowers_the_expenses() -> None:
    found = one(profit_and_loss(section("Plus Other Income", row("Gains", "25.00", account_id="FXGROUPID"))))
    assert (found.operating, found.net_profit) == (Decimal("-25.00"), Decimal("25.00"))


def test_the_account_decides_and_the_title_does_not() -> None:
    found = one(body("pl_renamed_titles"))
    assert found.revenue == Decimal("1580.00")
    assert found.sum("other_income") == Decimal("12.00")
    assert found.operating == Decimal("-20.00")
    assert found.net_profit == found.net


def test_a_row_missing_from_the_chart_is_placed_by_its_sections_title_and_told() -> None:
    assert one(body("pl_renamed_titles")).by_title == {"Pop-up stall"}


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        (" Income", "revenue"),
        ("REVENUE", "revenue"),
        ("Trading Income", "revenue"),
        ("Turnover", "revenue"),
        ("Sales", "revenue"),
        ("Less Cost of Sales", "cost_of_sales"),
        ("Cost of Goods Sold", "cost_of_sales"),
        ("Direct Costs", "cost_of_sales"),
        ("Plus Other Income", "other_income"),
        ("(Plus) Other Income", "other_income"),
        ("Less  Operating Expenses", "operating"),
        ("Administrative Costs", "operating"),
        ("Overheads", "operating"),
        ("Expenses", "operating"),
        ("Less Other Expenses", "operating"),
    ],
)
def test_the_titles_that_were_met_place_unknown_rows(title: str, kind: str) -> None:
    found = one(profit_and_loss(section(title, row("New", "3.00", account_id="unheard"))))
    assert [line.kind for line in found.lines.values()] == [kind]


@pytest.mark.parametrize("title", ["", None, "Non-operating", "Staff Costs", "Gross Profit", "Erlöse"])
def test_an_unknown_row_under_any_other_title_is_an_unknown_shape(title: str | None) -> None:
    with pytest.raises(UnknownReportShape):
        columns(profit_and_loss(section(title, row("New", "3.00", account_id="unheard"))), chart())


@pytest.mark.parametrize(
    ("kind", "klass", "place"),
    [
        ("SALES", "REVENUE", "revenue"),
        ("REVENUE", "REVENUE", "revenue"),
        ("OTHERINCOME", "REVENUE", "other_income"),
        ("DIRECTCOSTS", "EXPENSE", "cost_of_sales"),
        ("EXPENSE", "EXPENSE", "operating"),
        ("OVERHEADS", "EXPENSE", "operating"),
        ("DEPRECIATN", "EXPENSE", "operating"),
        ("WAGESEXPENSE", "EXPENSE", "operating"),
        ("NEVERHEARD", "REVENUE", "revenue"),
        ("NEVERHEARD", "EXPENSE", "operating"),
    ],
)
def test_types_decide_and_unknown_types_go_by_their_class(kind: str, klass: str, place: str) -> None:
    given = account("acc", kind, klass)
    found = one(profit_and_loss(section("Odd title", row("Row", "2.00", account_id="ACC", key="accountID"))), given)
    assert [line.kind for line in found.lines.values()] == [place]


def test_an_account_that_is_neither_income_nor_expense_is_an_unknown_shape() -> None:
    with pytest.raises(UnknownReportShape):
        columns(
            profit_and_loss(section("Income", row("Row", "2.00", account_id="a"))), chart(account("a", "BANK", "ASSET"))
        )


@pytest.mark.parametrize(
    "label", ["Gross Profit", "GROSS PROFIT", "Net Profit", "Net Loss", "Operating Profit", "Total Income"]
)
def test_totals_are_controls_and_in_no_figure(label: str) -> None:
    lines = [section("Income", row("Sales", "9.00", account_id=IDS["sales"])), section("", row(label, "777.00"))]
    found = one(profit_and_loss(*lines))
    assert (found.revenue, found.net_profit) == (Decimal("9.00"), Decimal("9.00"))


def test_two_columns_for_one_month_are_an_unknown_shape() -> None:
    with pytest.raises(UnknownReportShape):
        columns(profit_and_loss(columns=("31 Oct 26", "30 Oct 26")), chart())


def test_a_report_of_zero_totals_is_a_column_of_nothing() -> None:
    found = one(body("pl_zero_totals"))
    assert (found.lines, found.net_profit, found.net) == ({}, Decimal(0), Decimal(0))


def test_months_are_added_up_by_account_with_absence_as_zero() -> None:
    here = one(profit_and_loss(section("Income", row("Old name", "1.10", account_id=IDS["sales"]))))
    later = one(
        profit_and_loss(
            section("Income", row("New name", "2.20", account_id=IDS["sales"].upper())),
            section("Expenses", row("Rent", "-4.00", account_id=IDS["rent"])),
        )
    )
    whole = add_up([here, later])
    assert {key: (line.name, line.amount) for key, line in whole.items()} == {
        IDS["sales"]: ("New name", Decimal("3.30")),
        IDS["rent"]: ("Rent", Decimal("-4.00")),
    }
