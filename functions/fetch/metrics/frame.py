"""What all facts have in common: the organisation, the window, the headline's change, and the rule of no activity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from functions.fetch.organisation import Organisation
from functions.fetch.snapshots import Snapshot
from ledgercast.domain.catalogue import Metric
from ledgercast.domain.facts import Check, Facts, Headline, Series, Window
from ledgercast.domain.money import cents, text
from ledgercast.domain.periods import Month, day_label, is_partial, window, window_label

Unit = Literal["currency", "percent"]
Kind = Literal["line", "bar", "marker"]


@dataclass(frozen=True)
class Frame:
    """Which metric, of whom, and when; days are those of the organisation."""

    metric: Metric
    organisation: Organisation
    now: datetime

    @property
    def today(self) -> date:
        return self.organisation.today(self.now)

    @property
    def months(self) -> tuple[Month, ...]:
        return window(self.today)

    @property
    def twelve_months(self) -> Window:
        first = self.months[0].first
        return Window(first.isoformat(), self.today.isoformat(), window_label(self.today), is_partial(self.today))

    @property
    def one_day(self) -> Window:
        return Window(self.today.isoformat(), self.today.isoformat(), day_label(self.today), partial_last=False)


@dataclass(frozen=True)
class Reading:
    """What a builder found out; `assemble` makes facts of it. Values are unrounded, None means not defined."""

    window: Window
    categories: tuple[str, ...]
    keys: tuple[str, ...]
    series: tuple[Line, ...]
    label: str
    value: Decimal | None
    previous: Decimal | None
    total: Decimal | None
    unit: Unit = "currency"
    basis: Literal["accrual"] | None = None
    notes: tuple[str, ...] = ()
    extras: dict[str, Any] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Line:
    """A series before it is written down."""

    id: str
    name: str
    kind: Kind
    values: tuple[Decimal | None, ...]


def assemble(frame: Frame, reading: Reading, snapshots: Iterable[Snapshot]) -> Facts:
    """The facts in their fixed form. Where every value is 0.00 or undefined there is no activity (metrics.md 5)."""
    active = any(value is not None and cents(value) for line in reading.series for value in line.values)
    nothing = None if reading.unit == "percent" else "0.00"
    sources = {one.question.key: one.source for one in snapshots}
    notes = (*reading.notes, *frame.organisation.notes)
    return Facts(
        metric=frame.metric.id,
        title=frame.metric.title,
        organisation=frame.organisation.facts,
        window=reading.window,
        basis=reading.basis,
        as_of=frame.now.astimezone(frame.organisation.zone).isoformat(timespec="seconds"),
        unit=reading.unit,
        categories=reading.categories,
        category_keys=reading.keys,
        series=tuple(map(_series, reading.series)) if active else (),
        headline=_headline(reading) if active else Headline(reading.label, nothing, None, None),
        total=_text(reading.total) if active else nothing,
        notes=notes if active else (f"No activity: every figure is zero for {reading.window.label}", *notes),
        extras=reading.extras,
        checks=reading.checks,
        source=tuple(sources.values()),
    )


def _series(line: Line) -> Series:
    return Series(line.id, line.name, line.kind, tuple(map(_text, line.values)))


def _headline(reading: Reading) -> Headline:
    changed = change(reading.value, reading.previous, reading.unit)
    return Headline(reading.label, _text(reading.value), _text(reading.previous), changed)


def change(value: Decimal | None, previous: Decimal | None, unit: Unit) -> str | None:
    """Percent with one place, half up; for a percentage the difference in points of the two-place figures.

    None where there is nothing to compare with, or it is 0 (metrics.md 2).
    """
    if value is None or previous is None or not cents(previous):
        return None
    now, before = cents(value), cents(previous)
    moved = now - before if unit == "percent" else 100 * (now - before) / abs(before)
    rounded = moved.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return str(rounded if rounded else Decimal("0.0"))


def money(amount: Decimal, frame: Frame) -> str:
    """An exact amount inside a note."""
    return f"{frame.organisation.currency} {text(amount)}"


def _text(value: Decimal | None) -> str | None:
    return None if value is None else text(value)
