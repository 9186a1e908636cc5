"""From facts to a finished picture."""

from __future__ import annotations

from collections.abc import Callable

from functions.render.bar import bar
from functions.render.combo import combo
from functions.render.frame import TEXT, frame
from functions.render.hbar import hbar
from functions.render.line import line
from functions.render.paint import paint
from functions.render.png import encode
from functions.render.scene import Scene
from functions.render.stacked import stacked
from functions.render.theme import Theme, ThemeName, theme_of
from functions.render.words import presentable
from ledgercast.domain.catalogue import metric
from ledgercast.domain.facts import Facts

_KINDS: dict[str, Callable[[Scene, Facts, Theme], None]] = {
    "line": line,
    "bar": bar,
    "combo": combo,
    "hbar": hbar,
    "stacked": stacked,
}


def render(facts: Facts, *, theme: ThemeName = "light", brand: str | None = None) -> bytes:
    """A PNG of 1600 × 900 in the house style, the same bytes for the same facts.

    `brand` is a colour #RRGGBB. Facts without activity give a card that says so, never an empty chart.
    Raises ValueError for a theme or colour that is none, UnknownMetric for a metric outside the catalogue.
    """
    colours = theme_of(theme, brand)
    exact = (colours.background, colours.ink, colours.brand, colours.quiet, colours.grid, colours.axis, colours.loss)
    return encode(paint(compose(facts, colours)), (*exact, *colours.palette))


def compose(facts: Facts, theme: Theme) -> Scene:
    """The chart as shapes and texts in pixels."""
    scene = Scene(theme.background)
    shown = presentable(facts)
    drawn = any(value is not None for series in shown.series for value in series.values)
    (_KINDS[metric(facts.metric).chart] if drawn else _nothing)(scene, shown, theme)
    return scene


def _nothing(scene: Scene, facts: Facts, theme: Theme) -> None:
    room = frame(scene, facts, theme, [])
    middle = (room.left + room.right) / 2
    scene.write(middle, (room.top + room.bottom) / 2, "No activity in this period", TEXT, theme.muted, anchor="middle")
