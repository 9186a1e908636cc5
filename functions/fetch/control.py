"""The debtors' or creditors' control account on the Balance Sheet today, as a check of the ageing (metrics.md 4)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from functions.fetch import organisation
from functions.fetch.ageing import Ledger, Side
from functions.fetch.checks import compare, incomparable
from functions.fetch.questions import report
from functions.fetch.snapshots import Snapshot, Snapshots
from ledgercast.domain.errors import RoleMissing, ScopeMissing, UnknownReportShape
from ledgercast.domain.facts import Check
from ledgercast.domain.money import ZERO
from ledgercast.xero.reports import Report, amount, heading, walk, words

NAME: Final[dict[Side, str]] = {"receivable": "Accounts Receivable", "payable": "Accounts Payable"}
_USUAL: Final[dict[Side, frozenset[str]]] = {
    "receivable": frozenset({"accounts receivable", "trade debtors", "debtors", "trade receivables"}),
    "payable": frozenset({"accounts payable", "trade creditors", "creditors", "trade payables"}),
}
_SYSTEM: Final[dict[Side, str]] = {"receivable": "DEBTORS", "payable": "CREDITORS"}
PER_DOCUMENT: Final = Decimal("0.01")


def check(
    snapshots: Snapshots, ledger: Ledger, side: Side, today: date, zone: ZoneInfo
) -> tuple[Check, list[Snapshot]]:
    """The check, and the answers it was made from: none where it is null anyway, for the call would be wasted."""
    name = f"{NAME[side]} on the Balance Sheet"
    if ledger.credits is None or ledger.credits_gap:
        return incomparable(name, f"credits are not known {ledger.credits_gap}"), []
    if ledger.foreign:
        return incomparable(name, "currency revaluation: not comparable"), []
    question = report("BalanceSheet", today, zone, date=today.isoformat(), standardLayout="true")
    try:
        sheet = snapshots.get(question, since=ledger.snapshots[0].fetched_at)
    except ScopeMissing:
        return incomparable(name, "without the scope accounting.reports.balancesheet.read"), []
    except RoleMissing:
        return incomparable(name, "the Xero user who connected may not read reports"), []
    actual = _booked(ledger, today)
    within = PER_DOCUMENT * (len(ledger.documents) + 1)
    expected, asked = _control_account(snapshots, walk(sheet.body), side, today, actual, within)
    if expected is None:
        return incomparable(name, "the chart of accounts names no such control account", actual), [sheet, *asked]
    return compare(name, expected, actual, within), [sheet, *asked]


def _booked(ledger: Ledger, today: date) -> Decimal:
    """What of the open documents and credits is booked up to today."""
    owed = sum((one.amount for one in ledger.documents if one.dated <= today), ZERO)
    return owed - sum((one.amount for one in ledger.credits or () if one.dated <= today), ZERO)


def _control_account(
    snapshots: Snapshots, sheet: Report, side: Side, today: date, actual: Decimal, within: Decimal
) -> tuple[Decimal | None, list[Snapshot]]:
    """The account's balance, found by id; None where the chart of accounts has no such account.

    Where the chart would cost a call, a usual name will do if the figure agrees: a wrong row would not.
    """
    place = _column(sheet, today)
    chart = organisation.kept_chart(snapshots)
    if chart is None:
        named = _balance(sheet, place, names=_USUAL[side])
        if named is not None and abs(named - actual) <= within:
            return named, []
        chart = organisation.chart(snapshots)
    account = chart.system(_SYSTEM[side])
    if account is None:
        return None, [chart.snapshot]
    balance = _balance(sheet, place, account_id=account.id.casefold())
    return (ZERO if balance is None else balance), [chart.snapshot]


def _column(sheet: Report, today: date) -> int:
    """The column of today: the report may bring others for comparison. An empty report has none, and needs none."""
    for place, text in enumerate(sheet.columns[1:], 1):
        if heading(text).ends(today):
            return place
    if sheet.empty:
        return 0
    raise UnknownReportShape("The balance sheet has no column for the day that was asked for")


def _balance(sheet: Report, place: int, *, names: frozenset[str] = frozenset(), account_id: str = "") -> Decimal | None:
    """The row's figure; None where the report leaves it out, as it does with accounts at zero."""
    for section in sheet.sections:
        for row in section.rows:
            found = (row.attribute("account", "accountid") or "").casefold()
            if not row.summary and (words(row.label) in names or (account_id and found == account_id)):
                return amount(row.cells[place].text)
    return None
