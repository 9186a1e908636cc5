"""A line over bars: revenue beside everything it cost."""

from __future__ import annotations

from decimal import Decimal

from ledgercast.domain.facts import Facts, Series

from functions.render import words
from functions.render.axes import Columns, baseline, columns
from functions.render.bar import bar_width, draw_bar
from functions.render.frame import FOOT, Key, frame
from functions.render.lettering import width
from functions.render.line import draw_line, label_line
from functions.render.scene import Scene, placed
from functions.render.theme import Theme, over


def combo(scene: Scene, facts: Facts, theme: Theme) -> None:
    lines = [one for one in facts.series if one.kind == "line"]
    bars = [one for one in facts.series if one.kind == "bar"]
    keys = [Key(one.name, theme.brand, "line") for one in lines] + [Key(one.name, theme.quiet, "bar") for one in bars]
    values = [Decimal(value) for one in facts.series for value in one.values if value is not None]
    plot = columns(scene, facts, theme, frame(scene, facts, theme, keys), values)
    for series in bars:
        for index, value in enumerate(series.values):
            if value is not None:
                draw_bar(plot, index, Decimal(value), theme.quiet)
    baseline(plot)
    for series in bars:
        _label_feet(plot, series)
    for series in lines:
        draw_line(plot, series)
        label_line(plot, series)


def _label_feet(plot: Columns, series: Series) -> None:
    """The bars' values at their feet, away from the line."""
    for index, value in enumerate(series.values):
        if value is None:
            continue
        tall = abs(plot.y(Decimal(value)) - plot.zero)
        short = words.short(Decimal(value), plot.facts)
        if tall < 40 or width(short, FOOT) > bar_width(plot) - 6:
            continue
        y = plot.zero - 12 if Decimal(value) > 0 else plot.zero + 26
        text = placed(plot.centre(index), y, short, FOOT, over(plot.theme.quiet, plot.theme), anchor="middle")
        plot.scene.add(text)
