"""Aged receivables and payables (metrics.md 2, Ageing)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from functions.fetch.ageing import Ledger, buckets
from functions.fetch.metrics.frame import Frame, Line, Reading, money
from ledgercast.domain.facts import Check
from ledgercast.domain.money import ZERO, text

LABELS: Final = {
    "current": "Current",
    "1-30": "1–30 days",
    "31-60": "31–60 days",
    "61-90": "61–90 days",
    "90+": "90+ days",
}


def aged(frame: Frame, ledger: Ledger, check: Check) -> Reading:
    """Five buckets by days past the due date; the headline is what is overdue."""
    sums = buckets(ledger.documents, frame.today)
    total = sum(sums.values(), ZERO)
    return Reading(
        window=frame.one_day,
        categories=tuple(LABELS[key] for key in sums),
        keys=tuple(sums),
        series=(Line("due", "Due", "bar", tuple(sums.values())),),
        label="Overdue",
        value=total - sums["current"],
        previous=None,
        total=total,
        notes=(*_notes(frame, ledger), *ledger.notes),
        extras={"road": ledger.road, "unallocated_credits": _unallocated(ledger)},
        checks=(check,),
    )


def _unallocated(ledger: Ledger) -> str | None:
    return None if ledger.credits is None else text(_credits(ledger))


def _credits(ledger: Ledger) -> Decimal:
    return sum((one.amount for one in ledger.credits or ()), ZERO)


def _notes(frame: Frame, ledger: Ledger) -> tuple[str, ...]:
    found = []
    ahead = sum((one.amount for one in ledger.documents if one.dated > frame.today), ZERO)
    if ahead:
        found.append(f"Current includes {money(ahead, frame)} of documents dated after today")
    if ledger.credits is None:
        found.append(f"Credits not yet allocated cannot be known {ledger.credits_gap}")
    elif ledger.credits_gap:
        known = money(_credits(ledger), frame)
        found.append(f"Credits not yet allocated are credit notes only, {known}, {ledger.credits_gap}")
    elif _credits(ledger):
        found.append(f"Credits not yet allocated, {money(_credits(ledger), frame)}, are not taken off")
    return tuple(found)
