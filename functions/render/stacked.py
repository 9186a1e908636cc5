"""Received above zero, spent below it, by account; the net as a marker and, in figures, under each month."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from functions.render import words
from functions.render.axes import LABEL, Columns, baseline, columns, grid
from functions.render.bar import bar_width
from functions.render.frame import SMALL, Key, frame, marker
from functions.render.lettering import Weight, width
from functions.render.months import headline_index, part_month
from functions.render.scene import Box, Scene, placed
from functions.render.theme import Theme, mix
from ledgercast.domain.facts import Facts, Series


def stacked(scene: Scene, facts: Facts, theme: Theme) -> None:
    parts = [one for one in facts.series if one.kind != "marker"]
    nets = [one for one in facts.series if one.kind == "marker"]
    colours = _colours(parts, theme)
    keys = [Key(name, colour, "bar") for name, colour in _names(parts, colours).items()]
    keys += [Key(one.name, theme.ink, "marker") for one in nets]
    tops, feet = _sums(parts, 1), _sums(parts, -1)
    room = frame(scene, facts, theme, keys)
    row = 44 if nets else 0
    values = [*tops, *feet, *(Decimal(v) for one in nets for v in one.values if v is not None)]
    plot = columns(scene, facts, theme, Box(room.left, room.top, room.right, room.bottom - row), values)
    behind = len(scene.items)
    for index in range(len(facts.categories)):
        _stack(plot, index, parts, colours)
    baseline(plot)
    _label_ends(plot, tops, feet)
    for net in nets:
        _net(plot, net, room.bottom)
    grid(plot, behind)


def _account(series: Series) -> str:
    return series.id.split(":", 1)[-1]


def _colours(parts: list[Series], theme: Theme) -> dict[str, str]:
    """One colour per account, the same above and below zero."""
    accounts = list(dict.fromkeys(_account(one) for one in parts))
    shades = [*theme.palette, *(mix(one, theme.ink, 0.45) for one in theme.palette)]
    plain = [one for one in accounts if one != "other"]
    colours = {account: shades[index % len(shades)] for index, account in enumerate(plain)}
    return {account: colours.get(account, theme.quiet) for account in accounts}


def _names(parts: list[Series], colours: dict[str, str]) -> dict[str, str]:
    names = {_account(one): one.name for one in reversed(parts)}
    return {names[account]: colour for account, colour in colours.items()}


def _sums(parts: list[Series], sign: int) -> list[Decimal]:
    columns = zip(*(one.values for one in parts), strict=True)
    return [sum((_signed(values, sign)), Decimal(0)) for values in columns]


def _signed(values: Iterable[str | None], sign: int) -> list[Decimal]:
    return [Decimal(value) for value in values if value is not None and Decimal(value) * sign > 0]


def _stack(plot: Columns, index: int, parts: list[Series], colours: dict[str, str]) -> None:
    """The month's blocks outward from zero, a hair of background between them."""
    half = bar_width(plot) / 2
    x, reached = plot.centre(index), {1: Decimal(0), -1: Decimal(0)}
    for series in parts:
        value = Decimal(series.values[index] or 0)
        sign = 1 if value > 0 else -1
        before, reached[sign] = reached[sign], reached[sign] + value
        inner, outer = plot.y(before), plot.y(reached[sign])
        gap = 2 * sign if before and abs(outer - inner) > 4 else 0
        box = Box(x - half, min(inner - gap, outer), x + half, max(inner - gap, outer))
        colour = colours[_account(series)]
        if part_month(plot.facts, index):
            plot.scene.block(box, mix(colour, plot.theme.background, 0.78), hatch=colour)
        else:
            plot.scene.block(box, colour)


def _label_ends(plot: Columns, tops: list[Decimal], feet: list[Decimal]) -> None:
    texts = [words.short(value, plot.facts) for value in (*tops, *feet)]
    if any(width(text, LABEL) + 8 > plot.slot for text in texts):
        return
    main = headline_index(plot.facts)
    for index, value in [*enumerate(tops), *enumerate(feet)]:
        if value:
            y = plot.y(value) - 11 if value > 0 else plot.y(value) + 27
            weight: Weight = "semibold" if index == main else "regular"
            text = placed(
                plot.centre(index), y, words.short(value, plot.facts), LABEL, plot.theme.ink, weight, "middle"
            )
            if plot.scene.free(text.box):
                plot.scene.add(text)


def _net(plot: Columns, net: Series, foot: float) -> None:
    main, y = headline_index(plot.facts), foot - 8
    plot.scene.write(plot.box.left - 18, y, net.name, SMALL, plot.theme.ink, "semibold", "end")
    for index, text in enumerate(net.values):
        if text is None:
            continue
        value = Decimal(text)
        marker(plot.scene, plot.centre(index), plot.y(value), plot.theme.ink, plot.theme)
        colour = plot.theme.loss if value < 0 else plot.theme.ink
        weight: Weight = "semibold" if index == main else "regular"
        label = placed(plot.centre(index), y, words.short(value, plot.facts), LABEL, colour, weight, "middle")
        if plot.scene.free(label.box):
            plot.scene.add(label)
