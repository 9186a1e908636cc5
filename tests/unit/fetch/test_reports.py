"""The report walker: what it reads, and that everything else is a named error (XR-3)."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgercast.domain.errors import UnknownReportShape
from ledgercast.domain.periods import Month
from ledgercast.xero.reports import Heading, amount, heading, walk
from tests.unit.fetch.bodies import body, names, profit_and_loss, row, section

REPORTS = [name for name in names() if name.startswith(("pl_", "bank_", "aged_", "balance_", "trial_", "executive_"))]


@pytest.mark.parametrize("name", REPORTS)
def test_walks_every_peculiar_body_that_was_met(name: str) -> None:
    report = walk(body(name))
    assert report.empty == (name in ("pl_rows_empty", "pl_header_only"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", "0"),
        ("-6250.09", "-6250.09"),
        ("(1,234.00)", "-1234.00"),
        ("1,050.50", "1050.50"),
        ("£12.30", "12.30"),
        ("-$5", "-5"),
        ("(€1,000,000.01)", "-1000000.01"),
        ("12,34,567.00", "1234567.00"),
        (" 1 234.50 ", "1234.50"),
        ("\u22125.00", "-5.00"),
        (".5", "0.5"),
        ("31.48064516", "31.48064516"),
    ],
)
def test_an_amount_is_read_with_brackets_commas_and_currency_signs(text: str, value: str) -> None:
    assert amount(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["62.5%", "1,5", "1.234,56", "n/a", "-", "--5", "(-5)", "5-", "1e5", "NaN", "£", "12.", "1,23", "٣"]
)
def test_an_unknown_amount_is_an_unknown_shape(text: str) -> None:
    with pytest.raises(UnknownReportShape):
        amount(text)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False, allow_infinity=False))
def test_any_figure_is_read_back_however_it_is_dressed(value: Decimal) -> None:
    size = abs(value)
    sign = "-" if value < 0 else ""
    assert amount(f"{value:f}") == value
    assert amount(f"{sign}£{size:,f}") == value
    assert amount(f"({size:,f})" if value < 0 else f"{size:,f}") == value


@given(st.text(max_size=12))
def test_any_text_is_a_figure_or_a_named_error(text: str) -> None:
    with suppress(UnknownReportShape):
        assert amount(text).is_finite()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 Sep 26", Heading(Month(2026, 9), 30)),
        ("31 Oct 2026", Heading(Month(2026, 10), 31)),
        ("Jun 2026", Heading(Month(2026, 6), None)),
        ("29 FEB 28", Heading(Month(2028, 2), 29)),
        ("1 Sept 2026", Heading(Month(2026, 9), 1)),
    ],
)
def test_a_column_is_known_by_its_header(text: str, expected: Heading) -> None:
    assert heading(text) == expected


@pytest.mark.parametrize("text", ["", "Total", "YTD", "29 Feb 27", "32 Jan 26", "Jun 26", "0 Jan 2026", "Q1 2026"])
def test_another_header_is_an_unknown_shape(text: str) -> None:
    with pytest.raises(UnknownReportShape):
        heading(text)


@pytest.mark.parametrize("name", ["reports_empty", "pl_rows_empty", "pl_header_only"])
def test_no_report_no_rows_and_a_lone_header_are_an_empty_report(name: str) -> None:
    assert walk(body(name)).empty


LINE = row("Sales", "1.00", account_id="x")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        {"Reports": None},
        {"Reports": ["text"]},
        {"Reports": [{"ReportName": "Profit and Loss"}]},
        {"Reports": [{"Rows": None}]},
        {"Reports": [{"Rows": [section("Income", LINE)]}]},  # rows without a header
        profit_and_loss({"RowType": "Surprise", "Cells": []}),
        profit_and_loss({"Cells": []}),
        profit_and_loss(section("Income", {"RowType": "Chart", "Cells": []})),
        profit_and_loss(section("Income", {"RowType": "Row"})),
        profit_and_loss(section("Income", {"RowType": "Row", "Cells": ["1"]})),
        profit_and_loss(section("Income", row("Sales", "1.00", "2.00", account_id="x"))),
        profit_and_loss({"RowType": "Header", "Cells": [{"Value": ""}, {"Value": "30 Sep 26"}]}),
        profit_and_loss(section("Income", {"RowType": "Header", "Cells": []})),
        profit_and_loss({"RowType": "Section", "Title": "Income", "Rows": {"Row": 1}}),
    ],
)
def test_every_other_shape_is_a_named_error(answer: Any) -> None:
    with pytest.raises(UnknownReportShape):
        walk(answer)


def test_attribute_names_are_matched_without_case_and_titles_without_padding() -> None:
    cells = [
        {"Value": " Sales  Ltd ", "attributes": None, "Attributes": [{"id": "ACCOUNT", "value": "x"}]},
        {"Value": "1"},
    ]
    found = walk(profit_and_loss(section("  Income ", {"RowType": "row", "Cells": cells})))
    assert found.sections[0].title == "Income"
    assert found.sections[0].rows[0].label == "Sales Ltd"
    assert found.sections[0].rows[0].attribute("account") == "x"


def test_nested_sections_and_rows_outside_any_section_are_read() -> None:
    nested = section("Assets", section("Bank", LINE), section(None, LINE))
    found = walk(profit_and_loss(nested, row("Net Profit", "5.00")))
    assert [(one.title, len(one.rows)) for one in found.sections] == [
        ("Assets", 0),
        ("Bank", 1),
        ("Assets", 1),
        ("", 1),
    ]
