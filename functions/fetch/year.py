"""Twelve months of profit and loss, in the few calls that give every month whole (metrics.md 3, facts.md 3.2).

Xero re-applies the base span's day numbers to earlier periods: a span of twelve months with periods gives overlapping
totals, and a base of 30 days loses every 31st. So the base is one whole month of 31 days, the newest column is a call
of its own, and a call over the whole span is the control.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from functions.fetch import organisation
from functions.fetch.organisation import Chart, Kind
from functions.fetch.profit_and_loss import Column, Line, account_ids, add_up, columns
from functions.fetch.questions import Question, report
from functions.fetch.snapshots import Snapshot, Snapshots
from ledgercast.domain.errors import UnknownReportShape
from ledgercast.domain.periods import Month, window
from ledgercast.xero.reports import Heading, walk

LEAST_TOLERANCE = Decimal("0.05")
PER_ROW = Decimal("0.01")


@dataclass(frozen=True)
class Year:
    """The window's months, oldest first, and the whole span as Xero adds it up."""

    months: tuple[Column, ...]
    span: Column
    snapshots: tuple[Snapshot, ...]

    @property
    def lines(self) -> dict[str, Line]:
        return add_up(self.months)


def tolerance(rows: int) -> Decimal:
    """Cents are rounded inside one report: 0.01 a row, at least 0.05 (metrics.md 4)."""
    return max(LEAST_TOLERANCE, PER_ROW * rows)


def fetch(snapshots: Snapshots, today: date, zone: ZoneInfo) -> Year:
    """Raises UnknownReportShape and what asking Xero raises."""
    asking = _Asking(snapshots, today, zone)
    newest, span = asking.newest_and_span()
    found: Year | None = None
    for questions, since in asking.attempts(newest.fetched_at):
        earlier = snapshots.get_all(questions, since)
        chart = _chart(snapshots, [newest, span, *earlier])  # after them: a new one knows every account they list
        current, whole = _only_column(newest, today, chart), _only_column(span, today, chart)
        months = _months(earlier, asking.closed, chart)
        if months is None:
            continue
        found = Year((*months, current), whole, (newest, *earlier, span, chart.snapshot))
        if adds_up(found):
            break
    if found is None:
        raise UnknownReportShape("A month's profit and loss has no column for that month")
    return found


@dataclass(frozen=True)
class _Asking:
    snapshots: Snapshots
    today: date
    zone: ZoneInfo

    @property
    def closed(self) -> tuple[Month, ...]:
        return window(self.today)[:-1]

    def newest_and_span(self) -> tuple[Snapshot, Snapshot]:
        """The current month to date, and the control, which is never older."""
        months = window(self.today)
        newest = self.snapshots.get(self._span(months[-1].first, self.today))
        return newest, self.snapshots.get(self._span(months[0].first, self.today), since=newest.fetched_at)

    def attempts(self, fresh: datetime) -> Iterator[tuple[list[Question], datetime | None]]:
        """Ways to learn the closed months, the cheapest first; a later one is for months that do not add up.

        An answer kept since before the control may lack what was entered late, so each way is tried afresh too.
        """
        yield self._by_periods(), None
        yield self._by_periods(), fresh
        yield self._singly(self.closed), None
        yield self._singly(self.closed), fresh

    def _by_periods(self) -> list[Question]:
        """One call on the newest month of 31 days that has ended, single calls for the months after it."""
        months = window(self.today)
        base = next(month for month in reversed(months) if month.days == 31 and month.last <= self.today)
        before = months.index(base)
        periods = {"periods": str(before), "timeframe": "MONTH"}
        return [self._span(base.first, base.last, **periods), *self._singly(months[before + 1 : -1])]

    def _singly(self, months: Iterable[Month]) -> list[Question]:
        return [self._span(month.first, month.last) for month in months]

    def _span(self, start: date, end: date, **more: str) -> Question:
        dates = {"fromDate": start.isoformat(), "toDate": end.isoformat()}
        return report("ProfitAndLoss", end, self.zone, **dates, standardLayout="true", **more)


def adds_up(year: Year, *kinds: Kind) -> bool:
    """Whether the months agree with the control, account by account and so in every figure; of these kinds, or all."""
    ours, theirs = (
        {key: line for key, line in lines.items() if not kinds or line.kind in kinds}
        for lines in (year.lines, year.span.lines)
    )
    gaps = [abs(_amount(ours, key) - _amount(theirs, key)) for key in {*ours, *theirs}]
    return all(gap <= LEAST_TOLERANCE for gap in gaps) and sum(gaps) <= tolerance(len(gaps))


def _amount(lines: dict[str, Line], key: str) -> Decimal:
    return lines[key].amount if key in lines else Decimal(0)


def _chart(snapshots: Snapshots, reports: Iterable[Snapshot]) -> Chart:
    """The chart of accounts, asked again where a report lists an account that is younger than it."""
    chart = organisation.chart(snapshots)
    for one in reports:
        if one.fetched_at > chart.snapshot.fetched_at and any(not chart.find(key) for key in account_ids(one.body)):
            chart = organisation.chart(snapshots, since=one.fetched_at)
    return chart


def _only_column(snapshot: Snapshot, end: date, chart: Chart) -> Column:
    """The one column of a call without periods; an empty report is a column of nothing."""
    found = columns(snapshot.body, chart)
    if not found:
        return Column(Heading(Month.of(end), end.day))
    if len(found) != 1 or not found[0].heading.ends(end):
        raise UnknownReportShape("The profit and loss does not have the one column that was asked for")
    return found[0]


def _months(answers: list[Snapshot], wanted: Iterable[Month], chart: Chart) -> list[Column] | None:
    """The wanted months from these answers; None where one is missing or ends before its month does."""
    found: dict[Month, Column] = {}
    for answer in answers:
        whole = [column for column in columns(answer.body, chart) if column.heading.ends(column.heading.month.last)]
        found.update({column.heading.month: column for column in whole})
        if walk(answer.body).empty:
            found.update({month: Column(Heading(month, None)) for month in _asked(answer.question)})
    months = [found.get(month) for month in wanted]
    return None if None in months else [month for month in months if month is not None]


def _asked(question: Question) -> list[Month]:
    """The months that a call stands for: the one of its span, and its periods before."""
    base = Month.of(date.fromisoformat(question.params["toDate"]))
    return [base.plus(-back) for back in range(int(question.params.get("periods", 0)) + 1)]
