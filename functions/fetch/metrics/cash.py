"""Cash position, and cash in against cash out (metrics.md 2, Cash)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from functions.fetch.bank import BankMonth, Movement, closing_check
from functions.fetch.metrics.frame import Frame, Line, Reading
from ledgercast.domain.money import ZERO

MOST_ACCOUNTS: Final = 5
TRANSFERS = "Transfers between own accounts count as received in one and as spent in the other"


def position(frame: Frame, month: BankMonth) -> Reading:
    """What every account holds today, in Xero's order; what is owed is negative."""
    total = sum((one.closing for one in month.accounts), ZERO)
    return Reading(
        window=frame.one_day,
        categories=tuple(one.name for one in month.accounts),
        keys=tuple(one.id for one in month.accounts),
        series=(Line("balance", "Balance", "bar", tuple(one.closing for one in month.accounts)),),
        label=frame.one_day.label,
        value=total,
        previous=sum((one.opening for one in month.accounts), ZERO),
        total=total,
        checks=(closing_check([month]),),
    )


def in_vs_out(frame: Frame, months: tuple[BankMonth, ...]) -> Reading:
    """Received above the line and spent below it, by account: the five that moved most, then the rest."""
    shown, rest = _chosen(months)
    net = tuple(sum((one.received - one.spent for one in month.accounts), ZERO) for month in months)
    sides = (
        *_side("received", months, shown, rest, lambda one: one.received),
        *_side("spent", months, shown, rest, lambda one: -one.spent),
    )
    return Reading(
        window=frame.twelve_months,
        categories=tuple(month.month.label for month in months),
        keys=tuple(month.month.key for month in months),
        series=(*sides, Line("net", "Net", "marker", net)),
        label=frame.months[-2].label,
        value=net[-2],
        previous=net[-3],
        total=sum(net, ZERO),
        notes=(TRANSFERS,),
        checks=(closing_check(months),),
    )


def _chosen(months: tuple[BankMonth, ...]) -> tuple[dict[str, str], frozenset[str]]:
    """The accounts to show (id to newest name), the busiest first, and the ids of the rest; the unmoved are neither."""
    names: dict[str, str] = {}
    moved: dict[str, Decimal] = {}
    for month in reversed(months):
        for one in month.accounts:
            names.setdefault(one.id, one.name)
            moved[one.id] = moved.get(one.id, ZERO) + one.received + one.spent
    ordered = sorted((key for key in moved if moved[key]), key=lambda key: -moved[key])
    return {key: names[key] for key in ordered[:MOST_ACCOUNTS]}, frozenset(ordered[MOST_ACCOUNTS:])


def _side(
    side: str,
    months: tuple[BankMonth, ...],
    shown: dict[str, str],
    rest: frozenset[str],
    figure: Callable[[Movement], Decimal],
) -> list[Line]:
    def values(ids: frozenset[str]) -> tuple[Decimal, ...]:
        return tuple(sum((figure(one) for one in month.accounts if one.id in ids), ZERO) for month in months)

    lines = [Line(f"{side}:{key}", name, "bar", values(frozenset({key}))) for key, name in shown.items()]
    if rest:
        lines.append(Line(f"{side}:other", "Other", "bar", values(rest)))
    return lines
