"""The pieces every report is made of: cells, rows, sections, column spans, dates as Xero prints them."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from local.xero.answers import Refusal, validation
from local.xero.books import Account

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STEPS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
Row = dict[str, Any]
Query = Mapping[str, str]  # parameter names in lower case


@dataclass(frozen=True)
class Span:
    start: date
    end: date


def cell(value: Decimal | str, **attributes: str) -> dict[str, Any]:
    text = value if isinstance(value, str) else f"{value:.2f}"
    if not attributes:
        return {"Value": text}
    return {"Value": text, "Attributes": [{"Value": v, "Id": k} for k, v in attributes.items()]}


def row(cells: Iterable[dict[str, Any]], kind: str = "Row") -> Row:
    return {"RowType": kind, "Cells": list(cells)}


def section(title: str, rows: Sequence[Row]) -> Row:
    return {"RowType": "Section", "Title": title, "Rows": list(rows)}


def account_row(account: Account, values: Iterable[Decimal]) -> Row:
    return row([cell(account.name, account=account.id), *(cell(v, account=account.id) for v in values)])


def total_row(label: str, values: Iterable[Decimal], kind: str = "SummaryRow") -> Row:
    return row([cell(label), *(cell(v) for v in values)], kind)


def add(columns: Iterable[Sequence[Decimal]], width: int) -> list[Decimal]:
    """Column by column; zeros where there is nothing to add."""
    sums = [Decimal("0.00")] * width
    for values in columns:
        sums = [a + b for a, b in zip(sums, values, strict=True)]
    return sums


def back(day: date, months: int, *, keep_month_end: bool = False) -> date:
    """The same day number that many months earlier, or the month's last day where it has no such number."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    number = last if keep_month_end and day == month_end(day) else min(day.day, last)
    return date(year, month + 1, number)


def month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def spans(query: Query, today: date) -> list[Span]:
    """The asked span and, with `periods`, the same span moved back by the timeframe, newest first.

    The span itself is moved, not the month: 1 to 30 September gives 1 to 30 August, and a span of a year moved month by
    month overlaps itself. A default range is the current month, to its end.
    """
    end = day_of(query, "todate") or month_end(day_of(query, "fromdate") or today)
    start = day_of(query, "fromdate") or end.replace(day=1)
    if start > end:
        raise Refusal(validation("The From date must be before the To date"))
    return [Span(back(start, months), back(end, months)) for months in _steps(query)]


def dates(query: Query, today: date) -> list[date]:
    """The days of a Balance Sheet's columns, newest first; a month's end stays a month's end."""
    day = day_of(query, "date") or month_end(today)
    return [back(day, months, keep_month_end=True) for months in _steps(query)]


def day_of(query: Query, name: str) -> date | None:
    if not (text := query.get(name)):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise Refusal(validation(f"Invalid date supplied for {name}: {text}")) from None


def long_day(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def short_day(day: date, *, full_year: bool = False) -> str:
    return f"{day.day:02d} {MONTHS[day.month - 1]} {day.year if full_year else f'{day.year % 100:02d}'}"


def eve(day: date) -> date:
    return day - timedelta(days=1)


def _steps(query: Query) -> list[int]:
    frame, periods = query.get("timeframe", "MONTH").upper(), query.get("periods", "0")
    if frame not in STEPS:
        raise Refusal(validation("Invalid timeframe"))
    if not periods.isdigit() or int(periods) > 12:
        raise Refusal(validation("Periods must be between 1 and 12"))
    return [STEPS[frame] * n for n in range(int(periods) + 1)]
