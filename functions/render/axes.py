"""Grid, value labels and category labels, shared by the charts with upright values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ledgercast.domain.facts import Facts

from functions.render import words
from functions.render.frame import SMALL
from functions.render.lettering import cut, width, wrap
from functions.render.scale import Scale, scale_of
from functions.render.scene import Box, Scene, Text, placed
from functions.render.theme import Theme

LABEL = 20
FINEST = {"currency": Decimal("0.01"), "percent": Decimal("0.1")}
_LINE = 27  # pixels from one line of category labels to the next
_TURNED_ROOM = 190


@dataclass(frozen=True)
class Columns:
    """Upright plot: one slot of equal width per category."""

    scene: Scene
    theme: Theme
    facts: Facts
    box: Box
    scale: Scale

    @property
    def slot(self) -> float:
        return (self.box.right - self.box.left) / max(1, len(self.facts.categories))

    @property
    def zero(self) -> float:
        return self.scale.at(Decimal(0))

    def centre(self, index: int) -> float:
        return self.box.left + self.slot * (index + 0.5)

    def y(self, value: Decimal) -> float:
        return self.scale.at(value)


def columns(
    scene: Scene, facts: Facts, theme: Theme, room: Box, values: list[Decimal], *, below: list[str] | None = None
) -> Columns:
    """Grid and axes in the room, with headroom for labels; `below` is a second line under each category."""
    upper = _upper_lines(facts)
    lower = below or _second_lines(facts)
    floor = room.bottom - _axis_height(facts, upper, lower, room)
    footroom = 34 if min(values, default=Decimal(0)) < 0 else 0
    scale = scale_of(values, FINEST[facts.unit], floor - footroom, room.top + 34)
    labels = [words.tick(value, scale.step, facts) for value in scale.ticks]
    gutter = max(width(label, LABEL) for label in labels) + 18
    plot = Columns(scene, theme, facts, Box(room.left + gutter, room.top, room.right, floor), scale)
    _grid(plot, labels)
    _names(plot, upper, lower)
    return plot


def _grid(plot: Columns, labels: list[str]) -> None:
    box, theme, written = plot.box, plot.theme, ""
    for value, label in zip(plot.scale.ticks, labels, strict=True):
        y = round(plot.y(value))
        if value:
            plot.scene.line(((box.left, y), (box.right, y)), theme.grid, 2)
        if label != written:
            plot.scene.write(box.left - 18, y + 7, label, LABEL, theme.muted, anchor="end")
        written = label


def baseline(plot: Columns) -> None:
    """The zero line, drawn over the bars' feet."""
    y = round(plot.zero)
    plot.scene.line(((plot.box.left, y), (plot.box.right, y)), plot.theme.axis, 2)


def is_month(key: str) -> bool:
    return len(key) == 7 and key[4] == "-" and (key[:4] + key[5:]).isdecimal()


def _upper_lines(facts: Facts) -> list[str]:
    """A month without its year (the year stands below, once); any other category as it is."""
    pairs = zip(facts.categories, facts.category_keys, strict=True)
    return [name.rsplit(" ", 1)[0] if is_month(key) else name for name, key in pairs]


def _second_lines(facts: Facts) -> list[str]:
    """The year under the first month and each January; "to date" under a part month."""
    lines, shown = [], ""
    for key in facts.category_keys:
        year = key[:4] if is_month(key) else ""
        lines.append(year if year != shown else "")
        shown = year
    if lines and facts.window.partial_last:
        lines[-1] = "to date"
    return lines


def _turned(facts: Facts, upper: list[str], room: Box) -> bool:
    """Whether names need to stand upright: not months, and not to be told in two lines of their slot."""
    slot = (room.right - room.left - 90) / max(1, len(upper))
    months = all(is_month(key) for key in facts.category_keys)
    return not months and slot < 84 and any(width(name, SMALL) > slot - 10 for name in upper)


def _axis_height(facts: Facts, upper: list[str], lower: list[str], room: Box) -> float:
    if _turned(facts, upper, room):
        return min(_TURNED_ROOM, max(width(name, LABEL) for name in upper)) + 26
    wrapped = not all(is_month(key) for key in facts.category_keys)
    slot = (room.right - room.left - 110) / max(1, len(upper))
    lines = 2 if wrapped and any(width(name, SMALL) > slot - 14 for name in upper) else 1
    return 16 + _LINE * (lines + any(lower))


def _names(plot: Columns, upper: list[str], lower: list[str]) -> None:
    facts, theme, box = plot.facts, plot.theme, plot.box
    turned = _turned(facts, upper, Box(box.left - 90, 0, box.right, 0))
    months = all(is_month(key) for key in facts.category_keys)
    every = _stride(plot, upper) if months else 1
    last = len(upper) - 1
    for index, name in enumerate(upper):
        x, y = plot.centre(index), box.bottom + _LINE
        if turned:
            _write_turned(plot, x, cut(name, LABEL, _TURNED_ROOM))
            continue
        if (last - index) % every:
            continue
        lines = [name] if months else wrap(name, SMALL, plot.slot - 14, 2)
        for line in lines:
            _write_free(plot, placed(x, y, line, SMALL, theme.muted, anchor="middle"))
            y += _LINE
        _write_free(plot, placed(x, y, lower[index], SMALL, theme.muted, anchor="middle"))


def _write_free(plot: Columns, text: Text) -> None:
    if text.content and plot.scene.free(text.box):
        plot.scene.add(text)


def _write_turned(plot: Columns, x: float, name: str) -> None:
    text = Text(name, round(x + 7), round(plot.box.bottom + 14 + width(name, LABEL)), LABEL, plot.theme.muted, turned=True)
    if plot.scene.free(text.box, 2):
        plot.scene.add(text)


def _stride(plot: Columns, names: list[str]) -> int:
    widest = max((width(name, SMALL) for name in names), default=0)
    return next(n for n in range(1, 99) if plot.slot * n >= widest + 10)
