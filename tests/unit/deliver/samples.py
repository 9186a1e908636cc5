"""Facts with invented figures, for tests of what is delivered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ledgercast.domain.facts import Check, Facts, Headline, Organisation, Series, Window

MONTHS = tuple(f"{m} 2025" for m in ("Dec",)) + tuple(
    f"{m} 2026" for m in ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov")
)
KEYS = ("2025-12", *(f"2026-{n:02d}" for n in range(1, 12)))
REVENUE = tuple(f"{41_250 + 1_137 * n + (n % 3) * 2_450}.{n:02d}" for n in range(12))
PNG = b"\x89PNG\r\n\x1a\n" + b"invented picture " * 40

REVENUE_FACTS = Facts(
    metric="revenue",
    title="Revenue (Monthly)",
    organisation=Organisation("Fernhill Joinery & Sons Ltd", "GBP", "Europe/London", "!fH3nZ"),
    window=Window("2025-12-01", "2026-11-25", "Dec 2025 – Nov 2026", partial_last=True),
    basis="accrual",
    as_of="2026-11-25T09:00:05+00:00",
    unit="currency",
    categories=MONTHS,
    category_keys=KEYS,
    series=(Series("revenue", "Revenue", "line", REVENUE),),
    headline=Headline("Oct 2026", REVENUE[10], REVENUE[9], "7.1"),
    total="601234.56",
    notes=("Nov 2026 is not a full month",),
    checks=(Check("Total Income", "601234.56", "601234.56", ok=True),),
)

EMPTY_FACTS = replace(
    REVENUE_FACTS,
    series=(),
    headline=Headline("Oct 2026", "0.00", None, None),
    total="0.00",
    notes=("No activity between 1 Dec 2025 and 25 Nov 2026",),
)


def cash_flow(accounts: int = 6) -> Facts:
    """Cash In vs Out with as many accounts, the widest table there is."""
    names = [f"{name} account" for name in ("Current", "Reserve", "Euro", "Payroll", "Tax", "Petty cash")][:accounts]
    sides = [
        Series(f"{side}:{n}", name, "bar", tuple(f"{sign}{1000 * (n + 1) + 7 * m}.50" for m in range(12)))
        for side, sign in (("received", ""), ("spent", "-"))
        for n, name in enumerate(names)
    ]
    net = Series("net", "Net", "marker", tuple(f"{'-' if m % 2 else ''}{m}00.00" for m in range(12)))
    return replace(
        REVENUE_FACTS,
        metric="cash_in_vs_out",
        title="Cash In vs Out",
        basis=None,
        series=(*sides, net),
        headline=Headline("Oct 2026", "1000.00", "-900.00", "211.1"),
        total="-600.00",
        notes=("Transfers between own accounts count on both sides",),
    )


def named(name: str) -> Facts:
    """An expense breakdown in which every name of Xero's is the given one."""
    return replace(
        REVENUE_FACTS,
        metric="expense_breakdown",
        title="Expense Breakdown",
        organisation=replace(REVENUE_FACTS.organisation, name=name),
        categories=(name, "Rent"),
        category_keys=("a-1", "a-2"),
        series=(Series("amount", "Amount", "bar", ("1200.00", "-35.10")),),
        headline=Headline(name, "1164.90", None, None),
        total="1164.90",
        notes=(name,),
        checks=(Check(name, "1.00", "2.00", ok=False),),
    )


def details(facts: Facts) -> dict[str, Any]:
    return {"alt": f"Line chart: {facts.title} of {facts.organisation.name}, twelve months.", "width": 1600}


def summary(*points: str) -> dict[str, Any]:
    given = list(points) or ["Highest in Nov 2026 (£58,657.11)", "All twelve months together: £601,234.56"]
    return {"kind": "template", "headline": "Revenue was £55,070.10 in Oct 2026", "points": given}
