"""The eleven metrics computed a second time, from the sandbox's postings and documents alone, never from a report.

It shares no code with functions/fetch: where the two agree to the cent, a call shape, a parser and a rule are right.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from local.xero.books import Account, Books, Document, Posting

ZERO = Decimal(0)
FX = ("BANKCURRENCYGAIN", "REALISEDCURRENCYGAIN", "UNREALISEDCURRENCYGAIN")


def two(amount: Decimal) -> str:
    rounded = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return str(rounded if rounded else Decimal("0.00"))


def one(amount: Decimal) -> str:
    rounded = amount.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return str(rounded if rounded else Decimal("0.0"))


class Truth:
    """What is known on `today`: entries typed in later do not exist yet."""

    def __init__(self, books: Books, today: date) -> None:
        self.today = today
        self.currency = books.organisation.currency
        self.accounts = books.accounts
        self.postings = [p for p in books.postings if p.entered <= today and p.day <= today]
        self.documents = [d for d in books.documents if d.entered <= today]
        self.months = self._months()

    def of(self, metric: str) -> dict[str, Any]:
        """The parts of facts that are fixed to the cent: category_keys, series, headline, total, extras."""
        found = self._COMPUTED[metric](self)
        values = [value for line in found["series"].values() for value in line]
        if not any(value not in (None, "0.00") for value in values):
            nothing = None if metric == "cost_of_sales_pct" else "0.00"
            return {**found, "series": {}, "headline": (nothing, None, None), "total": nothing}
        return found

    def _months(self) -> list[str]:
        found, day = [], self.today.replace(day=1)
        for _ in range(12):
            found.append(f"{day:%Y-%m}")
            day = (day - timedelta(days=1)).replace(day=1)
        return found[::-1]

    # Profit and loss

    @staticmethod
    def kind(account: Account) -> str:
        if account.system in FX:
            return "currency"
        if account.type in ("SALES", "REVENUE"):
            return "revenue"
        if account.type == "OTHERINCOME":
            return "other"
        if account.type == "DIRECTCOSTS":
            return "cost"
        return "operating" if account.klass == "EXPENSE" else "revenue"

    def earned(self, month: str) -> dict[str, Decimal]:
        """By kind: income and expenses both positive."""
        sums = dict.fromkeys(("revenue", "other", "cost", "operating", "currency"), ZERO)
        for p in self._by_months.get(month, []):
            if p.account.klass in ("REVENUE", "EXPENSE"):
                sums[self.kind(p.account)] += -p.amount if p.account.klass == "REVENUE" else p.amount
        return sums

    @cached_property
    def _by_months(self) -> dict[str, list[Posting]]:
        found: dict[str, list[Posting]] = {}
        for p in self.postings:
            found.setdefault(f"{p.day:%Y-%m}", []).append(p)
        return found

    def _by_month(self, series: str, figure: Callable[[dict[str, Decimal]], Decimal]) -> dict[str, Any]:
        values = [figure(self.earned(month)) for month in self.months]
        return self._monthly({series: values}, values)

    def _monthly(self, series: dict[str, list[Decimal]], values: list[Decimal]) -> dict[str, Any]:
        value, previous = values[-2], values[-3]
        change = one(100 * (value - previous) / abs(previous)) if previous else None
        return {
            "category_keys": self.months,
            "series": {name: [two(v) for v in line] for name, line in series.items()},
            "headline": (two(value), two(previous), change),
            "total": two(sum(values, ZERO)),
        }

    def revenue(self) -> dict[str, Any]:
        return self._by_month("revenue", lambda e: e["revenue"])

    def gross_profit(self) -> dict[str, Any]:
        return self._by_month("gross_profit", lambda e: e["revenue"] - e["cost"])

    def net_profit(self) -> dict[str, Any]:
        return self._by_month(
            "net_profit", lambda e: e["revenue"] - e["cost"] + e["other"] - e["operating"] - e["currency"]
        )

    def operating_expenses(self) -> dict[str, Any]:
        return self._by_month("operating_expenses", lambda e: e["operating"] + e["currency"])

    def revenue_vs_expenses(self) -> dict[str, Any]:
        earned = [self.earned(month) for month in self.months]
        revenue = [e["revenue"] for e in earned]
        expenses = [e["cost"] + e["operating"] + e["currency"] for e in earned]
        left = [r - e for r, e in zip(revenue, expenses, strict=True)]
        return self._monthly({"revenue": revenue, "expenses": expenses}, left)

    def cost_of_sales_pct(self) -> dict[str, Any]:
        earned = [self.earned(month) for month in self.months]

        def percent(cost: Decimal, revenue: Decimal) -> str | None:
            return two(100 * cost / revenue) if revenue > 0 else None

        values = [percent(e["cost"], e["revenue"]) for e in earned]
        value, previous = values[-2], values[-3]
        change = None if value is None or previous in (None, "0.00") else one(Decimal(value) - Decimal(previous or 0))
        total = percent(sum((e["cost"] for e in earned), ZERO), sum((e["revenue"] for e in earned), ZERO))
        return {
            "category_keys": self.months,
            "series": {"cost_of_sales_pct": values},
            "headline": (value, previous, change),
            "total": total,
        }

    def expense_breakdown(self) -> dict[str, Any]:
        sums: dict[str, Decimal] = {}
        names: dict[str, str] = {}
        for p in self.postings:
            if f"{p.day:%Y-%m}" in self.months and p.account.klass == "EXPENSE" and self.kind(p.account) != "cost":
                key = "FXGROUPID" if self.kind(p.account) == "currency" else p.account.id
                sums[key] = sums.get(key, ZERO) + p.amount
                names[key] = " ".join(p.account.name.split())
        currency = sums.pop("FXGROUPID", ZERO)
        ordered = sorted((k for k in sums if sums[k]), key=lambda k: (-sums[k], names[k]))
        keys, values = ordered[:10], [sums[k] for k in ordered[:10]]
        if ordered[10:]:
            keys, values = [*keys, "other"], [*values, sum((sums[k] for k in ordered[10:]), ZERO)]
        total = two(sum(values, ZERO))
        if currency:
            keys, values = [*keys, "FXGROUPID"], [*values, currency]
        return {
            "category_keys": keys,
            "series": {"amount": [two(v) for v in values]},
            "headline": (total, None, None),
            "total": total,
        }

    # Cash

    def _banks(self) -> list[Account]:
        return [a for a in self.accounts if a.type == "BANK"]

    def _on(self, account: Account) -> list[Posting]:
        return [p for p in self.postings if p.account.id == account.id]

    def cash_position(self) -> dict[str, Any]:
        first = self.today.replace(day=1)
        balances = [sum((p.amount for p in self._on(a)), ZERO) for a in self._banks()]
        opening = sum((p.amount for a in self._banks() for p in self._on(a) if p.day < first), ZERO)
        total = sum(balances, ZERO)
        return {
            "category_keys": [a.id for a in self._banks()],
            "series": {"balance": [two(b) for b in balances]},
            "headline": (two(total), two(opening), one(100 * (total - opening) / abs(opening)) if opening else None),
            "total": two(total),
        }

    def cash_in_vs_out(self) -> dict[str, Any]:
        received: dict[str, list[Decimal]] = {}
        spent: dict[str, list[Decimal]] = {}
        for account in self._banks():
            received[account.id], spent[account.id] = [ZERO] * 12, [ZERO] * 12
            for p in self._on(account):
                if f"{p.day:%Y-%m}" in self.months and p.kind not in ("opening", "revaluation"):
                    side = received if p.amount > 0 else spent
                    side[account.id][self.months.index(f"{p.day:%Y-%m}")] += p.amount
        moved = {key: sum(received[key]) - sum(spent[key]) for key in received}
        order = sorted((key for key in moved if moved[key]), key=lambda key: -moved[key])
        series: dict[str, list[Decimal]] = {}
        for name, side in (("received", received), ("spent", spent)):
            series |= {f"{name}:{key}": side[key] for key in order[:5]}
            if order[5:]:
                series[f"{name}:other"] = [sum((side[k][m] for k in order[5:]), ZERO) for m in range(12)]
        net = [sum((received[k][m] + spent[k][m] for k in received), ZERO) for m in range(12)]
        return self._monthly({**series, "net": net}, net)

    # Ageing

    def _aged(self, kind: str, side: str) -> dict[str, Any]:
        sums = dict.fromkeys(("current", "1-30", "31-60", "61-90", "90+"), ZERO)
        unused = ZERO
        for d in self.documents:
            if d.status != "AUTHORISED":
                continue
            if d.type == kind:
                sums[self._bucket(d)] += self._home(d, d.amount_due)
            elif d.credit and ("REC" in d.type) == (side == "sales"):
                unused += self._home(d, d.remaining)
        total = sum(sums.values(), ZERO)
        return {
            "category_keys": list(sums),
            "series": {"due": [two(v) for v in sums.values()]},
            "headline": (two(total - sums["current"]), None, None),
            "total": two(total),
            "unallocated_credits": two(unused),
        }

    def _bucket(self, d: Document) -> str:
        late = (self.today - (d.due or d.day)).days
        if d.day > self.today or late <= 0:
            return "current"
        return "1-30" if late <= 30 else "31-60" if late <= 60 else "61-90" if late <= 90 else "90+"

    def _home(self, d: Document, amount: Decimal) -> Decimal:
        value = amount if d.currency == self.currency else amount / d.rate
        return value.quantize(Decimal("0.01"), ROUND_HALF_UP)

    def aged_receivables(self) -> dict[str, Any]:
        return self._aged("ACCREC", "sales")

    def aged_payables(self) -> dict[str, Any]:
        return self._aged("ACCPAY", "bills")

    _COMPUTED: dict[str, Callable[[Truth], dict[str, Any]]] = {  # noqa: RUF012
        "revenue": revenue,
        "gross_profit": gross_profit,
        "net_profit": net_profit,
        "revenue_vs_expenses": revenue_vs_expenses,
        "cost_of_sales_pct": cost_of_sales_pct,
        "operating_expenses": operating_expenses,
        "expense_breakdown": expense_breakdown,
        "cash_position": cash_position,
        "cash_in_vs_out": cash_in_vs_out,
        "aged_receivables": aged_receivables,
        "aged_payables": aged_payables,
    }


def told(facts: dict[str, Any]) -> dict[str, Any]:
    """The same parts, taken from facts as JSON."""
    headline = facts["headline"]
    found = {
        "category_keys": facts["category_keys"],
        "series": {line["id"]: line["values"] for line in facts["series"]},
        "headline": (headline["value"], headline["previous"], headline["change_pct"]),
        "total": facts["total"],
    }
    if facts["metric"].startswith("aged_"):
        found["unallocated_credits"] = facts["extras"]["unallocated_credits"]
    return found
