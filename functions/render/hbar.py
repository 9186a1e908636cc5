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


def hbar(scene: Scene, facts: Facts, theme: Theme) -> None:
    room = frame(scene, facts, theme, [])
    values = [Decimal(value or 0) for value in facts.series[0].values]
    pitch = min(76.0, (room.bottom - room.top) / max(1, len(values)))
    size = LABEL if pitch >= 26 else max(11, int(pitch * 0.72))
    whole = Decimal(facts.total or 0)
    amounts = [words.short(value, facts) for value in values]
    asides = [_aside(key, value, whole) for key, value in zip(facts.category_keys, values, strict=True)]
    names = [cut(name, size, _NAMES, ending=True) for name in facts.categories]
    left = room.left + max(width(name, size) for name in names) + 18
    ends = max(_label_width(pair, size) for pair in zip(amounts, asides, strict=True)) + 12
    scale = scale_of(values, FINEST[facts.unit], left, room.right - ends)
    zero = round(scale.at(Decimal(0)))
    for index, value in enumerate(values):
        middle = room.top + pitch * (index + 0.5)
        scene.write(left - 18, middle + size * 0.36, names[index], size, theme.ink, anchor="end")
        _bar(scene, scale, middle, pitch, value, _colour(facts.category_keys[index], value, theme))
        end = max(scale.at(value), zero) + 12
        _label(scene, end, middle + size * 0.36, (amounts[index], asides[index]), size, theme)
    scene.line(((zero, room.top), (zero, room.top + pitch * len(values))), theme.axis, 2)


def _aside(key: str, value: Decimal, whole: Decimal) -> str:
    """Beside the amount its share of the whole; the currency row is outside that whole (metrics.md 2)."""
    return "not in the total" if key == "FXGROUPID" else words.share(value, whole) or ""


def _label_width(label: tuple[str, str], size: int) -> float:
    amount, aside = label
    return width(amount, size, "semibold") + (12 + width(aside, size) if aside else 0)


def _label(scene: Scene, x: float, y: float, label: tuple[str, str], size: int, theme: Theme) -> None:
    amount, aside = label
    scene.write(x, y, amount, size, theme.ink, "semibold")
    scene.write(x + width(amount, size, "semibold") + 12, y, aside, size, theme.muted)


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
