"""Facts of invented books for the gallery, the bench and the tests of the charts: the usual and the hard cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from ledgercast.domain.catalogue import METRICS, metric
from ledgercast.domain.facts import Check, Facts, Headline, Organisation, Series, Window
from ledgercast.domain.money import text
from ledgercast.domain.periods import Month

Amounts = Sequence[float | int | None]
ORGANISATION = Organisation("Southern Cross Fixtures Ltd", "GBP", "Europe/London", "!Sx1Fq")
TIES = (Check("total", "0.00", "0.00", True),)
_THIS_MONTH = Month(2026, 11)
_REVENUE = (142310.5, 128704, 151260.4, 163980, 158820.25, 172640, 181305.75, 176020, 189410, 201880.6, 196240.9, 88415)
_COSTS = (51230, 48410, 55120, 58330, 60110, 61240, 66020, 67310, 70110, 71990, 74860, 33200)
_SPENT = (66800, 73100, 69240, 71700, 70920, 72340, 74120, 75490, 71310, 78040, 78150, 41800)
_NET = (24280, 7194, 26900, -12480, 27790, 39060, -3310, 33220, 47990, 51850, 43230, 13415)
_MARGIN = (36.0, 37.61, 36.44, None, 37.85, 35.47, 36.41, 38.24, 37.01, 35.66, 38.15, 37.55)
_IN = (139200, 121410, 150100, 158400, 149800, 170220, 166300, 181400, 179900, 204100, 190230, 71400)
_OUT = (-128400, -139900, -131020, -149300, -158700, -141100, -152640, -149010, -161300, -158200, -171900, -88020)
_ACCOUNTS = {
    "Wages and salaries": 412800,
    "Rent": 96000,
    "Advertising": 61240.5,
    "Consulting & accounting": 38110,
    "Motor vehicle expenses": 29474.25,
    "Insurance": 18860,
    "Light, power, heating": 17120.4,
    "Subscriptions": 12904,
    "Telephone & internet": 9612,
    "Travel – national": 7240.8,
    "Other": 21377.35,
    "Foreign currency gains and losses": -1844.1,
}
_BANKS = {
    "Business account": 184210.44,
    "Tax savings": 62000,
    "US dollars": 23817.9,
    "Petty cash": 412.5,
    "Credit card": -8640.2,
}
AGES = {"current": "Current", "1-30": "1–30 days", "31-60": "31–60 days", "61-90": "61–90 days", "90+": "Over 90 days"}


def money(amounts: Iterable[float | int | None]) -> tuple[str | None, ...]:
    return tuple(None if amount is None else text(Decimal(str(amount))) for amount in amounts)


def total_of(values: Iterable[str | None]) -> Decimal:
    return sum((Decimal(value) for value in values if value is not None), Decimal(0))


def monthly(metric_id: str, series: Sequence[Series], *, unit: Literal["currency", "percent"] = "currency") -> Facts:
    """Facts over as many months as the series have, the last one part gone; the headline is the last full one."""
    months = [_THIS_MONTH.plus(index) for index in range(1 - len(series[-1].values), 1)]
    value, previous = (_headline_value(metric_id, series, at) for at in (-2, -3))
    change = None
    if value is not None and previous:
        change = value - previous if unit == "percent" else 100 * (value - previous) / abs(previous)
    return Facts(
        metric=metric_id,
        title=metric(metric_id).title,
        organisation=ORGANISATION,
        window=Window(f"{months[0].key}-01", "2026-11-16", f"{months[0].label} to {months[-1].label}", True),
        basis=None if metric_id == "cash_in_vs_out" else "accrual",
        as_of="2026-11-16T09:00:04+00:00",
        unit=unit,
        categories=tuple(month.label for month in months),
        category_keys=tuple(month.key for month in months),
        series=tuple(series),
        headline=Headline(
            months[max(-2, -len(months))].label,
            None if value is None else text(value),
            None if previous is None else text(previous),
            None if change is None else f"{change:.1f}",
        ),
        total=None,
        checks=TIES,
    )


def _headline_value(metric_id: str, series: Sequence[Series], at: int) -> Decimal | None:
    if len(series[-1].values) < -at:
        return None
    value = series[-1].values[at]
    if metric_id == "revenue_vs_expenses":
        return Decimal(series[0].values[at] or 0) - Decimal(value or 0)
    return None if value is None else Decimal(value)


def one_day(metric_id: str, rows: dict[str, str], series: Series, headline: Headline) -> Facts:
    """Facts about today; `rows` is key to name."""
    return Facts(
        metric=metric_id,
        title=metric(metric_id).title,
        organisation=ORGANISATION,
        window=Window("2026-11-16", "2026-11-16", "16 Nov 2026", False),
        basis=None,
        as_of="2026-11-16T09:00:04+00:00",
        unit="currency",
        categories=tuple(rows.values()),
        category_keys=tuple(rows),
        series=(series,),
        headline=headline,
        total=text(total_of(series.values)),
        checks=TIES,
    )


def single(metric_id: str, amounts: Amounts) -> Facts:
    """One of the five metrics with one monthly series."""
    kind: Literal["line", "bar"] = "line" if metric(metric_id).chart == "line" else "bar"
    unit: Literal["currency", "percent"] = "percent" if metric_id == "cost_of_sales_pct" else "currency"
    return monthly(metric_id, (Series(metric_id, metric(metric_id).title, kind, money(amounts)),), unit=unit)


def revenue_vs_expenses(revenue: Amounts, expenses: Amounts) -> Facts:
    series = (
        Series("revenue", "Revenue", "line", money(revenue)),
        Series("expenses", "Expenses", "bar", money(expenses)),
    )
    return monthly("revenue_vs_expenses", series)


def breakdown(accounts: dict[str, float]) -> Facts:
    keys = {"Other": "other", "Foreign currency gains and losses": "FXGROUPID"}
    rows = {keys.get(name, f"account-{index}"): name for index, name in enumerate(accounts)}
    series = Series("amount", "Amount", "bar", money(accounts.values()))
    whole = text(total_of(v for v, key in zip(series.values, rows, strict=True) if key != "FXGROUPID"))
    facts = one_day("expense_breakdown", rows, series, Headline("Operating expenses", whole, None, None))
    window = Window("2025-12-01", "2026-11-16", "Dec 2025 to Nov 2026", True)
    return replace(facts, window=window, basis="accrual", total=whole)


def cash_position(accounts: dict[str, float]) -> Facts:
    rows = {f"bank-{index}": name for index, name in enumerate(accounts)}
    series = Series("balance", "Balance", "bar", money(accounts.values()))
    headline = Headline("Today", text(total_of(series.values)), "249120.10", "5.1")
    return one_day("cash_position", rows, series, headline)


def cash_in_vs_out(names: Sequence[str], received: Amounts, spent: Amounts) -> Facts:
    """Both sides shared out over the accounts, the first taking most."""
    weights = [Decimal(1) / 2**index for index in range(len(names))]
    shares = [weight / sum(weights) for weight in weights]
    series = []
    for side, amounts in (("received", received), ("spent", spent)):
        for index, (name, share) in enumerate(zip(names, shares, strict=True)):
            account = "other" if name == "Other" else f"bank-{index}"
            parts = tuple(text(Decimal(str(amount or 0)) * share) for amount in amounts)
            series.append(Series(f"{side}:{account}", name, "bar", parts))
    nets = tuple(text(total_of(one.values[at] for one in series)) for at in range(len(received)))
    facts = monthly("cash_in_vs_out", (*series, Series("net", "Net", "marker", nets)))
    return replace(facts, notes=("Transfers between own accounts count as received and as spent",))


def ageing(metric_id: str, amounts: Amounts) -> Facts:
    series = Series("due", "Due", "bar", money(amounts))
    return one_day(metric_id, AGES, series, Headline("Overdue", text(total_of(series.values[1:])), None, None))


def eleven() -> dict[str, Facts]:
    """One usual chart of every metric, in the catalogue's order."""
    gross = [revenue - cost for revenue, cost in zip(_REVENUE, _COSTS, strict=True)]
    both = [cost + spent for cost, spent in zip(_COSTS, _SPENT, strict=True)]
    percent = replace(single("cost_of_sales_pct", _MARGIN), notes=("Mar 2026 is not defined: there was no revenue",))
    unlike = Check("control account", "57480.10", "56240.00", False)
    made = (
        single("revenue", _REVENUE),
        single("gross_profit", gross),
        single("net_profit", _NET),
        revenue_vs_expenses(_REVENUE, both),
        percent,
        single("operating_expenses", _SPENT),
        breakdown(_ACCOUNTS),
        cash_position(_BANKS),
        cash_in_vs_out(tuple(_BANKS)[:3], _IN, _OUT),
        ageing("aged_receivables", (48210.4, 27380, 12944.5, 6120, 9795.5)),
        replace(ageing("aged_payables", (31870, 9410.25, 3120, 0, 1840)), checks=(unlike,)),
    )
    return {one.id: facts for one, facts in zip(METRICS, made, strict=True)}


def hard() -> dict[str, Facts]:
    """Charts that a careless house style breaks on."""
    names = (
        "בנק לאומי (עו״ש) 123",
        "البنك العربي – حساب",
        "Cost_of $ales^2 {\\frac}",
        "Savings 🚀🇳🇿 for 👩‍👩‍👧",
        "株式会社 東京",
        "Every word of this account's name is meant, and there are many of them " * 3,
    )
    revalued = Check("control account", None, None, None, "currency revaluation: not comparable")
    long = replace(cash_position({f"Account number {n} of branch {n % 7}": (n - 9) * 1310.25 for n in range(40)}))
    named = cash_in_vs_out(names, _IN, _OUT)
    owner = replace(ORGANISATION, name="חברת הדוגמה בע״מ (2026)", currency="ILS")
    return {
        "names": replace(named, organisation=owner),
        "name-rows": replace(breakdown({name: 9000.0 - 1200 * n for n, name in enumerate(names)}), notes=("A " * 200,)),
        "name-columns": cash_position({name: 9000.0 - 2200 * n for n, name in enumerate(names)}),
        "all-losses": single("net_profit", [-abs(amount) for amount in _NET]),
        "forty-accounts": replace(long, checks=(revalued,)),
        "forty-rows": breakdown({f"Account number {n}": 90000 / (n + 1) for n in range(40)}),
        "twelve-accounts": cash_position({f"Reserve for project {n}": 10.0**n / 7 for n in range(12)}),
        "two-years": single("revenue", [(*_REVENUE, *_REVENUE)[n] * (1 + n / 24) for n in range(24)]),
        "forty-months": single("net_profit", [(n % 7 - 3) * 1e9 / (n + 1) for n in range(40)]),
        "crossing": revenue_vs_expenses(_NET, _SPENT),
        "billions": single("gross_profit", [amount * 21340.77 for amount in _NET]),
        "cents": single("revenue", (0.01, 0.02, 0, 0.03, 0.01, 0.01, 0.02, 0, 0, 0.05, 0.04, 0.01)),
        "nothing-but-zero": single("operating_expenses", [0] * 12),
        "one-month": single("revenue", (4210.5,)),
        "gaps": single("cost_of_sales_pct", (None, 12.5, None, None, 140, 30.2, None, 22, 21, None, 18, None)),
        "one-account": cash_position({"Current account": -12.5}),
        "six-banks": cash_in_vs_out([*(f"Bank of the {n}th province" for n in range(4, 9)), "Other"], _IN, _OUT),
    }
