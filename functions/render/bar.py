"""Bars per month, account or age."""

from __future__ import annotations

from decimal import Decimal

from functions.render import words
from functions.render.axes import LABEL, Columns, baseline, columns, grid
from functions.render.frame import frame
from functions.render.lettering import Weight, width
from functions.render.months import headline_index, part_month
from functions.render.scene import Box, Scene, Side, placed
from functions.render.theme import Theme, mix
from ledgercast.domain.facts import Facts

_WIDEST = 150
_LEAST = 3  # pixels of a bar that is not zero


def bar(scene: Scene, facts: Facts, theme: Theme) -> None:
    values = facts.series[0].values
    known = [Decimal(value) for value in values if value is not None]
    plot = columns(scene, facts, theme, frame(scene, facts, theme, []), known, second=_shares(facts, known))
    behind = len(scene.items)
    colours = _colours(facts, theme)
    for index, value in enumerate(values):
        if value is not None:
            draw_bar(plot, index, Decimal(value), colours[index])
    baseline(plot)
    label_bars(plot, values)
    grid(plot, behind)


def draw_bar(plot: Columns, index: int, value: Decimal, colour: str, half: float | None = None) -> None:
    """One bar: rounded at its far end; striped and outlined for a month that is not over."""
    half = half or bar_width(plot) / 2
    x, y = plot.centre(index), plot.y(value)
    side: Side = "top" if value >= 0 else "bottom"
    if value and abs(y - plot.zero) < _LEAST:
        y = plot.zero - _LEAST if value > 0 else plot.zero + _LEAST
    box = Box(x - half, min(y, plot.zero), x + half, max(y, plot.zero))
    if part_month(plot.facts, index):
        plot.scene.block(box, mix(colour, plot.theme.background, 0.78), round_side=side, hatch=colour, outline=colour)
    else:
        plot.scene.block(box, colour, round_side=side)


def bar_width(plot: Columns, share: float = 0.64) -> float:
    return min(plot.slot * share, _WIDEST)


def label_bars(plot: Columns, values: tuple[str | None, ...]) -> None:
    """The value at each bar's end where all fit; else at the headline's month, the last, the highest and the lowest."""
    texts = {i: words.short(Decimal(v), plot.facts) for i, v in enumerate(values) if v is not None}
    roomy = all(width(text, LABEL, "semibold") + 8 <= plot.slot for text in texts.values())
    main = headline_index(plot.facts)
    ranked = sorted(texts, key=lambda i: Decimal(values[i] or 0))
    for index in texts if roomy else dict.fromkeys([main, len(values) - 1, *ranked[-1:], *ranked[:1]]):
        if index is None or index not in texts:
            continue
        value = Decimal(values[index] or 0)
        weight: Weight = "semibold" if index == main or main is None else "regular"
        y = plot.y(value) - 11 if value >= 0 else plot.y(value) + 27
        text = placed(plot.centre(index), y, texts[index], LABEL, plot.theme.ink, weight, "middle")
        if plot.scene.free(text.box):
            plot.scene.add(text)


def _shares(facts: Facts, known: list[Decimal]) -> list[str] | None:
    """Under each age its share of all that is due."""
    if "90+" not in facts.category_keys:
        return None
    shares = [words.share(value, sum(known, Decimal(0))) for value in known]
    return [f"{one} of total" if one else "" for one in shares] if all(shares) else None


def _colours(facts: Facts, theme: Theme) -> list[str]:
    """Ages darken with time; elsewhere the brand, and the loss colour below zero."""
    if "90+" in facts.category_keys:
        steps = (0.0, 0.34, 0.56, 0.78, 1.0)
        ages = dict(zip(("1-30", "31-60", "61-90", "90+"), steps[1:], strict=True))
        return [mix(theme.quiet, theme.brand, ages.get(key, 0.0)) for key in facts.category_keys]
    values = facts.series[0].values
    return [theme.loss if value is not None and Decimal(value) < 0 else theme.brand for value in values]
