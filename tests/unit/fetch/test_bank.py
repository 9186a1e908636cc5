"""Bank Summary's columns, by the header's words (facts.md 3.3)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from functions.fetch.bank import BankMonth, closing_check, movements
from functions.fetch.questions import Question
from functions.fetch.snapshots import Snapshot
from ledgercast.domain.errors import UnknownReportShape
from ledgercast.domain.periods import Month
from tests.unit.fetch.bodies import IDS, body, section


def month_of(answer: Any) -> BankMonth:
    snapshot = Snapshot(Question("x"), answer, datetime(2026, 11, 25, tzinfo=UTC))
    return BankMonth(Month(2026, 11), tuple(movements(answer)), snapshot)


def test_accounts_come_in_xeros_order_zero_movements_included_and_the_total_is_none_of_them() -> None:
    found = movements(body("bank_summary"))
    assert [(one.id, one.name, one.closing) for one in found] == [
        (IDS["bank"], "High Street Bank", Decimal("274.50")),
        (IDS["till"], "Old Till", Decimal("40.00")),
    ]
    assert (found[0].opening, found[0].received, found[0].spent) == (Decimal(250), Decimal(120), Decimal("95.50"))


def test_a_sixth_column_is_the_revaluation_and_counts_as_neither_received_nor_spent() -> None:
    found = movements(body("bank_summary_currency_column"))
    assert found[0].revaluation == Decimal("-3.20")
    assert found[1].closing == Decimal("-61.15")
    assert closing_check([month_of(body("bank_summary_currency_column"))]).ok


@pytest.mark.parametrize(
    "name",
    [
        "FX Gain",
        "FXGain",
        "Foreign Currency Gain",
        "Currency Revaluation",
        "Bank Revaluation",
        "Exchange Difference",
        "Unrealised Gain",
    ],
)
def test_the_revaluation_is_found_whatever_it_is_called(name: str) -> None:
    answer = body("bank_summary_currency_column")
    answer["Reports"][0]["Rows"][0]["Cells"][4]["Value"] = name
    assert movements(answer)[0].revaluation == Decimal("-3.20")


def test_columns_are_mapped_by_text_and_not_by_place() -> None:
    answer = body("bank_summary")
    for row in [answer["Reports"][0]["Rows"][0], *answer["Reports"][0]["Rows"][1]["Rows"]]:
        cells = row["Cells"]
        cells[2], cells[3] = cells[3], cells[2]
    assert movements(answer)[0].received == Decimal("120.00")


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_a_column_renamed_is_an_unknown_shape(place: int) -> None:
    answer = body("bank_summary")
    answer["Reports"][0]["Rows"][0]["Cells"][place]["Value"] = "Movement"
    with pytest.raises(UnknownReportShape):
        movements(answer)


def test_an_account_without_id_or_listed_twice_is_an_unknown_shape() -> None:
    answer = body("bank_summary")
    rows = answer["Reports"][0]["Rows"][1]["Rows"]
    with pytest.raises(UnknownReportShape, match="twice"):
        movements({"Reports": [{"Rows": [answer["Reports"][0]["Rows"][0], section("", rows[0], rows[0])]}]})
    for cell in rows[0]["Cells"]:
        cell.pop("Attributes", None)
    with pytest.raises(UnknownReportShape, match="no account id"):
        movements(answer)


def test_an_account_that_does_not_add_up_fails_the_check_by_name_and_the_figures_stay() -> None:
    answer = body("bank_summary")
    answer["Reports"][0]["Rows"][1]["Rows"][0]["Cells"][4]["Value"] = "274.52"
    check = closing_check([month_of(answer)])
    assert (check.ok, check.expected, check.actual) == (False, "274.52", "274.50")
    assert check.name == "closing balance of High Street Bank in Nov 2026"


def test_a_cent_is_within_the_tolerance() -> None:
    answer = body("bank_summary")
    answer["Reports"][0]["Rows"][1]["Rows"][0]["Cells"][4]["Value"] = "274.51"
    assert closing_check([month_of(answer)]).ok


def test_no_bank_accounts_cannot_be_checked() -> None:
    check = closing_check([month_of({"Reports": []})])
    assert (check.ok, check.note) == (None, "Xero lists no bank accounts")
