"""Open documents, credits, buckets and the control account (metrics.md 2 and 4, Ageing)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.fetch.ageing import BUCKETS, Open, bucket, buckets
from functions.fetch.compute import compute
from ledgercast.domain.errors import RoleMissing, ScopeMissing, UnknownReportShape, XeroError, XeroRejected
from ledgercast.domain.facts import Facts
from tests.unit.fetch.bodies import IDS, body
from tests.unit.fetch.scripted import NOW, Scripted, snapshots

TODAY = date(2026, 11, 26)  # in New Zealand, where it is already the next day at noon UTC


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-400, "current"),
        (0, "current"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "90+"),
        (4000, "90+"),
    ],
)
def test_days_past_the_due_date_choose_the_bucket(days: int, expected: str) -> None:
    due = TODAY - timedelta(days=days)
    assert bucket(Open(Decimal(1), due - timedelta(days=9999), due), TODAY) == expected
    if days >= 0:
        assert bucket(Open(Decimal(1), due, None), TODAY) == expected  # without a due date, its own


def test_a_document_dated_after_today_is_current_whatever_its_due_date() -> None:
    assert bucket(Open(Decimal(1), TODAY + timedelta(days=1), TODAY - timedelta(days=50)), TODAY) == "current"


@given(st.lists(st.tuples(st.integers(-300, 300), st.integers(-(10**9), 10**9))))
def test_buckets_always_sum_to_the_documents(given_documents: list[tuple[int, int]]) -> None:
    found = [Open(Decimal(c) / 100, TODAY - timedelta(days=d), None) for d, c in given_documents]
    sums = buckets(found, TODAY)
    assert tuple(sums) == BUCKETS
    assert sum(sums.values()) == sum(one.amount for one in found)


def facts(metric: str = "aged_receivables", **answers: Any) -> tuple[Facts, Scripted]:
    xero = Scripted(**answers)
    return compute(metric, snapshots(xero), NOW), xero


def test_only_approved_documents_count_and_foreign_ones_by_their_rate() -> None:
    """120.55 overdue 37 days; 100 USD at 0.6 is 166.67, due 20 Nov by `/Date()/` alone; the draft is not owed."""
    found, _ = facts(Invoices=body("invoices"))
    assert found.series[0].values == ("0.00", "166.67", "120.55", "0.00", "0.00")
    assert (found.headline.value, found.total) == ("287.22", "287.22")
    assert (found.headline.previous, found.headline.change_pct, found.basis) == (None, None, None)
    assert (found.window.start, found.window.end, found.window.partial_last) == ("2026-11-26", "2026-11-26", False)


def test_half_a_cent_of_a_foreign_document_is_rounded_up_per_document() -> None:
    one = {**body("invoices")["Invoices"][2], "AmountDue": Decimal("1.00"), "CurrencyRate": Decimal("32")}
    two = {**one, "InvoiceID": "i-9"}
    found, _ = facts(Invoices={"Invoices": [one, two]})
    assert found.total == "0.06"  # 1 ÷ 32 = 0.03125, twice 0.03; and 0.0625 would be 0.06 by chance:
    three = {**one, "CurrencyRate": Decimal("40")}
    found, _ = facts(Invoices={"Invoices": [three, {**three, "InvoiceID": "i-8"}]})
    assert found.total == "0.06"  # 1 ÷ 40 = 0.025, half up 0.03 each, not 0.05 together


@pytest.mark.parametrize("rate", [None, Decimal(0), Decimal(-1)])
def test_a_foreign_document_without_a_rate_is_an_unknown_shape(rate: Decimal | None) -> None:
    one = {**body("invoices")["Invoices"][2], "CurrencyRate": rate}
    with pytest.raises(UnknownReportShape):
        facts(Invoices={"Invoices": [one]})


@pytest.mark.parametrize("missing", ["AmountDue", "InvoiceID"])
def test_a_document_that_lacks_what_is_counted_is_an_unknown_shape(missing: str) -> None:
    one = dict(body("invoices")["Invoices"][0])
    del one[missing]
    with pytest.raises(UnknownReportShape):
        facts(Invoices={"Invoices": [one]})


def test_credits_reduce_no_bucket_and_are_told() -> None:
    base = [body("invoices")["Invoices"][0]]
    found, _ = facts(Invoices={"Invoices": base}, CreditNotes=body("credit_notes"), BalanceSheet={"Reports": []})
    assert found.total == "120.55"
    assert found.extras["unallocated_credits"] == "32.40"
    assert "Credits not yet allocated, NZD 32.40, are not taken off" in found.notes


def test_without_credits_the_extra_is_zero_and_there_is_no_note() -> None:
    found, _ = facts(Invoices={"Invoices": [body("invoices")["Invoices"][0]]}, BalanceSheet={"Reports": []})
    assert (found.extras["unallocated_credits"], found.notes) == ("0.00", ())


@pytest.mark.parametrize("kind", ["RECEIVE-PREPAYMENT", "ARPREPAYMENT"])
def test_prepayments_of_customers_belong_to_receivables(kind: str) -> None:
    paid = {**body("credit_notes")["CreditNotes"][0], "Type": kind, "PrepaymentID": "p-1"}
    found, _ = facts(Prepayments={"Prepayments": [paid]}, BalanceSheet={"Reports": []})
    assert found.extras["unallocated_credits"] == "32.40"
    other, _ = facts("aged_payables", Prepayments={"Prepayments": [paid]}, BalanceSheet={"Reports": []})
    assert other.extras["unallocated_credits"] == "0.00"


def test_a_credit_of_an_unknown_type_is_an_unknown_shape() -> None:
    odd = {**body("credit_notes")["CreditNotes"][0], "Type": "GIFT"}
    with pytest.raises(UnknownReportShape):
        facts(CreditNotes={"CreditNotes": [odd]})


def test_without_the_payments_scope_credits_are_credit_notes_and_the_check_is_null() -> None:
    found, xero = facts(
        Invoices={"Invoices": [body("invoices")["Invoices"][0]]},
        CreditNotes=body("credit_notes"),
        Prepayments=ScopeMissing("x"),
    )
    assert found.extras["unallocated_credits"] == "32.40"
    assert any("credit notes only" in note for note in found.notes)
    assert found.checks[0].ok is None
    assert "accounting.payments.read" in (found.checks[0].note or "")
    assert not any("BalanceSheet" in path for path, _ in xero.asked)


def test_a_document_that_moved_between_pages_counts_once() -> None:
    def page(params: Any) -> Any:
        paging = {"page": Decimal(params["page"]), "pageCount": Decimal(2)}
        return {"Invoices": [body("invoices")["Invoices"][0]], "pagination": paging}

    found, xero = facts(Invoices=page, BalanceSheet={"Reports": []})
    assert found.total == "120.55"
    assert [params["page"] for path, params in xero.asked if path == "Invoices"] == ["1", "2"]


def test_a_full_page_of_xeros_own_size_is_followed_by_the_next_where_no_pagination_tells() -> None:
    """XR-3: a page size that is not taken must not cut the list off at Xero's hundred (facts.md 3.7, 9)."""
    one = body("invoices")["Invoices"][0]
    listed = [{**one, "InvoiceID": f"{number}", "AmountDue": Decimal("1.10")} for number in range(130)]

    def page(params: Any) -> Any:
        start = 100 * (int(params["page"]) - 1)
        return {"Invoices": listed[start : start + 100]}

    found, _ = facts(Invoices=page, BalanceSheet={"Reports": []})
    assert found.total == "143.00"


def test_a_refused_filter_is_dropped_and_the_list_filtered_here() -> None:
    """facts.md 3.5: organisations with very many documents answer some filters with 400."""

    def refuse(params: Any) -> Any:
        if "where" in params:
            raise XeroRejected("400")
        return body("invoices")

    found, xero = facts(Invoices=refuse)
    assert found.total == "287.22"
    assert [params.get("where") for path, params in xero.asked if path == "Invoices"] == ["AmountDue>0", None]
    assert all(params["Statuses"] == "AUTHORISED" for path, params in xero.asked if path == "Invoices")


# The control account


def sheet(figure: str, label: str = "Accounts Receivable", account_id: str = IDS["debtors"]) -> Any:
    answer = body("balance_sheet")
    answer["Reports"][0]["Rows"][0]["Cells"][1]["Value"] = "26 Nov 2026"
    cells = answer["Reports"][0]["Rows"][3]["Rows"][0]["Cells"]
    cells[0]["Value"], cells[1]["Value"] = label, figure
    for cell in cells:
        cell["Attributes"] = [{"Id": "account", "Value": account_id}]
    return answer


ONE = {"Invoices": [body("invoices")["Invoices"][0]]}
DEBTORS = {
    "AccountID": IDS["debtors"],
    "Name": "Trade debtors",
    "Type": "CURRENT",
    "Class": "ASSET",
    "SystemAccount": "DEBTORS",
}


@pytest.mark.parametrize("label", ["Accounts Receivable", "Trade Debtors"])
def test_a_usual_name_saves_the_call_when_it_agrees(label: str) -> None:
    found, xero = facts(Invoices=ONE, BalanceSheet=sheet("120.55", label))
    assert (found.checks[0].ok, found.checks[0].expected, found.checks[0].actual) == (True, "120.55", "120.55")
    assert "Accounts" not in [path for path, _ in xero.asked]


def test_the_column_of_today_is_compared_and_no_other() -> None:
    found, _ = facts(Invoices=ONE, BalanceSheet=sheet("120.57"))  # within 0.01 × (1 document + 1)
    assert (found.checks[0].ok, found.checks[0].expected) == (True, "120.57")


def test_a_row_of_that_name_that_disagrees_is_decided_by_the_accounts_id() -> None:
    renamed = sheet("120.55", label="Trade debtors")
    impostor = {"RowType": "Row", "Cells": [{"Value": text} for text in ("Accounts Receivable", "9.00", "0", "0")]}
    renamed["Reports"][0]["Rows"][3]["Rows"].insert(0, impostor)
    found, xero = facts(Invoices=ONE, BalanceSheet=renamed, Accounts={"Accounts": [DEBTORS]})
    assert (found.checks[0].ok, found.checks[0].expected) == (True, "120.55")
    assert "Accounts" in [path for path, _ in xero.asked]


def test_a_control_account_that_differs_is_a_failed_check_and_the_figures_stay() -> None:
    found, _ = facts(Invoices=ONE, BalanceSheet=sheet("120.58"), Accounts={"Accounts": [DEBTORS]})
    assert (found.checks[0].ok, found.checks[0].expected, found.checks[0].actual) == (False, "120.58", "120.55")
    assert found.total == "120.55"


def test_an_account_left_out_of_the_balance_sheet_is_at_zero() -> None:
    found, _ = facts(BalanceSheet={"Reports": []}, Accounts={"Accounts": [DEBTORS]})
    assert (found.checks[0].ok, found.checks[0].expected, found.checks[0].actual) == (True, "0.00", "0.00")


def test_a_chart_without_a_control_account_makes_the_check_null() -> None:
    found, _ = facts(BalanceSheet={"Reports": []})
    assert (found.checks[0].ok, found.checks[0].note) == (None, "the chart of accounts names no such control account")


def test_open_foreign_documents_cannot_be_compared_and_cost_no_call() -> None:
    found, xero = facts(Invoices=body("invoices"))
    assert (found.checks[0].ok, found.checks[0].note) == (None, "currency revaluation: not comparable")
    assert not any("BalanceSheet" in path for path, _ in xero.asked)


@pytest.mark.parametrize(
    ("error", "words"),
    [(ScopeMissing("x"), "accounting.reports.balancesheet.read"), (RoleMissing("x"), "may not read reports")],
)
def test_without_the_balance_sheet_the_check_is_null_with_the_reason(error: XeroError, words: str) -> None:
    found, _ = facts(Invoices=ONE, BalanceSheet=error)
    assert found.checks[0].ok is None
    assert words in (found.checks[0].note or "")
    assert found.total == "120.55"


def test_a_balance_sheet_for_another_day_is_an_unknown_shape() -> None:
    with pytest.raises(UnknownReportShape):
        facts(Invoices=ONE, BalanceSheet=body("balance_sheet"))


# The aged-report road


def aged(**answers: Any) -> tuple[Facts, Scripted]:
    return facts(Invoices=ScopeMissing("x"), Contacts=body("contacts"), **answers)


def test_without_the_invoices_scope_contacts_with_a_balance_are_asked_one_by_one() -> None:
    """Outstanding or Overdue not zero; Balances may be absent, negative, and Overdue above Outstanding."""
    found, xero = aged(AgedReceivablesByContact=body("aged_receivables_with_balances"))
    asked = [params for path, params in xero.asked if "Aged" in path]
    assert [params["contactID"] for params in asked] == ["c-1", "c-4"]
    assert all(params["date"] == params["toDate"] == "2026-11-26" for params in asked)
    assert found.series[0].values == ("150.00", "0.00", "0.00", "0.00", "400.00")  # 306 days; «305 days» is not read
    assert (found.extras["road"], found.extras["unallocated_credits"]) == ("aged_report", None)
    assert found.checks[0].ok is None
    assert any("cannot be known" in note for note in found.notes)


def test_paid_bills_are_listed_and_count_nothing() -> None:
    found, xero = facts(
        "aged_payables",
        Invoices=ScopeMissing("x"),
        Contacts=body("contacts"),
        AgedPayablesByContact=body("aged_payables_paid_listed"),
    )
    assert [params["contactID"] for path, params in xero.asked if "Aged" in path] == ["c-1", "c-3"]
    assert found.series[0].values == ("0.00", "60.00", "0.00", "0.00", "0.00")


def test_a_foreign_line_counts_by_its_local_value() -> None:
    found, _ = aged(AgedReceivablesByContact=body("aged_receivables_currencies"))
    assert found.total == "224.14"


def test_a_foreign_line_without_a_local_value_is_an_unknown_shape() -> None:
    answer = body("aged_receivables_currencies")
    answer["Reports"][0]["Rows"][0]["Cells"][-1]["Value"] = "Remarks"
    with pytest.raises(UnknownReportShape):
        aged(AgedReceivablesByContact=answer)


def test_contacts_whose_report_is_refused_or_empty_have_nothing_open_and_are_told() -> None:
    found, _ = aged(AgedReceivablesByContact=XeroRejected("404"))
    assert found.empty
    assert any("no aged report for 2 of 2" in note for note in found.notes)
    found, _ = aged(AgedReceivablesByContact=body("pl_header_only"))
    assert found.empty


def test_an_aged_report_without_its_columns_is_an_unknown_shape() -> None:
    answer = body("aged_receivables_with_balances")
    answer["Reports"][0]["Rows"][0]["Cells"][7]["Value"] = "90+"
    with pytest.raises(UnknownReportShape):
        aged(AgedReceivablesByContact=answer)
