"""A line over bars: revenue beside everything it cost."""

from __future__ import annotations

from decimal import Decimal

from functions.render import words
from functions.render.axes import Columns, baseline, columns, grid
from functions.render.bar import bar_width, draw_bar
from functions.render.frame import FOOT, Key, frame
from functions.render.lettering import width
from functions.render.line import Run, crosses, draw_line, label_line, runs
from functions.render.months import part_month
from functions.render.scene import Box, Scene, Shape, Text, placed
from functions.render.theme import Theme, mix, over
from ledgercast.domain.facts import Facts, Series


def combo(scene: Scene, facts: Facts, theme: Theme) -> None:
    stroke, bars = (next(one for one in facts.series if one.kind == kind) for kind in ("line", "bar"))
    keys = [Key(stroke.name, theme.brand, "line"), Key(bars.name, theme.quiet, "bar")]
    values = [Decimal(value) for one in (stroke, bars) for value in one.values if value is not None]
    plot = columns(scene, facts, theme, frame(scene, facts, theme, keys), values)
    half, behind = bar_width(plot, 0.76) / 2, len(scene.items)
    for index, value in enumerate(bars.values):
        if value is not None:
            draw_bar(plot, index, Decimal(value), theme.quiet, half)
    baseline(plot)
    draw_line(plot, stroke)
    over_bars = len(scene.items)
    _label_bars(plot, bars, half * 2, runs(plot, stroke))
    label_line(plot, stroke, _edges(plot, bars, half))
    _clear_stripes(plot, bars, half, over_bars)
    grid(plot, behind)


def _label_bars(plot: Columns, bars: Series, room: float, strokes: list[Run]) -> None:
    """The bars' values at their feet, or below their tops, where the line leaves room: all or none."""
    texts = {index: words.short(Decimal(value), plot.facts) for index, value in enumerate(bars.values) if value}
    if any(width(text, FOOT) > room - 4 for text in texts.values()):
        return
    colour = over(plot.theme.quiet, plot.theme)
    for index, short in texts.items():
        value = Decimal(bars.values[index] or 0)
        end, below = plot.y(value), value < 0
        places = (plot.zero + 26, end - 12) if below else (plot.zero - 12, end + 27)
        for y in places if abs(end - plot.zero) > 40 else ():
            text = placed(plot.centre(index), y, short, FOOT, colour, anchor="middle")
            if plot.scene.free(text.box) and not any(crosses(run, text.box.grown(8)) for run in strokes):
                plot.scene.add(text)
                break


def _bar_box(plot: Columns, bars: Series, half: float, index: int) -> Box:
    x, y = plot.centre(index), plot.y(Decimal(bars.values[index] or 0))
    return Box(x - half, min(y, plot.zero), x + half, max(y, plot.zero))


def _edges(plot: Columns, bars: Series, half: float) -> list[Box]:
    """The far end of each bar: no value of the line is written across it."""
    boxes = [_bar_box(plot, bars, half, index) for index in range(len(bars.values))]
    ends = [box.top if box.bottom <= plot.zero + 1 else box.bottom for box in boxes]
    return [Box(box.left, end - 2, box.right, end + 2) for box, end in zip(boxes, ends, strict=True)]


def _clear_stripes(plot: Columns, bars: Series, half: float, since: int) -> None:
    """A plain ground for each text among the stripes of the month that is not over."""
    last = len(bars.values) - 1
    if not part_month(plot.facts, last):
        return
    ground = mix(plot.theme.quiet, plot.theme.background, 0.78)
    striped = _bar_box(plot, bars, half, last)
    for item in plot.scene.items[since:]:
        if isinstance(item, Text) and item.box.meets(striped):
            place = plot.scene.items.index(item)
            plot.scene.items[place:place] = [Shape(item.box.grown(4).corners, ground)]
