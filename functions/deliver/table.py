"""The number table of a metric: the same figures as the chart, exact, for reading, for a code block and for CSV."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledgercast.domain.facts import Facts, Series
from ledgercast.domain.money import ZERO
from ledgercast.figures import figure
from ledgercast.text import one_line, shorten

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")

_MONTH = re.compile(r"\d{4}-\d{2}")
CURRENCY_ROW = "FXGROUPID"  # stands outside the total (metrics.md 2)

_WHAT = {"cash_position": "Account", "expense_breakdown": "Account", "aged_receivables": "Age"}
_WHAT |= {"aged_payables": "Age"}


@dataclass(frozen=True)
class Sheet:
    """Names and figures: `columns` above `rows`, each row led by its name; the last has the totals if `totalled`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    totalled: bool


@dataclass(frozen=True)
class Table:
    """`shown` is for reading, its figures written out; `whole` has every figure as facts carry it.

    They differ where accounts are summed up for reading; `remark` says so.
    """

    shown: Sheet
    whole: Sheet
    remark: str | None = None


def table_of(facts: Facts) -> Table:
    """One row per category, one column per series, and a row of totals for money."""
    columns = {_column(one): one.values for one in facts.series}
    whole = _sheet(facts, columns)
    accounts = sum(one.id.startswith("received:") for one in facts.series)
    if not accounts:
        return Table(_read(whole, facts), whole)
    sides = {name: _sum_of(facts, name.lower()) for name in ("Received", "Spent", "Net")}
    remark = "Received and spent are summed over the accounts" if accounts > 1 else None
    return Table(_read(_sheet(facts, sides), facts), whole, remark)


def _sheet(facts: Facts, columns: Mapping[str, Sequence[str | None]]) -> Sheet:
    names = [one_line(name) for name in facts.categories]
    if part_month(facts):
        names[-1] += " (to date)"
    lines = zip(*columns.values(), strict=True)
    rows = [(name, *(value or "" for value in line)) for name, line in zip(names, lines, strict=True)]
    totals = _totals(facts, list(columns.values()))
    if totals:
        rows.append((_total_name(facts), *totals))
    return Sheet((_WHAT.get(facts.metric, "Month"), *columns), tuple(rows), bool(totals))


def part_month(facts: Facts) -> str | None:
    """The month that is not full yet, where the categories are months."""
    monthly = bool(facts.category_keys) and _MONTH.fullmatch(facts.category_keys[-1])
    return one_line(facts.categories[-1]) if facts.window.partial_last and monthly else None


def _total_name(facts: Facts) -> str:
    if facts.unit == "percent":
        return "Whole window"
    return "Total without currency gains and losses" if CURRENCY_ROW in facts.category_keys else "Total"


def _totals(facts: Facts, columns: list[Sequence[str | None]]) -> list[str]:
    """The facts' own total for a lone series; column sums for several series of money."""
    if len(columns) == 1:
        return [facts.total] if facts.total is not None else []
    return [str(sum((Decimal(value or 0) for value in column), ZERO)) for column in columns]


def _sum_of(facts: Facts, side: str) -> list[str]:
    columns = [one.values for one in facts.series if one.id.partition(":")[0] == side]
    return [str(sum((Decimal(value or 0) for value in line), ZERO)) for line in zip(*columns, strict=True)]


def _column(series: Series) -> str:
    """A series' name; the sides of cash need saying, for both carry the accounts' names."""
    side, _, account = series.id.partition(":")
    return f"{one_line(series.name)}, {side}" if account else one_line(series.name)


def _read(whole: Sheet, facts: Facts) -> Sheet:
    """The figures as people read them; one that is not defined is said to be so."""
    rows = [(name, *(figure(value, facts) if value else "n/a" for value in values)) for name, *values in whole.rows]
    return Sheet(whole.columns, tuple(rows), whole.totalled)


def as_csv(table: Table) -> bytes:
    """UTF-8 with a mark, so that Excel reads it; no cell of text can be taken for a formula (SX-3)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(map(cell, table.whole.columns))
    writer.writerows(map(cell, row) for row in table.whole.rows)
    return out.getvalue().encode("utf-8-sig")


def cell(text: str) -> str:
    """Numbers stay numbers, negative ones too; a text that a spreadsheet would calculate gets an apostrophe."""
    text = one_line(text)
    if _NUMBER.fullmatch(text):
        return text
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_text(table: Sheet, *, width: int, most_name: int = 24) -> Iterator[list[str]]:
    """The table as aligned lines, in groups of columns that fit `width`; each group begins with the names."""
    names = [shorten(row[0], most_name) for row in (table.columns, *table.rows)]
    lead = max(map(display_width, names))
    columns = [[row[i] for row in (table.columns, *table.rows)] for i in range(1, len(table.columns))]
    for column in columns:
        column[0] = shorten(column[0], most_name)
    for group in _fitting(columns, width - lead):
        lines = [_left(name, lead) for name in names]
        for column in group:
            across = max(map(display_width, column))
            lines = [f"{line}  {_right(one, across)}" for line, one in zip(lines, column, strict=True)]
        yield _ruled(lines, totalled=table.totalled)


def _fitting(columns: list[list[str]], width: int) -> Iterator[list[list[str]]]:
    group: list[list[str]] = []
    used = 0
    for column in columns:
        needs = 2 + max(map(display_width, column))
        if group and used + needs > width:
            yield group
            group, used = [], 0
        group.append(column)
        used += needs
    if group:
        yield group


def _ruled(lines: list[str], *, totalled: bool) -> list[str]:
    rule = "─" * max(map(display_width, lines))
    body = [*lines[1:-1], rule, lines[-1]] if totalled else lines[1:]
    return [lines[0], rule, *body]


def display_width(text: str) -> int:
    """Columns in a fixed-width face: wide signs take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(one) or unicodedata.category(one) in ("Mn", "Me", "Cf") else _wide(one)
        for one in text
    )


def _wide(one: str) -> int:
    return 2 if unicodedata.east_asian_width(one) in ("W", "F") else 1


def _left(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))


def _right(text: str, width: int) -> str:
    return " " * (width - display_width(text)) + text


def columns_in_groups(table: Sheet, most: int) -> Iterator[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """The table for a page of limited width: (columns, rows) with at most so many figures beside the name."""
    for start in range(1, len(table.columns), most):
        span = slice(start, start + most)
        yield (table.columns[0], *table.columns[span]), [(row[0], *row[span]) for row in table.rows]
