"""What may stand in a written summary: the figures of the facts, and the few that are computed from them in code.

The list is closed, and the model is given the same list. A figure is in it because facts.json has it, or as one of:
the headline's difference from its previous value; the average of the full months; revenue less expenses of a month; the
cash received and spent of a month and of the window; the share of a row in the total, and of what is overdue. Counts
are of months (of the window, full ones, those below zero, the latest run of them) and of accounts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from ledgercast.domain.facts import Facts, Series
from ledgercast.domain.money import ZERO
from ledgercast.domain.periods import Month

Unit = Literal["money", "percent", "points"]
Noun = Literal["month", "account"]

LEAST_SHARE = Decimal("0.05")
BY_ACCOUNT = ("expense_breakdown", "cash_position")
MONTH, ROW, GROUP = "month ", "row ", "group "
AGEING = ("aged_receivables", "aged_payables")


@dataclass(frozen=True)
class Figure:
    """One figure. `moved` is a change: its sign is a direction, which words can contradict.

    `of` names the month, account or age group that it is a figure of, each with its kind in front.
    """

    what: str
    value: Decimal
    unit: Unit
    moved: bool = False
    of: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Count:
    what: str
    value: int
    noun: Noun


@dataclass(frozen=True)
class Known:
    """`months` are those of the window, `days` its ends and the day the figures are of, `rows` accounts by name."""

    currency: str
    own: Unit
    figures: tuple[Figure, ...]
    counts: tuple[Count, ...]
    months: frozenset[Month]
    days: frozenset[date]
    aged: bool
    rows: frozenset[str]

    @property
    def years(self) -> frozenset[int]:
        return frozenset(month.year for month in self.months)


def known(facts: Facts) -> Known:
    """All that may be said of these facts; names in `what` are those that stand in the facts given."""
    start, end = date.fromisoformat(facts.window.start), date.fromisoformat(facts.window.end)
    months, last = {Month.of(start)}, Month.of(end)
    while (newest := max(months)) < last:
        months.add(newest.plus(1))
    return Known(
        currency=facts.organisation.currency,
        own=_unit(facts),
        figures=tuple(_figures(facts)),
        counts=tuple(_counts(facts)),
        months=frozenset(months),
        days=frozenset({start, end, datetime.fromisoformat(facts.as_of).date()}),
        aged=facts.metric in AGEING,
        rows=frozenset(_rows_of(facts)),
    )


def _rows_of(facts: Facts) -> Iterator[str]:
    if facts.metric in BY_ACCOUNT:
        yield from facts.categories
    elif facts.metric == "cash_in_vs_out":
        yield from (one.name for one in facts.series if ":" in one.id)


def _of(facts: Facts, at: int, series: Series | None = None) -> frozenset[str]:
    """The place of a column, and of a series that is one account's."""
    key = facts.category_keys[at]
    if facts.metric in BY_ACCOUNT:
        return frozenset({ROW + facts.categories[at]})
    if facts.metric in AGEING:
        return frozenset({GROUP + key})
    account = {ROW + series.name} if series and ":" in series.id else set()
    return frozenset({MONTH + key, *account})


def _unit(facts: Facts) -> Unit:
    return "percent" if facts.unit == "percent" else "money"


def _figures(facts: Facts) -> Iterator[Figure]:
    yield from _headline(facts)
    for series in facts.series:
        for at, (name, value) in enumerate(zip(facts.categories, series.values, strict=True)):
            if value is not None:
                yield Figure(f"{series.name}, {name}", Decimal(value), _unit(facts), of=_of(facts, at, series))
    yield from _computed(facts)
    unallocated = facts.extras.get("unallocated_credits")
    if unallocated:
        yield Figure("credits not yet allocated, not taken off", Decimal(unallocated), "money")


def _headline(facts: Facts) -> Iterator[Figure]:
    head, unit = facts.headline, _unit(facts)
    monthly = facts.metric not in (*BY_ACCOUNT, *AGEING)
    full, earlier = (_of(facts, at) if monthly and len(facts.categories) >= -at else frozenset() for at in (-2, -3))
    if head.value is not None:
        yield Figure(f"headline: {head.label}", Decimal(head.value), unit, of=full)
    if head.previous is not None:
        before = "the start of the month" if facts.metric == "cash_position" else "the month before"
        yield Figure(f"headline, {before}", Decimal(head.previous), unit, of=earlier)
    if head.change_pct is not None:
        yield Figure("change of the headline", Decimal(head.change_pct), _changes_in(facts), moved=True)
    if head.value is not None and head.previous is not None and unit == "money":
        moved = Decimal(head.value) - Decimal(head.previous)
        yield Figure("change of the headline, as an amount", moved, "money", moved=True)
    if facts.total is not None:
        yield Figure(f"total, {facts.window.label}", Decimal(facts.total), unit)


def _changes_in(facts: Facts) -> Unit:
    return "points" if facts.unit == "percent" else "percent"


def _computed(facts: Facts) -> Iterator[Figure]:
    if facts.metric == "revenue_vs_expenses":
        both = zip(facts.categories, *(_values(one) for one in facts.series), strict=True)
        for at, (month, earned, spent) in enumerate(both):
            yield Figure(f"revenue less expenses, {month}", earned - spent, "money", of=_of(facts, at))
    elif facts.metric == "cash_in_vs_out":
        yield from _sides(facts)
    elif facts.metric == "expense_breakdown" or facts.metric in AGEING:
        yield from _shares(facts)
    elif len(facts.series) == 1 and _unit(facts) == "money" and facts.metric != "cash_position":
        full = _values(facts.series[0])[:-1]
        if full:
            yield Figure(f"average of the {len(full)} full months", sum(full, ZERO) / len(full), "money")


def _sides(facts: Facts) -> Iterator[Figure]:
    for side in ("received", "spent"):
        parts = [_values(one) for one in facts.series if one.id.startswith(f"{side}:")]
        sums = [sum(month, ZERO) for month in zip(*parts, strict=True)]
        for at, value in enumerate(sums):
            yield Figure(f"cash {side} in all accounts, {facts.categories[at]}", value, "money", of=_of(facts, at))
        if sums:
            yield Figure(f"cash {side} in all accounts, {facts.window.label}", sum(sums, ZERO), "money")


def _shares(facts: Facts) -> Iterator[Figure]:
    """Only where a share means something: a part of a positive total, from a twentieth of a percent on."""
    total = Decimal(facts.total or 0)
    parts = [
        (f"share of {facts.categories[at]}", value, _of(facts, at))
        for at, (key, value) in enumerate(_rows(facts))
        if key != "FXGROUPID"
    ]
    if facts.metric in AGEING:
        parts.append(("share that is overdue", Decimal(facts.headline.value or 0), frozenset()))
    for what, part, place in parts:
        if 0 < part <= total and 100 * part / total >= LEAST_SHARE:
            yield Figure(what, 100 * part / total, "percent", of=place)


def _counts(facts: Facts) -> Iterator[Count]:
    if facts.metric in AGEING:
        return
    if facts.metric in BY_ACCOUNT:
        rows = [value for key, value in _rows(facts) if key not in ("other", "FXGROUPID")]
        yield Count("accounts named here", len(rows), "account")
        yield Count("accounts below zero", sum(value < 0 for value in rows), "account")
        if facts.metric == "expense_breakdown":
            yield Count("months of the window", 12, "month")
        return
    yield Count("months of the window", len(facts.categories), "month")
    yield Count("full months", len(facts.categories) - 1, "month")
    yield from _below_zero(facts)


def _rows(facts: Facts) -> list[tuple[str, Decimal]]:
    return list(zip(facts.category_keys, _values(facts.series[0]), strict=True)) if facts.series else []


def _below_zero(facts: Facts) -> Iterator[Count]:
    """Full months below zero, or with expenses above revenue, or with more spent than received; and the latest run."""
    if not facts.series or facts.unit == "percent":
        return
    values = _values(facts.series[-1])[:-1]
    if facts.metric == "revenue_vs_expenses":
        values = [earned - spent for earned, spent in zip(_values(facts.series[0])[:-1], values, strict=True)]
    below = [value < 0 for value in values]
    run = (below[::-1].index(False) if False in below else len(below)) if below else 0
    name = {"revenue_vs_expenses": "expenses above revenue", "cash_in_vs_out": "more spent than received"}
    words = name.get(facts.metric, "a figure below zero")
    yield Count(f"full months with {words}", sum(below), "month")
    yield Count(f"full months with {words}, in a row up to the last", run, "month")
    yield Count(f"full months without {words}", len(below) - sum(below), "month")


def _values(series: Series) -> list[Decimal]:
    return [Decimal(value or 0) for value in series.values]
