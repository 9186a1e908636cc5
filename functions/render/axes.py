"""Grid, value labels and category labels, shared by the charts with upright values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from functions.render import words
from functions.render.categories import categories_of, write_categories
from functions.render.lettering import width
from functions.render.scale import Scale, scale_of
from functions.render.scene import Box, Scene
from functions.render.theme import Theme
from ledgercast.domain.facts import Facts

LABEL = 20
FINEST = {"currency": Decimal("0.01"), "percent": Decimal("0.1")}


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
    scene: Scene, facts: Facts, theme: Theme, room: Box, values: list[Decimal], *, second: list[str] | None = None
) -> Columns:
    """Axes in the room, with headroom for labels; `second` is a last line under each category."""
    categories = categories_of(facts, room, second)
    floor = room.bottom - categories.height
    footroom = 42 if min(values, default=Decimal(0)) < 0 else 0
    scale = scale_of(values, FINEST[facts.unit], floor - footroom, room.top + 34)
    labels = [words.tick(value, scale.step, facts) for value in scale.ticks]
    gutter = max(width(label, LABEL) for label in labels) + 18
    box = Box(room.left + gutter, room.top, room.right, floor)
    plot = Columns(scene, theme, facts, box, scale)
    _tick_labels(plot, labels)
    write_categories(scene, categories, box, theme.muted, len(facts.categories))
    return plot


def _tick_labels(plot: Columns, labels: list[str]) -> None:
    written = ""
    for value, label in zip(plot.scale.ticks, labels, strict=True):
        if label != written:  # a currency without cents can repeat itself on a very small scale
            plot.scene.write(plot.box.left - 18, plot.y(value) + 7, label, LABEL, plot.theme.muted, anchor="end")
        written = label


def grid(plot: Columns, place: int) -> None:
    """The grid, put behind the items from that place on and broken where a line would run through a text."""
    behind = Scene(plot.scene.background)
    boxes = sorted(text.box for text in plot.scene.texts)
    for value in plot.scale.ticks:
        y, x = round(plot.y(value)), plot.box.left
        for box in boxes if value else ():
            if box.top - 6 < y < box.bottom + 6 and box.right > x:
                if box.left - 8 > x:
                    behind.line(((x, y), (box.left - 8, y)), plot.theme.grid, 2)
                x = box.right + 8
        if value and x < plot.box.right:
            behind.line(((x, y), (plot.box.right, y)), plot.theme.grid, 2)
    plot.scene.items[place:place] = behind.items


def baseline(plot: Columns) -> None:
    """The zero line, drawn over the bars' feet."""
    y = round(plot.zero)
    plot.scene.line(((plot.box.left, y), (plot.box.right, y)), plot.theme.axis, 2)
