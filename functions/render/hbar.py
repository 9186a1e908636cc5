"""Horizontal bars: names at the left, amounts and shares at the bars' ends."""

from __future__ import annotations

from decimal import Decimal

from functions.render import words
from functions.render.axes import FINEST, LABEL
from functions.render.frame import frame
from functions.render.lettering import cut, width
from functions.render.scale import Scale, scale_of
from functions.render.scene import Box, Scene
from functions.render.theme import Theme, mix
from ledgercast.domain.facts import Facts

_NAMES = 430  # the most that names may take of the width
_PITCH = 27  # the least from row to row: more rows than that leaves are told in one line


def hbar(scene: Scene, facts: Facts, theme: Theme) -> None:
    room = frame(scene, facts, theme, [])
    count, most = len(facts.categories), int((room.bottom - room.top) / _PITCH)
    rows = range(count if count <= most else most - 1)
    values = [Decimal(facts.series[0].values[index] or 0) for index in range(count)]
    pitch = min(76.0, (room.bottom - room.top) / min(count, most))
    whole = Decimal(facts.total or 0)
    amounts = [words.short(values[index], facts) for index in rows]
    asides = [_aside(facts.category_keys[index], values[index], whole) for index in rows]
    names = [cut(facts.categories[index], LABEL, _NAMES, ending=True) for index in rows]
    left = room.left + max(width(name, LABEL) for name in names) + 18
    ends = max(_label_width(pair) for pair in zip(amounts, asides, strict=True)) + 12
    scale = scale_of([values[index] for index in rows], FINEST[facts.unit], left, room.right - ends)
    zero = round(scale.at(Decimal(0)))
    for index in rows:
        middle = room.top + pitch * (index + 0.5)
        scene.write(left - 18, middle + 7, names[index], LABEL, theme.ink, anchor="end")
        _bar(scene, scale, middle, pitch, values[index], _colour(facts.category_keys[index], values[index], theme))
        end = max(scale.at(values[index]), zero) + 12
        _label(scene, end, middle + 7, (amounts[index], asides[index]), theme)
    scene.line(((zero, room.top), (zero, room.top + pitch * len(rows))), theme.axis, 2)
    if len(rows) < count:
        rest = words.short(sum(values[len(rows) :], Decimal(0)), facts)
        more = f"and {count - len(rows)} more, {rest} together, in the table"
        scene.write(zero + 12, room.top + pitch * (most - 0.5) + 7, more, LABEL, theme.muted)


def _aside(key: str, value: Decimal, whole: Decimal) -> str:
    """Beside the amount its share of the whole; the currency row is outside that whole (metrics.md 2)."""
    return "not in the total" if key == "FXGROUPID" else words.share(value, whole) or ""


def _label_width(label: tuple[str, str]) -> float:
    amount, aside = label
    return width(amount, LABEL, "semibold") + (12 + width(aside, LABEL) if aside else 0)


def _label(scene: Scene, x: float, y: float, label: tuple[str, str], theme: Theme) -> None:
    amount, aside = label
    scene.write(x, y, amount, LABEL, theme.ink, "semibold")
    scene.write(x + width(amount, LABEL, "semibold") + 12, y, aside, LABEL, theme.muted)


def _bar(scene: Scene, scale: Scale, middle: float, pitch: float, value: Decimal, colour: str) -> None:
    half = min(pitch * 0.35, 24)
    zero, end = scale.at(Decimal(0)), scale.at(value)
    if value and abs(end - zero) < 3:
        end = zero + 3 if value > 0 else zero - 3
    box = Box(min(zero, end), middle - half, max(zero, end), middle + half)
    scene.block(box, colour, round_side="right" if value >= 0 else "left")


def _colour(key: str, value: Decimal, theme: Theme) -> str:
    if value < 0:
        return theme.loss
    return mix(theme.quiet, theme.muted, 0.35) if key in ("other", "FXGROUPID") else theme.brand
