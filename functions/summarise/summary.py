"""The computed summary of one metric: plain sentences whose every figure is in the facts.

A summary is a headline sentence and a few points. What stands out differs by metric, so each group has one function;
all of them read facts and nothing else. A failed check is always told (metrics.md 4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from ledgercast.domain.facts import Facts, Series
from ledgercast.figures import change_words, figure, percent

MOST_POINTS = 6


@dataclass(frozen=True)
class Summary:
    headline: str
    points: tuple[str, ...]


def summarise(facts: Facts) -> Summary:
    """The template summary; without activity it says so and shows no figure."""
    if facts.empty:
        return Summary(facts.notes[0] if facts.notes else "No activity", tuple(failed_checks(facts)))
    points = [*failed_checks(facts), *_STANDS_OUT[facts.metric](facts)]
    return Summary(_HEADLINE.get(facts.metric, _month_headline)(facts), tuple(points[:MOST_POINTS]))


def _month_headline(facts: Facts) -> str:
    """The last full month beside the one before; it is second from the right, for the last column is this month."""
    subject, month = _SUBJECT[facts.metric], facts.categories[-2]
    value = facts.headline.value
    if value is None:
        return f"{subject} is not defined for {month}: there was no revenue"
    if facts.metric == "net_profit" and Decimal(value) < 0:
        before = facts.headline.previous
        after = f", after {figure(before, facts)} the month before" if before is not None else ""
        return f"The net loss was {figure(-Decimal(value), facts)} in {month}{after}"
    words = change_words(facts)
    return f"{subject} was {figure(value, facts)} in {month}" + (f", {words}" if words else "")


def _gap_headline(facts: Facts) -> str:
    value = Decimal(facts.headline.value or 0)
    side = "above" if value >= 0 else "below"
    return f"Revenue was {figure(abs(value), facts)} {side} expenses in {facts.categories[-2]}"


def _net_cash_headline(facts: Facts) -> str:
    value = Decimal(facts.headline.value or 0)
    way = "more came in than went out" if value >= 0 else "more went out than came in"
    return f"{figure(abs(value), facts)} {way} in {facts.categories[-2]}"


def _total_headline(facts: Facts) -> str:
    return f"Operating expenses came to {figure(facts.total or '0', facts)} over {facts.window.label}"


def _cash_headline(facts: Facts) -> str:
    words = change_words(facts)
    return f"Cash stands at {figure(facts.headline.value or '0', facts)}" + (f", {words}" if words else "")


def _ageing_headline(facts: Facts) -> str:
    overdue, total = Decimal(facts.headline.value or 0), Decimal(facts.total or 0)
    whose = "customers owe" if facts.metric == "aged_receivables" else "is owed to suppliers"
    owed = (
        f"{whose} {figure(total, facts)}" if facts.metric == "aged_receivables" else f"{figure(total, facts)} {whose}"
    )
    share = f" ({percent(100 * overdue / total)})" if total > 0 and 0 <= overdue <= total else ""
    return f"{owed[0].upper()}{owed[1:]}, of which {figure(overdue, facts)}{share} is overdue"


def _months(facts: Facts) -> Iterator[str]:
    """Best, worst, this month so far and the whole window of a single monthly series."""
    yield from _extremes(facts, facts.series[0])
    yield from _so_far(facts, facts.series[0])
    yield from _window_total(facts)


def _profit(facts: Facts) -> Iterator[str]:
    yield from _run_of_losses(facts, facts.series[0])
    yield from _months(facts)


def _gap(facts: Facts) -> Iterator[str]:
    revenue, expenses = (_full_months(facts, one) for one in facts.series)
    pairs = zip(revenue, expenses, strict=True)
    over = [month for (month, earned), (_, spent) in pairs if spent > earned]
    if over:
        yield f"Expenses were above revenue in {_listing(over)}"
    else:
        yield f"Revenue was above expenses in each of the {len(revenue)} full months"
    for series in facts.series:
        yield from _so_far(facts, series, series.name)
    yield from _window_total(facts, "Revenue less expenses")


def _breakdown(facts: Facts) -> Iterator[str]:
    total = Decimal(facts.total or 0)
    rows = [
        (name, Decimal(value or 0))
        for key, name, value in zip(facts.category_keys, facts.categories, facts.series[0].values, strict=True)
        if key not in ("other", "FXGROUPID")
    ]
    for name, value in rows[:3]:
        share = f", {percent(100 * value / total)} of the whole" if total > 0 and 0 < value <= total else ""
        yield f"{name}: {figure(value, facts)}{share}"
    credited = [name for name, value in rows if value < 0]
    if credited:
        yield f"More was credited than spent on {_listing(credited)}"


def _cash(facts: Facts) -> Iterator[str]:
    rows = [(n, Decimal(v or 0)) for n, v in zip(facts.categories, facts.series[0].values, strict=True)]
    name, most = max(rows, key=lambda row: row[1])
    if most > 0 and len(rows) > 1:
        yield f"{name} holds the most: {figure(most, facts)}"
    for owing, value in rows:
        if value < 0:
            yield f"{owing} owes {figure(-value, facts)}"


def _cash_flow(facts: Facts) -> Iterator[str]:
    net = facts.series[-1]
    negative = [month for month, value in _full_months(facts, net) if value < 0]
    if negative:
        yield f"More went out than came in in {_listing(negative)}"
    yield from _extremes(facts, net, "Net cash")
    yield from _so_far(facts, net, "Net cash")
    yield from _window_total(facts, "Net cash")


def _ageing(facts: Facts) -> Iterator[str]:
    buckets = dict(zip(facts.category_keys, (Decimal(v or 0) for v in facts.series[0].values), strict=True))
    if buckets["90+"] > 0:
        yield f"{figure(buckets['90+'], facts)} is more than 90 days overdue"
    late = {key: value for key, value in buckets.items() if key != "current" and value > 0}
    if len(late) > 1:
        key = max(late, key=lambda one: late[one])
        label = facts.categories[facts.category_keys.index(key)]
        yield f"The largest overdue part is {label}: {figure(late[key], facts)}"
    if buckets["current"] > 0:
        yield f"{figure(buckets['current'], facts)} is not yet due"
    unallocated = facts.extras.get("unallocated_credits")
    if unallocated and Decimal(unallocated):
        yield f"Credits of {figure(unallocated, facts)} are not yet allocated and are not taken off"


def failed_checks(facts: Facts) -> Iterator[str]:
    """A line for each figure that does not tie to Xero's; told whoever writes the rest (metrics.md 4)."""
    for check in facts.checks:
        if check.ok is False and check.expected is not None and check.actual is not None:
            theirs, ours = figure(check.expected, facts), figure(check.actual, facts)
            yield f"Does not tie to Xero: {check.name} is {theirs} there and {ours} here"
        elif check.ok is False:
            yield f"Does not tie to Xero: {check.name}"


def _full_months(facts: Facts, series: Series) -> list[tuple[str, Decimal]]:
    """The defined values of the months before this one."""
    pairs = list(zip(facts.categories, series.values, strict=True))[:-1]
    return [(month, Decimal(value)) for month, value in pairs if value is not None]


def _extremes(facts: Facts, series: Series, subject: str = "") -> Iterator[str]:
    months = _full_months(facts, series)
    if len(months) < 2:
        return
    low, high = min(months, key=lambda m: m[1]), max(months, key=lambda m: m[1])
    if low[1] == high[1]:
        return
    lead = f"{subject}: highest" if subject else "Highest"
    yield f"{lead} in {high[0]} ({figure(high[1], facts)}), lowest in {low[0]} ({figure(low[1], facts)})"


def _so_far(facts: Facts, series: Series, subject: str = "") -> Iterator[str]:
    value = series.values[-1]
    if facts.window.partial_last and value is not None:
        lead = f"{subject} in" if subject else "In"
        yield f"{lead} {facts.categories[-1]} so far: {figure(value, facts)}"


def _window_total(facts: Facts, subject: str = "All") -> Iterator[str]:
    if facts.total is not None:
        yield f"{subject} twelve months together: {figure(facts.total, facts)}"


def _run_of_losses(facts: Facts, series: Series) -> Iterator[str]:
    months = _full_months(facts, series)
    losses = [month for month, value in months if value < 0]
    latest = 0
    for _, value in reversed(months):
        if value >= 0:
            break
        latest += 1
    if latest > 1:
        yield f"A loss {latest} months running"
    elif losses:
        yield f"A loss in {_listing(losses)}"


def _listing(names: list[str]) -> str:
    """«a», «a and b», «a, b and 3 more»: never longer than a line."""
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


_SUBJECT = {
    "revenue": "Revenue",
    "gross_profit": "Gross profit",
    "net_profit": "Net profit",
    "cost_of_sales_pct": "Cost of sales as a share of revenue",
    "operating_expenses": "Operating expenses",
}
_HEADLINE: dict[str, Callable[[Facts], str]] = {
    "revenue_vs_expenses": _gap_headline,
    "expense_breakdown": _total_headline,
    "cash_position": _cash_headline,
    "cash_in_vs_out": _net_cash_headline,
    "aged_receivables": _ageing_headline,
    "aged_payables": _ageing_headline,
}
_STANDS_OUT: dict[str, Callable[[Facts], Iterator[str]]] = {
    "revenue": _months,
    "gross_profit": _months,
    "net_profit": _profit,
    "revenue_vs_expenses": _gap,
    "cost_of_sales_pct": _months,
    "operating_expenses": _months,
    "expense_breakdown": _breakdown,
    "cash_position": _cash,
    "cash_in_vs_out": _cash_flow,
    "aged_receivables": _ageing,
    "aged_payables": _ageing,
}
