"""Xero's own figures beside ours (metrics.md 4). A check that cannot be made is null and says why."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from functions.fetch.profit_and_loss import Column
from functions.fetch.year import Year, adds_up, tolerance
from ledgercast.domain.facts import Check
from ledgercast.domain.money import text

Figure = Callable[[Column], Decimal]


def compare(name: str, expected: Decimal, actual: Decimal, within: Decimal, note: str | None = None) -> Check:
    return Check(name, text(expected), text(actual), abs(expected - actual) <= within, note)


def incomparable(name: str, note: str, actual: Decimal | None = None) -> Check:
    return Check(name, None, None if actual is None else text(actual), None, note)


def profit_and_loss(year: Year, name: str, figure: Figure) -> tuple[Check, ...]:
    """The report's total rows month by month, and the metric's figure over the whole span."""
    return (
        _sections(year),
        _profit(year, "Gross Profit", lambda column: column.gross, lambda column: column.gross_profit),
        _profit(year, "Net Profit", lambda column: column.net, lambda column: column.net_profit),
        whole_span(year, name, figure),
    )


def whole_span(year: Year, name: str, figure: Figure) -> Check:
    expected = figure(year.span)
    actual = sum((figure(month) for month in year.months), Decimal(0))
    return compare(f"{name}, one call over the whole window", expected, actual, tolerance(len(year.lines)))


def operating_by_account(year: Year) -> Check:
    """As `whole_span`, and no single account of the operating expenses may differ either."""
    whole = whole_span(year, "Operating expenses", lambda column: column.operating)
    if whole.ok and not adds_up(year, "operating", "currency"):
        return Check(whole.name, whole.expected, whole.actual, False, "single accounts differ, their sum does not")
    return whole


def _sections(year: Year) -> Check:
    """All sections' totals; the first that fails is named with its month."""
    expected = actual = Decimal(0)
    seen = False
    for column in year.months:
        for control in column.controls:
            seen = True
            if abs(control.expected - control.actual) > tolerance(control.rows):
                name = f"{control.title} in {column.heading.month.label}"
                return compare(name, control.expected, control.actual, tolerance(control.rows))
            expected, actual = expected + control.expected, actual + control.actual
    if not seen:
        return incomparable("Section totals", "the report has no total rows")
    return compare("Section totals", expected, actual, abs(expected - actual))


def _profit(year: Year, name: str, theirs: Callable[[Column], Decimal | None], ours: Figure) -> Check:
    """A total row of every month that has it; null where the report leaves it out."""
    expected = actual = Decimal(0)
    seen = 0
    for column in year.months:
        told, summed = theirs(column), ours(column)
        if told is None:
            continue
        seen += 1
        if abs(told - summed) > tolerance(len(column.lines)):
            return compare(f"{name} in {column.heading.month.label}", told, summed, tolerance(len(column.lines)))
        expected, actual = expected + told, actual + summed
    if not seen:
        whole = sum((ours(column) for column in year.months), Decimal(0))
        return incomparable(name, f"the report has no {name} row", whole)
    note = None if seen == len(year.months) else f"in {seen} of {len(year.months)} months the report has this row"
    return compare(name, expected, actual, abs(expected - actual), note)
