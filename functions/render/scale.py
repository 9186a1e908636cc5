"""A value axis: round steps that include zero, and where a value lies in pixels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Scale:
    """`start` is the pixel of `low`, `end` that of `high`; either may be the greater."""

    low: Decimal
    high: Decimal
    step: Decimal
    start: float
    end: float

    def at(self, value: Decimal) -> float:
        share = float((value - self.low) / (self.high - self.low))
        return self.start + (self.end - self.start) * share

    @property
    def ticks(self) -> list[Decimal]:
        first = (self.low / self.step).to_integral_value(ROUND_CEILING)
        last = (self.high / self.step).to_integral_value(ROUND_FLOOR)
        return [self.step * (first + index) for index in range(int(last - first) + 1)]


def scale_of(values: Iterable[Decimal], finest: Decimal, start: float, end: float, apart: float = 84) -> Scale:
    """A scale from the least to the greatest of the values and zero, so that the data fill the plot.

    Ticks stand about `apart` pixels from each other; their step is never below `finest`.
    """
    known = [_NOTHING, *values]
    low, high = min(known), max(known)
    if low == high:
        return Scale(_NOTHING, Decimal(1), Decimal(2), start, end)  # all zero: the zero line alone
    step = _round_step((high - low) / max(3, int(abs(end - start) / apart)), finest)
    return Scale(low, high, step, start, end)


def _round_step(rough: Decimal, finest: Decimal) -> Decimal:
    power = Decimal(1).scaleb(rough.adjusted())
    step = next(power * one for one in _STEPS if power * one >= rough)
    return max(step, finest)
