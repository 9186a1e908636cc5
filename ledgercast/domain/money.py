"""Money is Decimal, cents are rounded half up, and amounts travel as text."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def cents(amount: Decimal) -> Decimal:
    """The amount to two places, half up (metrics.md 2)."""
    rounded = amount.quantize(CENT, ROUND_HALF_UP)
    return rounded if rounded else ZERO  # -0.00 is nobody's figure


def text(amount: Decimal) -> str:
    """An amount as facts carry it: two places, a minus in front, no separators."""
    return str(cents(amount))
