"""What a chart and its description say: figures in short and in full, the period, the basis, the check."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from functions.render.lettering import clean, isolate
from ledgercast.domain.facts import Check, Facts
from ledgercast.domain.periods import day_label
from ledgercast.figures import compact, exact, figure, percent

Verdict = Literal["ties", "off", "unknown"]


def presentable(facts: Facts) -> Facts:
    """The same facts with every name as it can be drawn: names come from Xero and may hold anything."""
    return replace(
        facts,
        title=clean(facts.title),
        organisation=replace(facts.organisation, name=clean(facts.organisation.name)),
        window=replace(facts.window, label=clean(facts.window.label)),
        headline=replace(facts.headline, label=clean(facts.headline.label)),
        categories=tuple(clean(one) for one in facts.categories),
        series=tuple(replace(one, name=clean(one.name)) for one in facts.series),
        notes=tuple(clean(one) for one in facts.notes),
        checks=tuple(replace(one, note=clean(one.note) if one.note else None) for one in facts.checks),
    )


def short(value: Decimal, facts: Facts) -> str:
    """A value on a label: $12.4K, 38.1%."""
    if facts.unit == "percent":
        return percent(value)
    whole = abs(value) >= 100 or value == int(value)
    return (compact if whole else exact)(value, facts.organisation.currency)


def tick(value: Decimal, step: Decimal, facts: Facts) -> str:
    """A value on an axis, with as many places as the step needs and no more."""
    if facts.unit == "percent":
        return percent(value).replace(".0%", "%")
    if step != int(step):
        return exact(value, facts.organisation.currency)
    quarters = step.normalize().as_tuple().digits == (2, 5)
    return compact(value, facts.organisation.currency, 2 if quarters else 1)


def full(value: Decimal | str | None, facts: Facts) -> str:
    """A value in full; a value that is not defined is said to be so."""
    return "n/a" if value is None else figure(value, facts)


def share(part: Decimal, whole: Decimal) -> str | None:
    """The part of a whole as a percentage; None where that would mean nothing."""
    if whole <= 0 or part < 0:
        return None
    return percent(100 * part / whole)


def subtitle(facts: Facts) -> list[str]:
    return [isolate(facts.organisation.name), period(facts), facts.organisation.currency]


def period(facts: Facts) -> str:
    """The window as days: "1 Dec 2025 – 25 Nov 2026", or the one day it is about."""
    start, end = date.fromisoformat(facts.window.start), date.fromisoformat(facts.window.end)
    return day_label(end) if start == end else f"{day_label(start)} – {day_label(end)}"


def basis(facts: Facts) -> str | None:
    return {"accrual": "Accrual basis", "cash": "Cash basis", None: None}[facts.basis]


def as_of(facts: Facts) -> str:
    """When Xero was asked, in the organisation's own time."""
    moment = datetime.fromisoformat(facts.as_of)
    return f"As of {day_label(moment.date())}, {moment:%H:%M}"


@dataclass(frozen=True)
class CheckResult:
    verdict: Verdict
    words: str


def check_result(facts: Facts) -> CheckResult | None:
    """The checks in a sentence: the worst failure; else that all ties; else why nothing compares (metrics.md 4)."""
    failed = [check for check in facts.checks if check.ok is False]
    if failed:
        worst = max(failed, key=_gap)
        return CheckResult("off", f"Does not tie: off by {exact(_gap(worst), facts.organisation.currency)}")
    if any(check.ok for check in facts.checks):
        return CheckResult("ties", "Ties to Xero's total")
    if facts.checks:
        why = next((check.note for check in facts.checks if check.note), "no control figure")
        return CheckResult("unknown", f"Not comparable: {why.removesuffix(': not comparable')}")
    return None


def _gap(check: Check) -> Decimal:
    return abs(Decimal(check.expected or 0) - Decimal(check.actual or 0))
