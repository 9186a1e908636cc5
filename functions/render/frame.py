"""What every chart has round its plot: title, headline figure with its change, legend, and the footer."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from functions.render import words
from functions.render.lettering import cut, isolate, width, wrap
from functions.render.scene import HEIGHT, WIDTH, Box, Scene
from functions.render.theme import Theme
from ledgercast.domain.catalogue import metric
from ledgercast.domain.facts import Facts
from ledgercast.figures import change_words, good_news

MARGIN = 56
RIGHT = WIDTH - MARGIN
TITLE, FIGURE, TEXT, SMALL, FOOT = 42, 60, 23, 21, 19
_GAP = "  ·  "
_LEGEND_BASELINE = 196


@dataclass(frozen=True)
class Key:
    """One entry of a legend."""

    name: str
    colour: str
    mark: str  # "bar", "line" or "marker"


def frame(scene: Scene, facts: Facts, theme: Theme, keys: list[Key]) -> Box:
    """Draws the surroundings and returns the room that is left for the plot and its axes."""
    left_edge = _headline(scene, facts, theme)
    _title(scene, facts, theme, left_edge - MARGIN - 48)
    if keys:
        _legend(scene, theme, keys)
    top = 228 if keys else 206
    return Box(MARGIN, top, RIGHT, _footer(scene, facts, theme) - 24)


def _title(scene: Scene, facts: Facts, theme: Theme, room: float) -> None:
    scene.write(MARGIN, 86, cut(facts.title, TITLE, room, "display"), TITLE, theme.ink, "display")
    name, *rest = words.subtitle(facts)
    tail = _GAP + _GAP.join(rest)
    bare = facts.organisation.name
    if width(name + tail, TEXT) > room:
        name = isolate(cut(bare, TEXT, room - width(tail, TEXT)))
    scene.write(MARGIN, 126, name + tail, TEXT, theme.muted)


def _headline(scene: Scene, facts: Facts, theme: Theme) -> float:
    """The figure in the upper right corner with its label above and its change below; returns its left edge."""
    figure = words.full(facts.headline.value, facts)
    label = cut(facts.headline.label, SMALL, 560)
    size = next(size for size in (FIGURE, 48, 36, 26) if width(figure, size, "display") <= 620 or size == 26)
    scene.write(RIGHT, 58, label, SMALL, theme.muted, anchor="end")
    scene.write(RIGHT, 118, figure, size, theme.ink, "display", anchor="end")
    edges = [width(label, SMALL), width(figure, size, "display")]
    change = change_words(facts)
    if not change and "90+" in facts.category_keys and facts.total is not None:
        aside = f"of {words.full(facts.total, facts)} due"
        scene.write(RIGHT, 154, aside, SMALL, theme.muted, anchor="end")
    if change:
        edges.append(_change(scene, change, Decimal(facts.headline.change_pct or 0), good_news(facts), theme))
    return RIGHT - max(edges)


def _change(scene: Scene, change: str, amount: Decimal, good: bool | None, theme: Theme) -> int:
    colour = {True: theme.good, False: theme.bad, None: theme.muted}[good]
    text = change[0].upper() + change[1:]
    wide = width(text, SMALL, "semibold")
    scene.write(RIGHT, 154, text, SMALL, colour, "semibold", anchor="end")
    if not amount:
        return wide
    x, tip, base = RIGHT - wide - 22, (139, 154) if amount > 0 else (154, 139), 9
    scene.polygon(((x - base, tip[1]), (x + base, tip[1]), (x, tip[0])), colour)
    return wide + 22 + base


def _legend(scene: Scene, theme: Theme, keys: list[Key]) -> None:
    """Swatches with names in one row; where it would not hold them all, the longest names are cut."""
    widths = [width(key.name, SMALL) for key in keys]
    most = _fair_share(widths, RIGHT - MARGIN - 62 * len(keys) + 30)
    x: float = MARGIN
    for key in keys:
        name = cut(key.name, SMALL, most, ending=True)
        _swatch(scene, x, _LEGEND_BASELINE - 8, key, theme)
        scene.write(x + 32, _LEGEND_BASELINE, name, SMALL, theme.ink)
        x += 32 + width(name, SMALL) + 30


def _fair_share(widths: list[int], room: float) -> float:
    """The most that any may take so that all fit: what the narrow leave is shared among the wide."""
    for left, one in zip(range(len(widths), 0, -1), sorted(widths), strict=True):
        if one * left > room:
            return room / left
        room -= one
    return max(widths)


def _swatch(scene: Scene, x: float, y: float, key: Key, theme: Theme) -> None:
    if key.mark == "bar":
        scene.block(Box(x + 2, y - 9, x + 22, y + 9), key.colour)
    elif key.mark == "line":
        scene.line(((x + 3, y), (x + 21, y)), key.colour, 5)
        scene.dot(x + 12, y, 6, theme.background, key.colour, 3)
    else:
        marker(scene, x + 12, y, key.colour, theme)


def marker(scene: Scene, x: float, y: float, colour: str, theme: Theme) -> None:
    """The net of a stack: a diamond with a rim of background, so that it is seen on every colour."""
    for radius, fill in ((12, theme.background), (8.5, colour)):
        scene.polygon(((x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)), fill)


def _footer(scene: Scene, facts: Facts, theme: Theme) -> float:
    """The lines below the plot, from the foot upwards; returns the y of the rule above them."""
    result = words.check_result(facts)
    check = cut(result.words, FOOT, 720, "semibold") if result else ""
    room = RIGHT - MARGIN
    first = room - (width(check, FOOT, "semibold") + 80 if check else 0)
    facts_line = [isolated_name(facts), words.period(facts), words.basis(facts), words.as_of(facts)]
    lines = [cut(metric(facts.metric).derivation, FOOT, first)]
    lines.append(cut(_GAP.join(part for part in facts_line if part), FOOT, room))
    lines.extend(_notes(facts, room))
    y = HEIGHT - 30 - 27 * (len(lines) - 1)
    rule = y - 36
    scene.line(((MARGIN, rule), (RIGHT, rule)), theme.grid, 2)
    if result:
        _check(scene, check, result.verdict, y, theme)
    for offset, line in enumerate(lines):
        scene.write(MARGIN, y + 27 * offset, line, FOOT, theme.muted)
    return rule


def isolated_name(facts: Facts) -> str:
    """The organisation's name for a line that says more: never so long that the rest is lost."""
    return isolate(cut(facts.organisation.name, FOOT, 520))


def _notes(facts: Facts, room: float) -> list[str]:
    """The notes where they are few; else how many there are, for they stand beside the chart as well."""
    if len(facts.notes) > 2:
        return [f"{len(facts.notes)} notes, in full beside this chart"]
    return wrap("  ".join(f"Note: {note}" for note in facts.notes), FOOT, room, 2)


def _check(scene: Scene, text: str, verdict: words.Verdict, y: float, theme: Theme) -> None:
    """The check's result at the right, with a sign of its own shape: a tick, a warning triangle or a dash."""
    colour = {"ties": theme.good, "off": theme.bad, "unknown": theme.muted}[verdict]
    scene.write(RIGHT, y, text, FOOT, colour, "semibold", anchor="end")
    x, middle = RIGHT - width(text, FOOT, "semibold") - 20, y - 7
    if verdict == "ties":
        scene.line(((x - 8, middle), (x - 2, middle + 6), (x + 8, middle - 7)), colour, 3)
    elif verdict == "off":
        scene.polygon(((x - 11, middle + 9), (x + 11, middle + 9), (x, middle - 11)), colour)
        scene.line(((x, middle - 3), (x, middle + 3)), theme.background, 2.5)
        scene.dot(x, middle + 6.5, 1.4, theme.background)
    else:
        scene.line(((x - 8, middle), (x + 8, middle)), colour, 3)
