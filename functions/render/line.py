"""A line over months; and the line that the combined chart lays over its bars."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from functions.render import words
from functions.render.axes import LABEL, Columns, baseline, columns, grid
from functions.render.frame import frame
from functions.render.lettering import Weight
from functions.render.months import headline_index, part_month
from functions.render.scene import Box, Point, Scene, Text, placed
from functions.render.theme import Theme, mix
from ledgercast.domain.facts import Facts, Series

Run = list[tuple[int, Point]]  # neighbouring months that are defined: index and point
_REACH = 14  # from a point to the ink of its label


def line(scene: Scene, facts: Facts, theme: Theme) -> None:
    series = facts.series[0]
    known = [Decimal(value) for value in series.values if value is not None]
    plot = columns(scene, facts, theme, frame(scene, facts, theme, []), known)
    for run in runs(plot, series):
        _fill(plot, run)
    behind = len(scene.items)
    baseline(plot)
    _not_defined(plot, series)
    draw_line(plot, series)
    label_line(plot, series)
    grid(plot, behind)


def draw_line(plot: Columns, series: Series) -> None:
    """The stroke, dashed into a month that is not over; a hollow dot per month, the headline's filled."""
    colour, theme = plot.theme.brand, plot.theme
    for run in runs(plot, series):
        whole = run[:-1] if part_month(plot.facts, run[-1][0]) else run
        plot.scene.line([point for _, point in whole], colour, 5)
        if whole is not run and whole:
            plot.scene.line((whole[-1][1], run[-1][1]), colour, 5, dash=(10, 8))
    radius = 7 if plot.slot > 60 else 4
    for index, (x, y) in (one for run in runs(plot, series) for one in run):
        part = part_month(plot.facts, index)
        filled = index == headline_index(plot.facts)
        plot.scene.dot(x, y, radius + 2.5, theme.background)
        rim = mix(colour, theme.background, 0.35 * part)
        plot.scene.dot(x, y, radius, colour if filled else theme.background, rim, 3.5)


def label_line(plot: Columns, series: Series, avoid: Sequence[Box] = ()) -> None:
    """Values at the points: the headline's month, the last, the extremes, then what else has room.

    `avoid` is what no label may lie across: the edges of bars.
    """
    main = headline_index(plot.facts)
    points = [one for run in runs(plot, series) for one in run]
    ranked = sorted((index for index, _ in points), key=lambda i: Decimal(series.values[i] or 0))
    others = ranked if plot.slot > 80 else []
    order = dict.fromkeys([main, len(series.values) - 1, *ranked[-1:], *ranked[:1], *others])
    strokes = [run for run in runs(plot, series) if len(run) > 1]
    for index in order:
        place = next((point for at, point in points if at == index), None)
        if index is None or place is None:
            continue
        value = words.short(Decimal(series.values[index] or 0), plot.facts)
        weight: Weight = "semibold" if index in (main, len(series.values) - 1) else "regular"
        text = _label_place(plot, place, value, weight, strokes, avoid)
        if text:
            plot.scene.add(text)


def _label_place(
    plot: Columns,
    point: Point,
    value: str,
    weight: Weight,
    strokes: list[Run],
    avoid: Sequence[Box],
) -> Text | None:
    """The first place round the point that is clear of texts, of edges and of the line itself."""
    x, y = point
    above, below = y - _REACH, y + _REACH + 15
    tries = [(x, above, "middle"), (x, below, "middle"), (x + 4, above, "end"), (x + 6, above, "start")]
    tries += [(x - 6, below, "end"), (x - 4, below, "start")]
    area = Box(plot.box.left, plot.box.top - 10, plot.box.right + 40, plot.box.bottom)
    for at, base, anchor in tries:
        text = placed(at, base, value, LABEL, plot.theme.ink, weight, anchor)  # type: ignore[arg-type]
        clear = (
            plot.scene.free(text.box, 7) and text.box.within(area) and not any(text.box.meets(one, 2) for one in avoid)
        )
        if clear and not any(crosses(run, text.box) for run in strokes):
            return text
    return None


def crosses(run: Run, box: Box) -> bool:
    """Whether the line comes within a few pixels of the box, sampled every 4 pixels along x."""
    for (_, (x0, y0)), (_, (x1, y1)) in pairwise(run):
        left, right = max(x0, box.left - 4), min(x1, box.right + 4)
        steps = int((right - left) / 4) + 1 if right >= left else 0
        for step in range(steps + 1):
            x = min(right, left + 4 * step)
            y = y0 + (y1 - y0) * (x - x0) / (x1 - x0)
            if steps and box.top - 5 < y < box.bottom + 5:
                return True
    return False


def runs(plot: Columns, series: Series) -> list[Run]:
    """The stretches between months that are not defined, as (index, point)."""
    found: list[Run] = [[]]
    for index, value in enumerate(series.values):
        if value is None:
            found.append([])
        else:
            found[-1].append((index, (plot.centre(index), plot.y(Decimal(value)))))
    return [run for run in found if run]


def _fill(plot: Columns, run: Run) -> None:
    whole = [point for index, point in run if not part_month(plot.facts, index)]
    if len(whole) > 1:
        feet = ((whole[-1][0], plot.zero), (whole[0][0], plot.zero))
        plot.scene.polygon((*whole, *feet), mix(plot.theme.background, plot.theme.brand, 0.1))


def _not_defined(plot: Columns, series: Series) -> None:
    for index, value in enumerate(series.values):
        if value is None and plot.slot > 40:
            plot.scene.write(plot.centre(index), plot.zero - 12, "n/a", LABEL, plot.theme.muted, anchor="middle")
