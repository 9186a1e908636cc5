"""The sandbox's bodies beside Xero's: the same keys with the same kinds of values (contents do not matter)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from local.xero.accounting import LISTS
from local.xero.answers import problem, validation
from local.xero.books import Books
from local.xero.generate import generate
from local.xero.reports import report
from tests.unit.xero_sandbox.worlds import TODAY

pytestmark = pytest.mark.samples
NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
Sample = Callable[[str], Any]
#: What Xero's bodies have and ours leave out: details that no reader of ours looks at, and refunds.
NOT_OURS = {
    "official/organisation": r"(APIKey|TaxNumber|PeriodLockDate|EndOfYearLockDate)$",
    "official/contacts_with_balances": r"(FirstName|LastName|CompanyNumber|TaxNumber|TaxNumbeType"
    r"|Addresses.*|Phones.*|SalesDefault\w+|PurchasesDefault\w+)$",
    "official/invoices": r"(RepeatingInvoiceID)$",
    "official/credit_notes": r"Payments\[\].*",
}
#: What ours have beyond the printed examples; all of it is in Xero's descriptions or in facts 3.
BEYOND = {
    "official/invoices": r"LineItems\[\].*",
    "official/credit_notes": r"(LineItems\[\].*|Allocations\[\].*|HasErrors)",
    "official/balance_sheet": r"\$\.(ReportID)$",
}


def shape(value: object, at: str = "$") -> Iterator[tuple[str, str]]:
    """Every path with the kind of value there; list elements share one path."""
    kind = type(value).__name__
    yield at, "number" if isinstance(value, int | float) and not isinstance(value, bool) else kind
    if isinstance(value, dict):
        for key, item in value.items():
            yield from shape(item, f"{at}.{key}")
    if isinstance(value, list):
        for item in value:
            yield from shape(item, f"{at}[]")


def compare(name: str, theirs: object, ours: object) -> None:
    wanted, found = set(shape(theirs)), set(shape(ours))
    missing = {path for path, _ in wanted - found if not re.search(NOT_OURS.get(name, "^$"), path)}
    added = {path for path, _ in found - wanted if not re.search(BEYOND.get(name, "^$"), path)}
    assert (missing, added) == (set(), set())


@pytest.fixture(scope="module")
def books() -> Books:
    return generate(TODAY, unallocated_credits=True)


@pytest.mark.parametrize(
    ("name", "endpoint", "key"),
    [
        ("official/organisation", "organisation", "Organisations"),
        ("official/contacts_with_balances", "contacts", "Contacts"),
        ("official/invoices", "invoices", "Invoices"),
        ("official/credit_notes", "creditnotes", "CreditNotes"),
    ],
)
def test_lists(sample: Sample, books: Books, name: str, endpoint: str, key: str) -> None:
    theirs, ours = sample(name), LISTS[endpoint](books, {"page": "1", "pagesize": "1000"}, TODAY)
    compare(name, theirs[key], ours[key])
    if "pagination" in theirs:
        compare(name, theirs["pagination"], ours["pagination"])


@pytest.mark.parametrize(
    ("name", "endpoint", "query"),
    [
        ("official/profit_and_loss_docs_page", "profitandloss", {"standardlayout": "true"}),
        ("official/bank_summary", "banksummary", {}),
        ("official/balance_sheet", "balancesheet", {"periods": "2"}),
        ("official/aged_receivables_by_contact", "agedreceivablesbycontact", {"fromdate": "2026-01-01"}),
        ("official/aged_payables_docs_page", "agedpayablesbycontact", {}),
    ],
)
def test_reports(sample: Sample, books: Books, name: str, endpoint: str, query: dict[str, str]) -> None:
    theirs = sample(name)["Reports"][0]
    contact = next(d.contact.id for d in books.documents if d.type == ("ACCPAY" if "payables" in name else "ACCREC"))
    ours = report(endpoint, books, {**query, "contactid": contact}, TODAY, NOW)["Reports"][0]
    if "docs_page" in name:  # printed without what the live answers have
        theirs = {"Fields": [], **theirs, "Rows": [{"Title": "", **r} if "Rows" in r else r for r in theirs["Rows"]]}
        ours.setdefault("ReportID", theirs["ReportID"])
    compare(name, theirs, ours)
    assert theirs["ReportType"] == ours["ReportType"]
    assert theirs["ReportName"] == ours["ReportName"]
    assert len(theirs["ReportTitles"]) == len(ours["ReportTitles"])


@pytest.mark.parametrize(
    ("name", "detail", "style"),
    [
        ("errors/401_authentication_unsuccessful", "AuthenticationUnsuccessful", "capital"),
        ("errors/401_authorization_unsuccessful_scope", "AuthorizationUnsuccessful", "extended"),
        ("errors/403_authentication_unsuccessful_tenant", "AuthenticationUnsuccessful", "lower"),
        ("errors/403_authentication_unsuccessful_capitalised", "AuthenticationUnsuccessful", "extended"),
    ],
)
def test_problems(sample: Sample, name: str, detail: str, style: str) -> None:
    theirs = sample(name)
    status = theirs.get("Status") or theirs["status"]
    ours = json.loads(problem(status, detail, style).body)
    compare(name, theirs, ours)
    assert [v for k, v in theirs.items() if k.lower() != "instance"] == [
        v for k, v in ours.items() if k.lower() != "instance"
    ]


def test_a_validation_error(sample: Sample) -> None:
    compare("", sample("errors/400_validation_exception"), json.loads(validation("no").body))
