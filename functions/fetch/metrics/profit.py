"""The seven metrics of the Profit and Loss (metrics.md 2)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from functions.fetch import checks
from functions.fetch.metrics.frame import Frame, Kind, Line, Reading, money
from functions.fetch.profit_and_loss import CURRENCY_KEY, Column
from functions.fetch.year import Year, tolerance
from ledgercast.domain.facts import Check
from ledgercast.domain.money import ZERO, cents

Figure = Callable[[Column], Decimal]
MOST_ROWS: Final = 10

FIGURES: Final[dict[str, tuple[str, Figure]]] = {
    "revenue": ("Revenue", lambda month: month.revenue),
    "gross_profit": ("Gross profit", lambda month: month.gross_profit),
    "net_profit": ("Net profit", lambda month: month.net_profit),
    "operating_expenses": ("Operating expenses", lambda month: month.operating),
}


def single(frame: Frame, year: Year) -> Reading:
    """Revenue, gross profit, net profit, operating expenses: one figure a month."""
    name, figure = FIGURES[frame.metric.id]
    kind: Kind = "line" if frame.metric.chart == "line" else "bar"
    values = tuple(map(figure, year.months))
    return _monthly(
        frame, year, (Line(frame.metric.id, name, kind, values),), values, checks.profit_and_loss(year, name, figure)
    )


def revenue_vs_expenses(frame: Frame, year: Year) -> Reading:
    """Revenue beside cost of sales and operating expenses; the headline is what is between them."""
    revenue = Line("revenue", "Revenue", "line", tuple(month.revenue for month in year.months))
    expenses = Line("expenses", "Expenses", "bar", tuple(month.expenses for month in year.months))

    def left(month: Column) -> Decimal:
        return month.revenue - month.expenses

    found = checks.profit_and_loss(year, "Revenue", lambda month: month.revenue)
    spent = checks.whole_span(year, "Expenses", lambda month: month.expenses)
    return _monthly(frame, year, (revenue, expenses), tuple(map(left, year.months)), (*found, spent))


def cost_of_sales_pct(frame: Frame, year: Year) -> Reading:
    """Cost of sales as percent of revenue, not defined where there is none. From sums, not from rounded months."""
    values = tuple(percent(month.cost_of_sales, month.revenue) for month in year.months)
    *others, _ = checks.profit_and_loss(year, "Cost of sales", lambda month: month.cost_of_sales)
    return Reading(
        window=frame.twelve_months,
        categories=_labels(frame),
        keys=_keys(frame),
        series=(Line("cost_of_sales_pct", "Cost of sales % of revenue", "line", values),),
        label=frame.months[-2].label,
        value=values[-2],
        previous=values[-3],
        total=percent(*_cost_and_revenue(year)),
        unit="percent",
        basis="accrual",
        notes=_notes(year),
        checks=(*others, _percent_check(year)),
    )


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """Two places, half up; None where the whole is not above zero."""
    return cents(100 * part / whole) if whole > 0 else None


def _cost_and_revenue(year: Year) -> tuple[Decimal, Decimal]:
    cost = sum((month.cost_of_sales for month in year.months), ZERO)
    return cost, sum((month.revenue for month in year.months), ZERO)


def _percent_check(year: Year) -> Check:
    """The percentage over the whole span. It holds when both its sums do."""
    cost, revenue = _cost_and_revenue(year)
    within = tolerance(len(year.lines))
    ok = abs(cost - year.span.cost_of_sales) <= within and abs(revenue - year.span.revenue) <= within
    theirs, ours = percent(year.span.cost_of_sales, year.span.revenue), percent(cost, revenue)
    name = "Cost of sales % of revenue, one call over the whole window"
    return Check(name, None if theirs is None else str(theirs), None if ours is None else str(ours), ok)


def expense_breakdown(frame: Frame, year: Year) -> Reading:
    """Operating expenses by account over the window: ten, then the rest, then the currency line on its own."""
    kinds = ("operating", "currency")
    lines = {key: line for key, line in year.lines.items() if line.kind in kinds and cents(line.amount)}
    currency = lines.pop(CURRENCY_KEY, None)
    ordered = sorted(lines.items(), key=lambda item: (-item[1].amount, item[1].name, item[0]))
    rows = [(key, line.name, line.amount) for key, line in ordered[:MOST_ROWS]]
    if rest := ordered[MOST_ROWS:]:
        rows.append(("other", "Other", sum((line.amount for _, line in rest), ZERO)))
    total = sum((amount for _, _, amount in rows), ZERO)
    notes = _notes(year)
    if currency:
        rows.append((CURRENCY_KEY, currency.name, currency.amount))
        told = money(currency.amount, frame)
        notes = (f"The total leaves out foreign currency gains and losses of {told}; a gain is negative", *notes)
    others = checks.profit_and_loss(year, "Operating expenses", lambda month: month.operating)[:-1]
    return Reading(
        window=frame.twelve_months,
        categories=tuple(name for _, name, _ in rows),
        keys=tuple(key for key, _, _ in rows),
        series=(Line("amount", "Amount", "bar", tuple(amount for _, _, amount in rows)),),
        label=frame.twelve_months.label,
        value=total,
        previous=None,
        total=total,
        basis="accrual",
        notes=notes,
        checks=(*others, checks.operating_by_account(year)),
    )


def _monthly(
    frame: Frame, year: Year, series: tuple[Line, ...], values: tuple[Decimal, ...], found: tuple[Check, ...]
) -> Reading:
    return Reading(
        window=frame.twelve_months,
        categories=_labels(frame),
        keys=_keys(frame),
        series=series,
        label=frame.months[-2].label,
        value=values[-2],
        previous=values[-3],
        total=sum(values, ZERO),
        basis="accrual",
        notes=_notes(year),
        checks=found,
    )


def _labels(frame: Frame) -> tuple[str, ...]:
    return tuple(month.label for month in frame.months)


def _keys(frame: Frame) -> tuple[str, ...]:
    return tuple(month.key for month in frame.months)


def _notes(year: Year) -> tuple[str, ...]:
    """Rows that the chart of accounts does not know were placed by their section's title."""
    named = sorted({name for month in year.months for name in month.by_title})
    if not named:
        return ()
    return (f"Placed by their section's title, not being in the chart of accounts: {', '.join(named)}",)


BUILDERS: Final[dict[str, Callable[[Frame, Year], Reading]]] = {
    **dict.fromkeys(FIGURES, single),
    "revenue_vs_expenses": revenue_vs_expenses,
    "cost_of_sales_pct": cost_of_sales_pct,
    "expense_breakdown": expense_breakdown,
}
