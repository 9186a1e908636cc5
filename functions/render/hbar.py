"""Horizontal bars: names at the left, amounts and shares at the bars' ends."""

from __future__ import annotations

from decimal import Decimal

from ledgercast.domain.facts import Facts

from functions.render import words
from functions.render.axes import FINEST, LABEL
from functions.render.frame import frame
from functions.render.lettering import cut, width
from functions.render.scale import Scale, scale_of
from functions.render.scene import Box, Scene
from functions.render.theme import Theme, mix

_NAMES = 430  # the most that names may take of the width


def hbar(scene: Scene, facts: Facts, theme: Theme) -> None:
    room = frame(scene, facts, theme, [])
    values = [Decimal(value or 0) for value in facts.series[0].values]
    pitch = min(56.0, (room.bottom - room.top) / max(1, len(values)))
    size = LABEL if pitch >= 26 else max(11, int(pitch * 0.72))
    names = [cut(name, size, _NAMES) for name in facts.categories]
    left = room.left + max((width(name, size) for name in names), default=0) + 18
    ends = max((width(words.short(value, facts), size, "semibold") for value in values), default=0) + 110
    inset = ends if min(values, default=Decimal(0)) < 0 else 0
    scale = scale_of(values, FINEST[facts.unit], left + inset, room.right - ends, 150)
    _grid(scene, scale, theme, room.top, room.top + pitch * len(values))
    whole = Decimal(facts.total or 0)
    for index, (name, value) in enumerate(zip(names, values, strict=True)):
        middle = room.top + pitch * (index + 0.5)
        key = facts.category_keys[index]
        scene.write(left - 18, middle + size * 0.36, name, size, theme.ink, anchor="end")
        _bar(scene, scale, middle, pitch, value, _colour(key, value, theme))
        aside = words.share(value, whole) if key != "FXGROUPID" else "outside the total"
        _label(scene, scale, middle, value, words.short(value, facts), aside or "", size, theme)


def _grid(scene: Scene, scale: Scale, theme: Theme, top: float, bottom: float) -> None:
    for value in scale.ticks:
        x = round(scale.at(value))
        scene.line(((x, top), (x, bottom)), theme.grid if value else theme.axis, 2)


def _bar(scene: Scene, scale: Scale, middle: float, pitch: float, value: Decimal, colour: str) -> None:
    half = min(pitch * 0.33, 17)
    zero, end = scale.at(Decimal(0)), scale.at(value)
    box = Box(min(zero, end), middle - half, max(zero, end), middle + half)
    scene.block(box, colour, round_side="right" if value >= 0 else "left")


def _label(
    scene: Scene, scale: Scale, middle: float, value: Decimal, amount: str, aside: str, size: int, theme: Theme
) -> None:
    x, y, wide = scale.at(value), middle + size * 0.36, width(amount, size, "semibold")
    if value >= 0:
        scene.write(x + 12, y, amount, size, theme.ink, "semibold")
        scene.write(x + 24 + wide, y, aside, size, theme.muted)
    else:
        scene.write(x - 12, y, amount, size, theme.ink, "semibold", "end")
        scene.write(scale.at(Decimal(0)) + 12, y, aside, size, theme.muted)


def _colour(key: str, value: Decimal, theme: Theme) -> str:
    if value < 0:
        return theme.loss
    return mix(theme.quiet, theme.muted, 0.35) if key in ("other", "FXGROUPID") else theme.brand
