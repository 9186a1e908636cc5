"""The number table of a metric: the same figures as its chart, exact, for reading and for further use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledgercast.domain.facts import Facts, Series
from ledgercast.domain.money import ZERO
from ledgercast.figures import figure
from ledgercast.text import one_line

CURRENCY_ROW = "FXGROUPID"  # stands outside the total (metrics.md 2)

_MONTH = re.compile(r"\d{4}-\d{2}")
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
