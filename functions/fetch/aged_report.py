"""The other road to ageing, without accounting.invoices.read: Xero's aged report of each contact with a balance.

It is a list of one contact's invoices, not buckets, and its date is the month's end unless told (facts.md 3.4).
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from functions.fetch import lists
from functions.fetch.ageing import Ledger, Open, Side
from functions.fetch.questions import Question, report
from functions.fetch.snapshots import Snapshot, Snapshots
from ledgercast.domain.errors import UnknownReportShape, XeroRejected
from ledgercast.xero.reports import Row, amount, walk, words

_REPORT: Final[dict[Side, str]] = {
    "receivable": "AgedReceivablesByContact",
    "payable": "AgedPayablesByContact",
}
_BALANCE: Final[dict[Side, str]] = {"receivable": "AccountsReceivable", "payable": "AccountsPayable"}


def by_contacts(snapshots: Snapshots, side: Side, today: date, zone: ZoneInfo, currency: str) -> Ledger:
    """The open documents of one side, contact by contact. Unallocated credits cannot be known this way."""
    contacts = lists.pages(snapshots, "Contacts", _balances, includeArchived="true")
    owing = [one["ContactID"] for one in lists.items(contacts, "ContactID") if one[side]]
    documents: list[Open] = []
    asked: list[Snapshot] = []
    without = 0
    for contact in owing:
        try:
            answer = snapshots.get(_question(side, contact, today, zone))
        except XeroRejected:
            without += 1  # no history there any more
            continue
        asked.append(answer)
        documents.extend(_documents(answer.body, currency))
    notes = ["Taken from Xero's aged report of each contact; documents dated after today are not in it"]
    if without:
        notes.append(f"Xero has no aged report for {without} of {len(owing)} contacts with a balance")
    gap = "without the scope accounting.invoices.read"
    return Ledger(tuple(documents), None, "aged_report", (*contacts, *asked), gap, tuple(notes))


def _question(side: Side, contact: str, today: date, zone: ZoneInfo) -> Question:
    dates = {"date": today.isoformat(), "toDate": today.isoformat()}
    return report(_REPORT[side], today, zone, contactID=contact, **dates)


def _balances(item: dict[str, Any]) -> dict[str, Any] | None:
    """A contact with a balance on either side. Overdue can be above Outstanding, and either may be the one not zero."""
    balances = _object(item.get("Balances"))
    sides: dict[str, bool] = {side: _any(_object(balances.get(name))) for side, name in _BALANCE.items()}
    return {"ContactID": lists.text(item, "ContactID"), **sides} if any(sides.values()) else None


def _object(found: Any) -> dict[str, Any]:
    """Absent for a contact without a history."""
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise UnknownReportShape("A contact's balances have an unknown form")
    return found


def _any(balance: dict[str, Any]) -> bool:
    return any(lists.number(balance, name) for name in ("Outstanding", "Overdue") if name in balance)


def _documents(body: Any, currency: str) -> list[Open]:
    """The report's invoices with something due. A negative line is a credit, and credits reduce no bucket."""
    found = walk(body)
    if found.empty:
        return []
    places = {words(text): place for place, text in enumerate(found.columns) if text}
    if not {"date", "due date", "due"} <= places.keys():
        raise UnknownReportShape("The aged report lacks one of its columns Date, Due Date and Due")
    documents = []
    for row in (row for section in found.sections for row in section.rows if not row.summary):
        one = _one(row, places, currency)
        if one and one.amount > 0:
            documents.append(one)
    return documents


def _one(row: Row, places: dict[str, int], currency: str) -> Open | None:
    cells = {name: row.cells[place].text for name, place in places.items()}
    local = cells.get("due local")
    foreign = cells.get("currency", "") not in ("", currency)
    if foreign and not local:
        raise UnknownReportShape("A foreign document has no value in the base currency")
    value = amount(local or cells["due"])
    if row.attribute("invoiceid") is None:
        if value:
            raise UnknownReportShape("The aged report has an amount without an invoice")
        return None
    dated = lists.day({"Date": cells["date"]}, "Date")
    due = lists.day({"Date": cells["due date"]}, "Date")
    if dated is None and due is None:
        raise UnknownReportShape("A document has neither date nor due date")
    return Open(value, dated or due or date.min, due, foreign)
