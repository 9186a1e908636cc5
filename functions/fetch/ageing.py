"""Open documents and their buckets (metrics.md 2, Ageing). Both roads end in `bucket`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal

from functions.fetch import lists
from functions.fetch.snapshots import Snapshot, Snapshots
from ledgercast.domain.errors import ScopeMissing, UnknownReportShape
from ledgercast.domain.money import ZERO, cents

Side = Literal["receivable", "payable"]
Road = Literal["invoices", "aged_report"]

BUCKETS: Final = ("current", "1-30", "31-60", "61-90", "90+")
_LAST_DAYS: Final = ((0, "current"), (30, "1-30"), (60, "31-60"), (90, "61-90"))
_DOCUMENT: Final[dict[Side, str]] = {"receivable": "ACCREC", "payable": "ACCPAY"}
_CREDITS: Final[dict[Side, frozenset[str]]] = {
    "receivable": frozenset(
        {"ACCRECCREDIT", "RECEIVE-PREPAYMENT", "ARPREPAYMENT", "RECEIVE-OVERPAYMENT", "AROVERPAYMENT"}
    ),
    "payable": frozenset({"ACCPAYCREDIT", "SPEND-PREPAYMENT", "APPREPAYMENT", "SPEND-OVERPAYMENT", "APOVERPAYMENT"}),
}
_ALL_CREDITS: Final = _CREDITS["receivable"] | _CREDITS["payable"]


@dataclass(frozen=True)
class Open:
    """What is still to be paid of one document, or still to be used of one credit, in the base currency."""

    amount: Decimal
    dated: date
    due: date | None = None
    foreign: bool = False


@dataclass(frozen=True)
class Ledger:
    """One side's open documents. `credits` is None where they cannot be known, `credits_gap` says what is missing."""

    documents: tuple[Open, ...]
    credits: tuple[Open, ...] | None
    road: Road
    snapshots: tuple[Snapshot, ...]
    credits_gap: str | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def foreign(self) -> bool:
        return any(one.foreign for one in (*self.documents, *(self.credits or ())))


def bucket(one: Open, today: date) -> str:
    """Where a document belongs by the days past its due date, or past its date where it has none."""
    if one.dated > today:
        return "current"
    overdue = (today - (one.due or one.dated)).days
    return next((name for last, name in _LAST_DAYS if overdue <= last), "90+")


def buckets(documents: Iterable[Open], today: date) -> dict[str, Decimal]:
    """The sums of the five buckets, in their order."""
    sums = dict.fromkeys(BUCKETS, ZERO)
    for one in documents:
        sums[bucket(one, today)] += one.amount
    return sums


def by_invoices(snapshots: Snapshots, side: Side, currency: str) -> Ledger:
    """The open documents of both sides in one list, then the credits. Raises ScopeMissing without the invoices' scope.

    Xero answers as of now: there is no date to ask for.
    """
    pages = lists.pages(snapshots, "Invoices", _document, "AmountDue>0", Statuses="AUTHORISED")
    found = [one for one in lists.items(pages, "InvoiceID") if one["Type"] == _DOCUMENT[side]]
    documents = tuple(_open(one, "AmountDue", currency) for one in found)
    unused, asked, gap = _credits(snapshots, side, currency, pages[0].fetched_at)
    return Ledger(documents, unused, "invoices", (*pages, *asked), gap)


def _credits(
    snapshots: Snapshots, side: Side, currency: str, since: datetime
) -> tuple[tuple[Open, ...], list[Snapshot], str | None]:
    """Credit notes, prepayments and overpayments with something left; the last two need a scope of their own."""
    where = 'Status=="AUTHORISED"'
    asked = lists.pages(snapshots, "CreditNotes", _credit("CreditNoteID"), where, since)
    found = lists.items(asked, "CreditNoteID")
    gap = None
    try:
        for name, key in (("Prepayments", "PrepaymentID"), ("Overpayments", "OverpaymentID")):
            pages = lists.pages(snapshots, name, _credit(key), where, since)
            asked, found = [*asked, *pages], [*found, *lists.items(pages, key)]
    except ScopeMissing:
        gap = "without the scope accounting.payments.read"
    ours = [one for one in found if one["Type"] in _CREDITS[side]]
    return tuple(_open(one, "RemainingCredit", currency) for one in ours), asked, gap


_FIELDS = ("Type", "CurrencyCode", "CurrencyRate", "Date", "DateString", "DueDate", "DueDateString")


def _document(item: dict[str, Any]) -> dict[str, Any] | None:
    """An approved document with something due; drafts have an AmountDue and are not owed."""
    if lists.text(item, "Status") != "AUTHORISED" or not lists.number(item, "AmountDue"):
        return None
    if lists.text(item, "Type") not in _DOCUMENT.values():
        raise UnknownReportShape("A document is of an unknown type")
    return _kept(item, "InvoiceID", "AmountDue")


def _credit(key: str) -> lists.Keep:
    def keep(item: dict[str, Any]) -> dict[str, Any] | None:
        if lists.text(item, "Status") != "AUTHORISED" or not lists.number(item, "RemainingCredit"):
            return None
        if lists.text(item, "Type") not in _ALL_CREDITS:
            raise UnknownReportShape("A credit is of an unknown type")
        return _kept(item, key, "RemainingCredit")

    return keep


def _kept(item: dict[str, Any], key: str, amount: str) -> dict[str, Any]:
    lists.text(item, key)
    return {name: item[name] for name in (key, amount, *_FIELDS) if item.get(name) is not None}


def _open(item: dict[str, Any], amount: str, currency: str) -> Open:
    """In the base currency: amount ÷ rate, half up to cents per document (Xero quotes foreign per base)."""
    dated = lists.day(item, "Date")
    due = lists.day(item, "DueDate")
    if dated is None and due is None:
        raise UnknownReportShape("A document has neither date nor due date")
    value = lists.number(item, amount)
    foreign = item.get("CurrencyCode", currency) != currency
    if foreign:
        rate = lists.number(item, "CurrencyRate")
        if rate <= 0:
            raise UnknownReportShape("A foreign document has no exchange rate")
        value = value / rate
    return Open(cents(value), dated or due or date.min, due, foreign)
