"""Reports come out of one ledger: they agree with each other, and have Xero's peculiarities (facts 3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.xero.answers import Refusal
from local.xero.books import CURRENCY_SYSTEM, REVENUE_TYPES, ZERO, Account, Allocation, Books, Payment
from local.xero.generate import generate
from local.xero.reports import year_start
from local.xero.shapes import back, eve, month_end
from tests.unit.xero_sandbox.worlds import TODAY, ask, figures, header, lines, sections, worlds

TAKES_A_MOMENT = settings(max_examples=12, deadline=None, derandomize=True)


def moved(books: Books, accounts: list[Account], start: date, end: date) -> Decimal:
    """Credits less debits, straight from the postings."""
    ids = {account.id for account in accounts}
    known = books.known(books.today)
    return -sum((p.amount for p in known.postings if p.account.id in ids and start <= p.day <= end), ZERO)


@TAKES_A_MOMENT
@given(worlds)
def test_net_profit_is_what_the_balance_sheet_gained(books: Books) -> None:
    first = back(books.today.replace(day=1), 5)
    profit = ask("profitandloss", books, fromdate=first, todate=books.today, standardlayout="true")
    before, after = (
        figures(ask("balancesheet", books, date=day), "Net Assets")[0] for day in (eve(first), books.today)
    )
    equity = moved(books, [a for a in books.accounts if a.klass == "EQUITY"], first, books.today)
    assert figures(profit, "Net Profit")[0] == after - before - equity


@TAKES_A_MOMENT
@given(worlds)
def test_the_balance_sheet_balances_and_earnings_of_the_year_are_the_reports(books: Books) -> None:
    sheet = ask("balancesheet", books, date=books.today)
    assert figures(sheet, "Net Assets") == figures(sheet, "Total Equity")
    start = year_start(books, books.today)
    profit = ask("profitandloss", books, fromdate=start, todate=books.today)
    first = min(p.day for p in books.postings)
    if start > first:
        assert figures(sheet, "Current Year Earnings") == figures(profit, "Net Profit")


@TAKES_A_MOMENT
@given(worlds)
def test_bank_summary_foots_and_joins_from_month_to_month_and_to_the_balance_sheet(books: Books) -> None:
    brought: dict[str, Decimal] = {}
    for n in range(6, -1, -1):
        first = back(books.today.replace(day=1), n)
        end = min(month_end(first), books.today)
        body = ask("banksummary", books, fromdate=first, todate=end)
        for name, (opening, received, spent, *currency, closing) in lines(body):
            assert opening + received - spent + sum(currency, ZERO) == closing
            assert received >= 0 <= spent
            assert brought.get(name, opening) == opening
            brought[name] = closing
    sheet = ask("balancesheet", books, date=books.today)
    assert brought["Total"] == figures(sheet, "Total Bank")[0]


@TAKES_A_MOMENT
@given(worlds)
def test_months_add_up_to_the_span_and_sections_to_their_totals(books: Books) -> None:
    first = back(books.today.replace(day=1), 11)
    span = ask("profitandloss", books, fromdate=first, todate=books.today, standardlayout="true")
    ends = [(s, min(month_end(s), books.today)) for s in (back(books.today.replace(day=1), n) for n in range(12))]
    months = [ask("profitandloss", books, fromdate=s, todate=e, standardlayout="true") for s, e in ends]
    for name in ("Total Income", "Total Operating Expenses", "Net Profit"):
        assert sum(figures(month, name)[0] for month in months) == figures(span, name)[0]
    for rows in sections(span).values():
        values = [Decimal(row["Cells"][1]["Value"]) for row in rows]
        if rows[-1]["RowType"] == "SummaryRow":
            assert sum(values[:-1]) == values[-1]


def test_the_span_is_applied_again_to_each_earlier_column_newest_first() -> None:
    books = generate(TODAY)
    body = ask("profitandloss", books, fromdate="2026-09-01", todate="2026-09-30", periods=2, timeframe="MONTH")
    assert header(body) == ["", "30 Sep 26", "30 Aug 26", "30 Jul 26"]
    revenue = [a for a in books.accounts if a.type in REVENUE_TYPES]
    clipped = moved(books, revenue, date(2026, 8, 1), date(2026, 8, 30))
    assert figures(body, "Total Turnover")[1] == clipped


def test_a_base_of_31_days_gives_whole_months_and_a_year_moved_by_months_overlaps() -> None:
    books = generate(TODAY)
    whole = ask("profitandloss", books, fromdate="2026-10-01", todate="2026-10-31", periods=8, timeframe="MONTH")
    assert header(whole)[1:4] + header(whole)[-2:] == ["31 Oct 26", "30 Sep 26", "31 Aug 26", "31 Mar 26", "28 Feb 26"]
    rolling = ask("profitandloss", books, fromdate="2025-11-01", todate="2026-10-31", periods=1, timeframe="MONTH")
    revenue = [a for a in books.accounts if a.type in REVENUE_TYPES]
    assert figures(rolling, "Total Turnover")[1] == moved(books, revenue, date(2025, 10, 1), date(2026, 9, 30))


@pytest.mark.parametrize(
    ("query", "ends"),
    [
        ({"timeframe": "MONTH"}, ["30 Nov 26"]),
        ({"periods": 1, "timeframe": "QUARTER"}, ["30 Nov 26", "30 Aug 26"]),
        ({"periods": 1, "timeframe": "YEAR", "todate": "2024-02-29"}, ["29 Feb 24", "28 Feb 23"]),
    ],
)
def test_columns_of_other_timeframes(query: dict[str, Any], ends: list[str]) -> None:
    assert header(ask("profitandloss", generate(TODAY), **query))[1:] == ends


def test_standard_layout_has_xeros_titles_and_a_custom_layout_its_own() -> None:
    books = generate(TODAY)
    standard = ask("profitandloss", books, fromdate="2026-10-01", todate="2026-10-31", standardlayout="true")
    titles = [part["Title"] for part in standard["Rows"][1:]]
    assert titles == [" Income", "Less Cost of Sales", "", "Plus Other Income", "Less Operating Expenses", ""]
    custom = ask("profitandloss", books, fromdate="2026-10-01", todate="2026-10-31")
    assert {"Turnover", "Staff Costs", "Administrative Costs"} < set(sections(custom))
    assert figures(custom, "NET PROFIT") == figures(standard, "Net Profit")


def test_without_cost_of_sales_neither_the_section_nor_gross_profit_is_there() -> None:
    body = ask("profitandloss", generate(TODAY, no_cost_of_sales=True), standardlayout="true")
    assert "Less Cost of Sales" not in sections(body)
    assert [label for label, _ in lines(body)].count("Gross Profit") == 0


def test_accounts_that_are_zero_in_every_column_are_left_out() -> None:
    books = generate(TODAY)
    body = ask("profitandloss", books, fromdate="2026-11-01", todate="2026-11-02", standardlayout="true")
    assert "Depreciation" not in [label for label, _ in lines(body)]
    empty = ask("profitandloss", generate(TODAY, empty=True), standardlayout="true")
    assert [label for label, _ in lines(empty)] == ["Net Profit"]


@pytest.mark.parametrize(("currency", "merged"), [("GBP", 1), ("USD", 0)])
def test_currency_lines_are_one_row_except_in_the_united_states(currency: str, merged: int) -> None:
    books = generate(TODAY, foreign=True, currency=currency)
    span = {"fromdate": "2025-12-01", "todate": "2026-11-25", "standardlayout": "true"}
    rows = sections(ask("profitandloss", books, **span))["Less Operating Expenses"]
    ids = [row["Cells"][0]["Attributes"][0]["Value"] for row in rows if row["RowType"] == "Row"]
    system = [a for a in books.accounts if a.system in CURRENCY_SYSTEM]
    assert ids.count("FXGROUPID") == merged
    assert len({a.id for a in system} & set(ids)) == (0 if merged else 3)


def test_cash_basis_counts_what_was_paid_without_tax() -> None:
    books = generate(TODAY)
    span = {"fromdate": "2026-09-01", "todate": "2026-09-30", "standardlayout": "true"}
    wholesale = next(a for a in books.accounts if a.name == "Wholesale Sales")
    paid = ZERO
    for document in books.documents:
        if document.type == "ACCREC" and document.posts and document.lines[0].account == wholesale:
            moves: list[Payment | Allocation] = [*document.payments, *document.allocations]
            paid += sum(m.amount for m in moves if date(2026, 9, 1) <= m.day <= date(2026, 9, 30))
    cash = figures(ask("profitandloss", books, paymentsonly="true", **span), "Wholesale Sales")[0]
    assert abs(cash - paid / Decimal("1.2")) < 3
    assert cash != figures(ask("profitandloss", books, **span), "Wholesale Sales")[0]


def test_bank_summary_marks_cells_as_xero_does_and_lists_unused_accounts() -> None:
    body = ask("banksummary", generate(TODAY), fromdate="2026-11-01", todate="2026-11-25")
    assert header(body) == ["Bank Accounts", "Opening Balance", "Cash Received", "Cash Spent", "Closing Balance"]
    first = sections(body)[""][0]["Cells"]
    assert [cell.get("Attributes", [{}])[0].get("Id") for cell in first] == [
        "accountID",
        None,
        "account",
        "account",
        None,
    ]
    assert figures(body, "Petty Cash") == [Decimal("180.00"), ZERO, ZERO, Decimal("180.00")]
    assert figures(body, "Company Credit Card")[-1] < 0


def test_bank_summary_counts_transfers_on_both_sides_and_revaluation_in_a_column_of_its_own() -> None:
    books = generate(TODAY, foreign=True)
    body = ask("banksummary", books, fromdate="2026-10-01", todate="2026-10-31")
    assert header(body)[4] == "FX Gain"
    assert figures(body, "USD Account")[3] != 0
    october = [p for p in books.postings if p.day.isoformat()[:7] == "2026-10" and p.account.type == "BANK"]
    transfers = [p.amount for p in october if p.kind == "transfer" and p.amount > 0]
    received = [p.amount for p in october if p.kind not in ("transfer", "revaluation") and p.amount > 0]
    assert figures(body, "Total")[1] == sum(transfers) + sum(received)
    assert transfers


def test_bank_summary_refuses_more_than_a_year() -> None:
    with pytest.raises(Refusal):
        ask("banksummary", generate(TODAY), fromdate="2025-11-01", todate="2026-11-25")


@TAKES_A_MOMENT
@given(worlds, st.sampled_from((("agedreceivablesbycontact", "ACCREC"), ("agedpayablesbycontact", "ACCPAY"))))
def test_aged_reports_list_the_contacts_documents_with_what_is_due(books: Books, which: tuple[str, str]) -> None:
    name, kind = which
    for contact in books.contacts[:6]:
        body = ask(name, books, contactid=contact.id, date=books.today, todate=books.today)
        mine = [d for d in books.known(books.today).documents if d.contact == contact and d.type == kind and d.posts]
        mine = [d for d in mine if d.day <= books.today]
        total = sum((d.amount_due for d in mine), ZERO)
        if mine:
            rows = sections(body)[""]
            assert Decimal(rows[-1]["Cells"][7]["Value"]) == total
            assert {row["Cells"][0]["Attributes"][0]["Value"] for row in rows[:-1]} == {d.id for d in mine}
        else:
            assert [part["RowType"] for part in body["Rows"]] == ["Header"]


def test_aged_reports_say_how_late_an_invoice_is_and_bring_forward_what_lies_before_the_range() -> None:
    books = generate(TODAY)
    late = next(
        d for d in books.documents if d.type == "ACCREC" and d.amount_due and d.due and (TODAY - d.due).days > 90
    )
    plain = ask("agedreceivablesbycontact", books, contactid=late.contact.id, date=TODAY)
    row = next(r for r in sections(plain)[""] if r["Cells"][1]["Value"] == late.number)
    assert late.due
    assert row["Cells"][3]["Value"] == f"{(TODAY - late.due).days} days overdue"
    assert row["Cells"][0]["Value"] == f"{late.day}T00:00:00"
    ranged = ask("agedreceivablesbycontact", books, contactid=late.contact.id, date=TODAY, fromdate="2026-11-01")
    rows = sections(ranged)[""]
    assert rows[0]["Cells"][1]["Value"] == "Opening Balance"
    assert rows[-1]["Cells"][0]["Value"] == "Closing Balance"
    assert rows[-1]["Cells"][7]["Value"] == sections(plain)[""][-1]["Cells"][7]["Value"]


def test_aged_reports_default_to_the_end_of_the_month_and_count_payments_up_to_the_date() -> None:
    books = generate(TODAY)
    paid = next(d for d in books.documents if d.type == "ACCREC" and len(d.payments) == 2)
    first = paid.payments[0]
    body = ask("agedreceivablesbycontact", books, contactid=paid.contact.id, date=first.day)
    row = next(r for r in sections(body)[""] if r["Cells"][1]["Value"] == paid.number)
    assert row["Cells"][7]["Value"] == f"{paid.total - first.amount:.2f}"
    default = ask("agedreceivablesbycontact", books, contactid=paid.contact.id)
    assert default["ReportTitles"][-1] == "Showing payments to 30 November 2026"


def test_aged_reports_with_several_currencies_have_two_more_columns() -> None:
    books = generate(TODAY, foreign=True)
    contact = next(d.contact for d in books.documents if d.type == "ACCREC" and d.currency == "EUR" and d.amount_due)
    body = ask("agedreceivablesbycontact", books, contactid=contact.id, date=TODAY)
    assert header(body)[-2:] == ["Currency", "Due Local"]
    home = sum(d.home(d.amount_due) for d in books.documents if d.contact == contact and d.type == "ACCREC" and d.posts)
    assert Decimal(sections(body)[""][-1]["Cells"][9]["Value"]) == home


def test_balance_sheet_columns_keep_to_the_ends_of_months() -> None:
    body = ask("balancesheet", generate(TODAY), date="2026-04-30", periods=2, timeframe="MONTH")
    assert header(body) == ["", "30 Apr 2026", "31 Mar 2026", "28 Feb 2026"]
    assert ("Assets", []) in [(part.get("Title"), part.get("Rows")) for part in body["Rows"]]


@pytest.mark.parametrize(
    "query",
    [
        {"fromdate": "2026-13-01"},
        {"periods": 13},
        {"timeframe": "WEEK"},
        {"fromdate": "2027-01-01", "todate": "2026-01-01"},
    ],
)
def test_nonsense_is_refused(query: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        ask("profitandloss", generate(TODAY), **query)
    assert refused.value.answer.status == 400
