"""Bank Summary: a call for each month, and the columns as Xero prints them (facts.md 3.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from functions.fetch.checks import compare, incomparable
from functions.fetch.questions import Question, report
from functions.fetch.snapshots import Snapshot, Snapshots
from ledgercast.domain.errors import UnknownReportShape
from ledgercast.domain.facts import Check
from ledgercast.domain.money import CENT
from ledgercast.domain.periods import Month, window
from ledgercast.xero.reports import Row, amount, walk, words

OPENING: Final = "opening balance"
RECEIVED: Final = "cash received"
SPENT: Final = "cash spent"
CLOSING: Final = "closing balance"
_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class Movement:
    """One bank account in one month, in the base currency; `spent` is positive, as Xero prints it."""

    id: str
    name: str
    opening: Decimal
    received: Decimal
    spent: Decimal
    revaluation: Decimal
    closing: Decimal

    @property
    def computed_closing(self) -> Decimal:
        return self.opening + self.received - self.spent + self.revaluation


@dataclass(frozen=True)
class BankMonth:
    month: Month
    accounts: tuple[Movement, ...]
    snapshot: Snapshot


def this_month(snapshots: Snapshots, today: date, zone: ZoneInfo) -> BankMonth:
    """The accounts that Bank Summary lists today, the month to date."""
    month = Month.of(today)
    return _read(month, snapshots.get(_question(month, today, zone)))


def twelve_months(snapshots: Snapshots, today: date, zone: ZoneInfo, began: datetime) -> tuple[BankMonth, ...]:
    """The window, oldest first. A month that does not lead into the next is asked again (metrics.md 3).

    `began`: when this computation did. What it asked since is asked again too, but an answer that was asked later than
    the newest month's and kept before that is not: two months that do not meet in Xero would cost a call each time.
    """
    months = window(today)
    questions = [_question(month, today, zone) for month in months]
    answers = snapshots.get_all(questions)
    found = [_read(month, answer) for month, answer in zip(months, answers, strict=True)]
    newest = answers[-1].fetched_at
    for index in range(len(found) - 1, 0, -1):
        earlier = found[index - 1]
        asked = earlier.snapshot.fetched_at
        if _leads_into(earlier, found[index]) or newest <= asked < began:
            continue
        again = snapshots.get(questions[index - 1], since=max(newest, asked + _MOMENT))
        if again.body == earlier.snapshot.body:
            break  # nothing was entered late: these two do not meet in Xero itself
        found[index - 1] = _read(months[index - 1], again)
    return tuple(found)


def closing_check(months: Iterable[BankMonth]) -> Check:
    """Opening + received − spent + revaluation = closing, account by account; the first that fails is named."""
    expected = actual = Decimal(0)
    seen = False
    for month in months:
        for one in month.accounts:
            seen = True
            if abs(one.closing - one.computed_closing) > CENT:
                name = f"closing balance of {one.name} in {month.month.label}"
                return compare(name, one.closing, one.computed_closing, CENT)
            expected, actual = expected + one.closing, actual + one.computed_closing
    if not seen:
        return incomparable("closing balances", "Xero lists no bank accounts")
    return compare("closing balances", expected, actual, abs(expected - actual))


def _question(month: Month, today: date, zone: ZoneInfo) -> Question:
    end = min(month.last, today)
    return report("BankSummary", end, zone, fromDate=month.first.isoformat(), toDate=end.isoformat())


def _leads_into(earlier: BankMonth, later: BankMonth) -> bool:
    closing = {one.id: one.closing for one in earlier.accounts if one.closing}
    opening = {one.id: one.opening for one in later.accounts if one.opening}
    return closing == opening


def _read(month: Month, snapshot: Snapshot) -> BankMonth:
    return BankMonth(month, tuple(movements(snapshot.body)), snapshot)


def movements(body: Any) -> list[Movement]:
    """The report's accounts in its order; its Total is none of them. Raises UnknownReportShape."""
    found = walk(body)
    if found.empty:
        return []
    places = _places(found.columns)
    rows = [row for section in found.sections for row in section.rows if not row.summary]
    listed = [_movement(row, places) for row in rows]
    if len({one.id for one in listed}) != len(listed):
        raise UnknownReportShape("The bank summary lists an account twice")
    return listed


def _movement(row: Row, places: dict[str, int]) -> Movement:
    account_id = row.attribute("accountid", "account")
    if account_id is None:
        raise UnknownReportShape("A row of the bank summary carries no account id")
    figures = {name: amount(row.cells[place].text) for name, place in places.items()}
    revaluation = sum((figure for name, figure in figures.items() if _is_revaluation(name)), Decimal(0))
    return Movement(
        account_id, row.label, figures[OPENING], figures[RECEIVED], figures[SPENT], revaluation, figures[CLOSING]
    )


def _places(columns: tuple[str, ...]) -> dict[str, int]:
    """Where each column stands, by the header's words. A sixth one appears with foreign-currency accounts."""
    places = {words(text): place for place, text in enumerate(columns) if place}
    wanted = {OPENING, RECEIVED, SPENT, CLOSING}
    unknown = [name for name in places if name not in wanted and not _is_revaluation(name)]
    if unknown or not wanted <= places.keys() or len(places) != len(columns) - 1:
        raise UnknownReportShape("The bank summary has other columns than it should")
    return places


def _is_revaluation(name: str) -> bool:
    """Its exact text is not documented (facts.md 3.3); were another column taken for it, the check would fail."""
    plain = name.replace(" ", "")
    return any(word in plain for word in ("fx", "forex", "exchange", "currency", "revaluation", "gain"))
