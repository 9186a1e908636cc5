"""Lists: filters, pages, order, credits and balances; and every body in the shape Xero describes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from local.xero.answers import Refusal
from local.xero.where import parse
from tests.unit.xero_sandbox.conftest import Caller, Open
from tests.unit.xero_sandbox.descriptions import validate

OPEN_SALES = 'Type=="ACCREC" AND AmountDue>0'


def money(value: float) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


def pages(caller: Caller, path: str, key: str, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in range(1, 99):
        body = caller.read(path, page=page, **params)
        found += body[key]
        if page >= body["pagination"]["pageCount"]:
            break
    return found


@pytest.mark.parametrize(
    ("path", "key", "kind"),
    [
        ("Organisation", "Organisations", "[Organisation]"),
        ("Accounts", "Accounts", "[Account]"),
        ("Contacts", "Contacts", "[Contact]"),
        ("Invoices?page=1", "Invoices", "[Invoice]"),
        ("Invoices", "Invoices", "[Invoice]"),
        ("CreditNotes?page=1", "CreditNotes", "[CreditNote]"),
        ("Prepayments?page=1", "Prepayments", "[Prepayment]"),
        ("Overpayments?page=1", "Overpayments", "[Overpayment]"),
    ],
)
def test_lists_have_the_described_shape(open_sandbox: Open, path: str, key: str, kind: str) -> None:
    body = open_sandbox(unallocated_credits=True, foreign=True).read(path)
    assert body[key]
    validate(body[key], kind)
    if "pagination" in body:
        validate(body["pagination"], "Pagination")


@pytest.mark.parametrize("name", ["ProfitAndLoss", "BankSummary", "BalanceSheet", "AgedReceivablesByContact"])
def test_reports_have_the_described_shape(open_sandbox: Open, name: str) -> None:
    caller = open_sandbox(foreign=True)
    debtor = next(d.contact.id for d in caller.xero.books[0].documents if d.type == "ACCREC")
    body = caller.read(f"Reports/{name}", contactID=debtor, fromDate="2026-10-01", toDate="2026-11-25")
    validate(body["Reports"][0]["Rows"], "[ReportRows]")


def test_open_invoices_by_where_status_and_page_add_up_to_the_books(open_sandbox: Open) -> None:
    caller = open_sandbox(many_invoices=True)
    books = caller.xero.books[0]
    wanted = {d.id: d.amount_due for d in books.documents if d.type == "ACCREC" and d.status == "AUTHORISED"}
    first = caller.read("Invoices", where=OPEN_SALES, Statuses="AUTHORISED", page=1, pageSize=1000)
    assert first["pagination"] == {"page": 1, "pageSize": 1000, "pageCount": 2, "itemCount": len(wanted)}
    assert len(first["Invoices"]) == 1000
    found = pages(caller, "Invoices", "Invoices", where=OPEN_SALES, Statuses="AUTHORISED", pageSize=1000)
    assert {one["InvoiceID"]: money(one["AmountDue"]) for one in found} == wanted
    assert all(one["LineItems"] for one in found)


def test_drafts_have_an_amount_due_and_only_the_status_tells(open_sandbox: Open) -> None:
    found = pages(open_sandbox(), "Invoices", "Invoices", where=OPEN_SALES, pageSize=1000)
    assert {one["Status"] for one in found} == {"AUTHORISED", "DRAFT", "SUBMITTED"}


def test_unpaged_lists_stop_at_a_hundred_without_lines_or_pagination(open_sandbox: Open) -> None:
    body = open_sandbox().read("Invoices")
    assert len(body["Invoices"]) == 100
    assert "pagination" not in body
    assert not any(one["LineItems"] for one in body["Invoices"])


def test_invoices_by_contact_id_order_and_change(open_sandbox: Open) -> None:
    caller = open_sandbox()
    books = caller.xero.books[0]
    contact = books.documents[0].contact.id
    found = pages(caller, "Invoices", "Invoices", ContactIDs=contact, order="Date DESC")
    days = [one["DateString"] for one in found]
    assert {one["Contact"]["ContactID"] for one in found} == {contact}
    assert days == sorted(days, reverse=True)
    ids = f"{books.documents[0].id},{books.documents[1].id}"
    assert len(caller.read("Invoices", IDs=ids)["Invoices"]) == 2
    caller.session.headers["If-Modified-Since"] = "Tue, 24 Nov 2026 00:00:00 GMT"
    recent = pages(caller, "Invoices", "Invoices")
    assert recent
    assert all(one["UpdatedDateUTCString"] > "2026-11-24" for one in recent)


def test_dates_come_twice_and_rates_are_foreign_per_base(open_sandbox: Open) -> None:
    caller = open_sandbox(foreign=True)
    books = caller.xero.books[0]
    euro = next(d for d in books.documents if d.currency == "EUR")
    (one,) = caller.read("Invoices", IDs=euro.id)["Invoices"]
    seconds = int(one["Date"].removeprefix("/Date(").removesuffix("000+0000)/"))
    assert date.fromisoformat(one["DateString"][:10]) == euro.day == datetime.fromtimestamp(seconds, UTC).date()
    assert Decimal(str(one["CurrencyRate"])) == euro.rate
    assert euro.home(money(one["Total"])) < euro.total


def test_summary_only_leaves_the_amount_due_out(open_sandbox: Open) -> None:
    (one, *_) = open_sandbox().read("Invoices", summaryOnly="true", page=1)["Invoices"]
    assert "AmountDue" not in one


@pytest.mark.parametrize("path", ["CreditNotes", "Prepayments", "Overpayments"])
def test_credits_tell_what_remains(open_sandbox: Open, path: str) -> None:
    caller = open_sandbox(unallocated_credits=True)
    found = {one["ID"]: one for one in pages(caller, path, path, pageSize=1000)}
    by_id = {d.id: d for d in caller.xero.books[0].documents}
    assert {key: money(one["RemainingCredit"]) for key, one in found.items()} == {k: by_id[k].remaining for k in found}
    left = caller.read(path, where='Status=="AUTHORISED" AND RemainingCredit>0', page=1)[path]
    assert left
    assert all(one["Status"] == "AUTHORISED" for one in left)


def test_balances_are_unconverted_may_be_missing_and_overdue_may_exceed_outstanding(open_sandbox: Open) -> None:
    caller = open_sandbox(foreign=True, unallocated_credits=True)
    books = caller.xero.books[0]
    found = {one["ContactID"]: one for one in pages(caller, "Contacts", "Contacts")}
    euro = next(d.contact for d in books.documents if d.currency == "EUR")
    mine = [d for d in books.documents if d.contact == euro and d.posts]
    owed = sum((-1 if d.credit else 1) * d.amount_due for d in mine)
    assert money(found[euro.id]["Balances"]["AccountsReceivable"]["Outstanding"]) == owed
    assert [one for one in found.values() if one["Balances"]["AccountsPayable"]["Outstanding"] > 0]
    assert "Balances" not in caller.read("Contacts", summaryOnly="true", page=1)["Contacts"][0]


def test_accounts_carry_type_class_and_system_account(open_sandbox: Open) -> None:
    found = open_sandbox(foreign=True).read("Accounts")["Accounts"]
    assert {"DEBTORS", "CREDITORS", "BANKCURRENCYGAIN"} < {one.get("SystemAccount") for one in found}
    assert {one["Class"] for one in found} == {"ASSET", "LIABILITY", "EQUITY", "REVENUE", "EXPENSE"}
    assert {one["CurrencyCode"] for one in found if one["Type"] == "BANK"} == {"GBP", "USD"}


FIELDS = {
    "Type": "ACCREC",
    "AmountDue": Decimal(5),
    "Date": date(2026, 1, 31),
    "Contact.ContactID": "ab",
    "DueDate": None,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Type=="ACCREC" AND AmountDue>0', True),
        ('Type == "ACCPAY" OR (AmountDue >= 5 && Date<DateTime(2026,02,01))', True),
        ('Type=="ACCPAY"||AmountDue<5', False),
        ('Contact.ContactID==guid("AB")', True),
        ("DueDate==null", True),
        ("DueDate!=null AND AmountDue>0", False),
    ],
)
def test_where(text: str, expected: bool) -> None:
    assert parse(text)(FIELDS) is expected


@pytest.mark.parametrize("text", ["Type==", "Type=ACCREC", '(Type=="A"', "Colour==1", 'Type=="A" "B"', "AmountDue>x"])
def test_a_filter_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse(text)(FIELDS)
    assert refused.value.answer.status == 400
    assert b"QueryParseException" in refused.value.answer.body


@pytest.mark.parametrize("params", [{"page": 0}, {"order": "Colour"}, {"where": "Type"}])
def test_bad_parameters_are_400(open_sandbox: Open, params: dict[str, Any]) -> None:
    assert open_sandbox().get("Invoices", **params).status_code == 400
