"""Categories under an upright plot: months in two lines, names wrapped or, where there are many, turned upright."""

from __future__ import annotations

from dataclasses import dataclass

from functions.render.lettering import cut, width, wrap
from functions.render.months import above, below, monthly
from functions.render.scene import Box, Scene, Text, placed
from ledgercast.domain.facts import Facts

SIZE = 21
_TURNED_SIZE, _TURNED_ROOM = 20, 230
_LINE = 27  # pixels from one line to the next
_GUTTER = 110  # about what the value labels take of the width
_NARROW = 84  # a slot in which a wrapped name would be a stump


@dataclass(frozen=True)
class Categories:
    """The lines under each category that is told, by index, and the height they take."""

    lines: dict[int, list[str]]
    turned: bool
    height: float


def categories_of(facts: Facts, room: Box, second: list[str] | None = None) -> Categories:
    """How the categories fit the room; `second` is a last line for each."""
    slot = (room.right - room.left - _GUTTER) / max(1, len(facts.categories))
    names = above(facts)
    if monthly(facts):
        shown = _every(slot, names)
        years = below(facts, shown)
        return _level({index: [names[index], years[index]] for index in shown})
    if slot < _NARROW and any(width(name, SIZE) > slot - 14 for name in names):
        turned = {index: [cut(name, _TURNED_SIZE, _TURNED_ROOM, ending=True)] for index, name in enumerate(names)}
        longest = max(width(lines[0], _TURNED_SIZE) for lines in turned.values())
        return Categories(turned, True, longest + 26)
    wrapped = {index: wrap(name, SIZE, slot - 14, 2, ending=True) for index, name in enumerate(names)}
    return _level({index: [*lines, *(second[index : index + 1] if second else [])] for index, lines in wrapped.items()})


def write_categories(scene: Scene, categories: Categories, box: Box, colour: str, count: int) -> None:
    """Writes them under the plot's box, which is divided into `count` slots."""
    slot = (box.right - box.left) / max(1, count)
    for index, lines in categories.lines.items():
        x = box.left + slot * (index + 0.5)
        if categories.turned:
            y = box.bottom + 14 + width(lines[0], _TURNED_SIZE)
            texts = [Text(lines[0], round(x + 7), round(y), _TURNED_SIZE, colour, turned=True)]
        else:
            texts = [
                placed(x, box.bottom + _LINE * (row + 1), line, SIZE, colour, anchor="middle")
                for row, line in enumerate(lines)
            ]
        for text in texts:
            if text.content and scene.free(text.box, 2):
                scene.add(text)


def _level(lines: dict[int, list[str]]) -> Categories:
    rows = max((len([line for line in one if line]) for one in lines.values()), default=0)
    return Categories(lines, False, 16 + _LINE * rows)


def _every(slot: float, names: list[str]) -> list[int]:
    """The last month and every n-th before it, as many as stand side by side."""
    widest = max((width(name, SIZE) for name in names), default=0)
    step = next(n for n in range(1, 99) if slot * n >= widest + 12)
    return sorted(range(len(names) - 1, -1, -step))
