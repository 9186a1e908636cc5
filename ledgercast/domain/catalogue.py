"""The metric catalogue (metrics.md 1): docs/metrics.md, the console and the API are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ledgercast.domain.errors import UnknownMetric

Category = Literal["Profitability", "Expenses", "Cash & Banking", "Receivables & Payables"]
Chart = Literal["line", "bar", "combo", "hbar", "stacked"]
Report = Literal["Profit and Loss", "Bank Summary", "open invoices", "open bills"]


@dataclass(frozen=True)
class Metric:
    """One metric. `derivation` is the line under its chart; `better` says which way is good news, if either."""

    id: str
    title: str
    category: Category
    chart: Chart
    source: Report
    meaning: str
    derivation: str
    hint: str
    cadence: str
    better: Literal["up", "down"] | None
    recommended: bool = False


METRICS = (
    Metric(
        id="revenue",
        title="Revenue (Monthly)",
        category="Profitability",
        chart="line",
        source="Profit and Loss",
        meaning="What the organisation earned from its trade each month.",
        derivation="Sum of revenue accounts in Xero's Profit and Loss; other income is not included",
        hint="Say how the last full month compares with the one before and where it stands in the year.",
        cadence="weekly, Monday",
        better="up",
        recommended=True,
    ),
    Metric(
        id="gross_profit",
        title="Gross Profit (Monthly)",
        category="Profitability",
        chart="line",
        source="Profit and Loss",
        meaning="What is left of revenue after the direct cost of what was sold.",
        derivation="Revenue less cost of sales, from Xero's Profit and Loss",
        hint="Relate the change to revenue: a falling gross profit on steady revenue is a cost problem.",
        cadence="weekly",
        better="up",
    ),
    Metric(
        id="net_profit",
        title="Net Profit/Loss (Monthly)",
        category="Profitability",
        chart="bar",
        source="Profit and Loss",
        meaning="What the organisation made or lost each month, everything counted.",
        derivation="Gross profit plus other income less operating expenses, from Xero's Profit and Loss",
        hint="Name runs of losses and the best and worst months.",
        cadence="weekly",
        better="up",
    ),
    Metric(
        id="revenue_vs_expenses",
        title="Revenue vs Expenses",
        category="Profitability",
        chart="combo",
        source="Profit and Loss",
        meaning="Revenue beside everything it cost to earn it.",
        derivation="Revenue beside cost of sales plus operating expenses, from Xero's Profit and Loss",
        hint="Say in which months expenses were above revenue.",
        cadence="weekly",
        better="up",
    ),
    Metric(
        id="cost_of_sales_pct",
        title="Cost of Sales % of Revenue",
        category="Profitability",
        chart="line",
        source="Profit and Loss",
        meaning="How much of each unit of revenue goes into the direct cost of what was sold.",
        derivation="Cost of sales ÷ revenue, from Xero's Profit and Loss",
        hint="Changes are in percentage points; a rise squeezes the margin.",
        cadence="weekly",
        better="down",
    ),
    Metric(
        id="operating_expenses",
        title="Operating Expenses (Monthly)",
        category="Expenses",
        chart="bar",
        source="Profit and Loss",
        meaning="What running the organisation cost each month, cost of sales apart.",
        derivation="Sum of expense accounts other than cost of sales in Xero's Profit and Loss",
        hint="Name months that stand out against the usual level.",
        cadence="weekly",
        better="down",
    ),
    Metric(
        id="expense_breakdown",
        title="Expense Breakdown",
        category="Expenses",
        chart="hbar",
        source="Profit and Loss",
        meaning="Where the operating expenses of twelve months went.",
        derivation="Operating expense accounts over the whole window, from Xero's Profit and Loss",
        hint="Name the largest accounts and their share of the whole.",
        cadence="weekly",
        better="down",
    ),
    Metric(
        id="cash_position",
        title="Cash Position",
        category="Cash & Banking",
        chart="bar",
        source="Bank Summary",
        meaning="What each bank account holds today by Xero's ledger.",
        derivation="Closing balances in Xero's Bank Summary: the ledger, not the bank's statement",
        hint="Name accounts that are overdrawn and the change since the month began.",
        cadence="daily",
        better="up",
    ),
    Metric(
        id="cash_in_vs_out",
        title="Cash In vs Out",
        category="Cash & Banking",
        chart="stacked",
        source="Bank Summary",
        meaning="Money received and spent each month, by bank account.",
        derivation="Cash received and cash spent by account, from Xero's Bank Summary",
        hint="Name months in which more went out than came in.",
        cadence="Monday",
        better="up",
    ),
    Metric(
        id="aged_receivables",
        title="Aged Receivables",
        category="Receivables & Payables",
        chart="bar",
        source="open invoices",
        meaning="What customers owe, by how long it is overdue.",
        derivation="Amounts due on approved sales invoices, by days past the due date",
        hint="Say which share is overdue and how much is older than 90 days.",
        cadence="daily",
        better="down",
    ),
    Metric(
        id="aged_payables",
        title="Aged Payables",
        category="Receivables & Payables",
        chart="bar",
        source="open bills",
        meaning="What the organisation owes its suppliers, by how long it is overdue.",
        derivation="Amounts due on approved bills, by days past the due date",
        hint="Say which share is overdue and how much is older than 90 days.",
        cadence="Monday",
        better="down",
    ),
)


def metric(metric_id: str) -> Metric:
    """The metric of that id. Raises UnknownMetric, naming those there are."""
    for one in METRICS:
        if one.id == metric_id:
            return one
    known = ", ".join(one.id for one in METRICS)
    raise UnknownMetric(f"There is no metric {metric_id!r}. The metrics are: {known}")
