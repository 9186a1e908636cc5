"""`make gallery`: docs/gallery/, charts of invented books in both themes, the hard cases among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from functions.render.chart import render
from functions.render.describe import alt_text
from ledgercast.domain.catalogue import METRICS, metric
from ledgercast.domain.facts import Check, Facts, Headline, Organisation, Series, Window
from ledgercast.domain.money import text

OUT = Path(__file__).parents[1] / "docs" / "gallery"
ORGANISATION = Organisation("Southern Cross Fixtures Ltd", "GBP", "Europe/London", "!Sx1Fq")
MONTHS = tuple(f"{2025 + (11 + n) // 12}-{(11 + n) % 12 + 1:02d}" for n in range(12))
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIES = (Check("total", "0.00", "0.00", True),)
_REVENUE = (142310.5, 128704, 151260.4, 163980, 158820.25, 172640, 181305.75, 176020, 189410, 201880.6, 196240.9, 88415.2)
_COSTS = (51230, 48410, 55120, 58330, 60110, 61240, 66020, 67310, 70110, 71990, 74860, 33200)
_SPENT = (66800, 73100, 69240, 71700, 70920, 72340, 74120, 75490, 71310, 78040, 78150, 41800)
_NET = (24280, 7194, 26900, -12480, 27790, 39060, -3310, 33220, 47990, 51850, 43230, 13415)
_MARGIN = ("36.00", "37.61", "36.44", None, "37.85", "35.47", "36.41", "38.24", "37.01", "35.66", "38.15", "37.55")
_ACCOUNTS = (
    ("Wages and salaries", 412800),
    ("Rent", 96000),
    ("Advertising", 61240.5),
    ("Consulting & accounting", 38110),
    ("Motor vehicle expenses", 29474.25),
    ("Insurance", 18860),
    ("Light, power, heating", 17120.4),
    ("Subscriptions", 12904),
    ("Telephone & internet", 9612),
    ("Travel – national", 7240.8),
    ("Other", 21377.35),
)
_BANKS = (("Business account", 184210.44), ("Tax savings", 62000), ("US dollars", 23817.9), ("Petty cash", 412.5), ("Credit card", -8640.2))


def money(amounts: Iterable[float | int | str]) -> tuple[str, ...]:
    return tuple(text(Decimal(str(amount))) for amount in amounts)


def month_names(keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{_NAMES[int(key[5:]) - 1]} {key[:4]}" for key in keys)


def monthly(metric_id: str, series: tuple[Series, ...], *, unit: str = "currency", keys: Sequence[str] = MONTHS) -> Facts:
    """Facts over months up to a part month; the headline is the last full one."""
    net = [Decimal(value) if (value := series[-1].values[at]) is not None else None for at in (-2, -3)]
    if metric_id == "revenue_vs_expenses":
        net = [Decimal(series[0].values[at] or 0) - Decimal(series[1].values[at] or 0) for at in (-2, -3)]
    value, previous = net
    change = None
    if value is not None and previous:
        change = value - previous if unit == "percent" else 100 * (value - previous) / abs(previous)
    return Facts(
        metric=metric_id,
        title=metric(metric_id).title,
        organisation=ORGANISATION,
        window=Window(f"{keys[0]}-01", f"{keys[-1]}-16", f"{month_names(keys)[0]} – {month_names(keys)[-1]}", True),
        basis=None if "cash" in metric_id else "accrual",
        as_of=f"{keys[-1]}-16T09:00:04+00:00",
        unit=unit,  # type: ignore[arg-type]
        categories=month_names(keys),
        category_keys=tuple(keys),
        series=series,
        headline=Headline(
            month_names(keys)[-2],
            None if value is None else text(value),
            None if previous is None else text(previous),
            None if change is None else f"{change:.1f}",
        ),
        total=None,
        checks=_TIES,
    )


def one_day(metric_id: str, names: Sequence[str], keys: Sequence[str], series: Series, headline: Headline) -> Facts:
    """Facts about today: balances and open documents."""
    total = sum((Decimal(value or 0) for value in series.values), Decimal(0))
    return Facts(
        metric=metric_id,
        title=metric(metric_id).title,
        organisation=ORGANISATION,
        window=Window("2026-11-16", "2026-11-16", "16 Nov 2026", False),
        basis=None,
        as_of="2026-11-16T09:00:04+00:00",
        unit="currency",
        categories=tuple(names),
        category_keys=tuple(keys),
        series=(series,),
        headline=headline,
        total=text(total),
        checks=_TIES,
    )


def _single(metric_id: str, amounts: Sequence[float | int], kind: str) -> Facts:
    return monthly(metric_id, (Series(metric_id, metric(metric_id).title, kind, money(amounts)),))  # type: ignore[arg-type]


def _both() -> Facts:
    spent = money(cost + other for cost, other in zip(_COSTS, _SPENT, strict=True))
    lines = Series("revenue", "Revenue", "line", money(_REVENUE)), Series("expenses", "Expenses", "bar", spent)
    return monthly("revenue_vs_expenses", lines)


def _percent() -> Facts:
    series = Series("cost_of_sales_pct", "Cost of sales %", "line", _MARGIN)
    facts = monthly("cost_of_sales_pct", (series,), unit="percent")
    return replace(facts, notes=("Mar 2026 has no percentage: its revenue was not above zero",))


def breakdown() -> Facts:
    names = (*(name for name, _ in _ACCOUNTS), "Foreign currency gains and losses")
    keys = (*(f"a{index}" for index in range(len(_ACCOUNTS) - 1)), "other", "FXGROUPID")
    values = money((*(amount for _, amount in _ACCOUNTS), -1844.1))
    total = text(sum((Decimal(value) for value in values[:-1]), Decimal(0)))
    facts = one_day("expense_breakdown", names, keys, Series("amount", "Amount", "bar", values), Headline("Operating expenses, 12 months", total, None, None))
    return replace(facts, window=Window("2025-12-01", "2026-11-16", "Dec 2025 – Nov 2026", True), basis="accrual", total=total)


def cash_position() -> Facts:
    values = money(amount for _, amount in _BANKS)
    total = text(sum((Decimal(value) for value in values), Decimal(0)))
    keys = [f"b{index}" for index in range(len(_BANKS))]
    headline = Headline("Total today", total, "249120.10", "5.1")
    return one_day("cash_position", [name for name, _ in _BANKS], keys, Series("balance", "Balance", "bar", values), headline)


def cash_flow() -> Facts:
    series = []
    for side, sign in (("received", 1), ("spent", -1)):
        for index, (name, _) in enumerate(_BANKS[:3]):
            spread = [sign * amount * (0.66, 0.22, 0.09)[index] * (1 if sign > 0 else 0.93) for amount in _REVENUE]
            turned = spread if sign > 0 else [*spread[2:], *spread[:2]]
            series.append(Series(f"{side}:b{index}", name, "bar", money(turned)))
    nets = [sum((Decimal(one.values[at] or 0) for one in series), Decimal(0)) for at in range(12)]
    facts = monthly("cash_in_vs_out", (*series, Series("net", "Net", "marker", tuple(text(net) for net in nets))))
    return replace(facts, notes=("Transfers between own accounts count as received and as spent",))


def ageing(metric_id: str, amounts: Sequence[float | int]) -> Facts:
    names, keys = ("Current", "1–30 days", "31–60 days", "61–90 days", "Over 90 days"), ("current", "1-30", "31-60", "61-90", "90+")
    overdue = text(sum((Decimal(str(amount)) for amount in amounts[1:]), Decimal(0)))
    return one_day(metric_id, names, keys, Series("due", "Due", "bar", money(amounts)), Headline("Overdue", overdue, None, None))


def eleven() -> dict[str, Facts]:
    """One realistic chart of every metric, in the catalogue's order."""
    gross = [revenue - cost for revenue, cost in zip(_REVENUE, _COSTS, strict=True)]
    unlike = Check("control account", "57480.10", "56240.00", False)
    made = (
        _single("revenue", _REVENUE, "line"),
        _single("gross_profit", gross, "line"),
        _single("net_profit", _NET, "bar"),
        _both(),
        _percent(),
        _single("operating_expenses", _SPENT, "bar"),
        breakdown(),
        cash_position(),
        cash_flow(),
        ageing("aged_receivables", (48210.4, 27380, 12944.5, 6120, 9795.5)),
        replace(ageing("aged_payables", (31870, 9410.25, 3120, 0, 1840)), checks=(unlike,)),
    )
    return {one.id: facts for one, facts in zip(METRICS, made, strict=True)}
