"""A chart before it is drawn: shapes and texts in pixels, y down, in the order of painting."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from functions.render.lettering import Weight, ink

WIDTH, HEIGHT = 1600, 900
Point = tuple[float, float]
Side = Literal["top", "bottom", "left", "right"]


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    @property
    def corners(self) -> tuple[Point, ...]:
        """Clockwise from the upper left."""
        return (self.left, self.top), (self.right, self.top), (self.right, self.bottom), (self.left, self.bottom)

    def grown(self, by: float) -> Box:
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def meets(self, other: Box, gap: float = 0) -> bool:
        apart = self.right + gap <= other.left or other.right + gap <= self.left
        return not (apart or self.bottom + gap <= other.top or other.bottom + gap <= self.top)

    def within(self, other: Box) -> bool:
        return (
            self.left >= other.left
            and self.top >= other.top
            and self.right <= other.right
            and self.bottom <= other.bottom
        )


CANVAS = Box(0, 0, WIDTH, HEIGHT)


@dataclass(frozen=True)
class Shape:
    """A polygon, or a line where it is not closed. `hatch` is the colour of diagonal stripes over the fill."""

    points: tuple[Point, ...]
    fill: str | None = None
    stroke: str | None = None
    width: float = 0
    dash: tuple[float, float] | None = None
    hatch: str | None = None
    closed: bool = True


@dataclass(frozen=True)
class Text:
    """A line of text. (`x`, `y`) is where its ink begins, on the baseline; turned text reads upwards."""

    content: str
    x: int
    y: int
    size: int
    colour: str
    weight: Weight = "regular"
    turned: bool = False

    @cached_property
    def box(self) -> Box:
        """The box of its ink."""
        drawn = ink(self.content, self.size, self.weight)
        if self.turned:
            return Box(self.x + drawn.top, self.y - drawn.width, self.x + drawn.bottom, self.y)
        return Box(self.x, self.y + drawn.top, self.x + drawn.width, self.y + drawn.bottom)


@dataclass
class Scene:
    background: str
    items: list[Shape | Text] = field(default_factory=list)

    @property
    def texts(self) -> list[Text]:
        return [item for item in self.items if isinstance(item, Text)]

    def free(self, box: Box, gap: float = 4) -> bool:
        """Whether the box is inside the canvas and clear of every text so far."""
        return box.within(CANVAS) and not any(box.meets(text.box, gap) for text in self.texts)

    def add(self, text: Text) -> None:
        if text.content:
            self.items.append(text)

    def write(
        self,
        x: float,
        y: float,
        content: str,
        size: int,
        colour: str,
        weight: Weight = "regular",
        anchor: Literal["start", "middle", "end"] = "start",
    ) -> None:
        self.add(placed(x, y, content, size, colour, weight, anchor))

    def line(self, points: Iterable[Point], stroke: str, width: float, dash: tuple[float, float] | None = None) -> None:
        path = tuple(points)
        if len(path) > 1:
            self.items.append(Shape(path, stroke=stroke, width=width, dash=dash, closed=False))

    def polygon(self, points: Iterable[Point], fill: str) -> None:
        self.items.append(Shape(tuple(points), fill=fill))

    def block(
        self,
        box: Box,
        fill: str,
        *,
        round_side: Side | None = None,
        hatch: str | None = None,
        outline: str | None = None,
    ) -> None:
        """A rectangle on whole pixels, its corners rounded on one side where asked, its outline dashed."""
        whole = Box(*(round(edge) for edge in box))
        if whole.right <= whole.left or whole.bottom <= whole.top:
            return
        points = _rounded(whole, round_side) if round_side else whole.corners
        self.items.append(Shape(points, fill, outline, 2.0 if outline else 0.0, (6, 4) if outline else None, hatch))

    def dot(self, x: float, y: float, radius: float, fill: str, stroke: str | None = None, width: float = 0) -> None:
        turn = [math.tau * step / 32 for step in range(32)]
        points = tuple((x + radius * math.cos(a), y + radius * math.sin(a)) for a in turn)
        self.items.append(Shape(points, fill, stroke, width))


def placed(
    x: float,
    y: float,
    content: str,
    size: int,
    colour: str,
    weight: Weight = "regular",
    anchor: Literal["start", "middle", "end"] = "start",
) -> Text:
    """The text with its ink beginning at, centred on, or ending at x."""
    back = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * (ink(content, size, weight).width if content else 0)
    return Text(content, round(x - back), round(y), size, colour, weight)


def _rounded(box: Box, side: Side) -> tuple[Point, ...]:
    """The box as a polygon with a quarter circle at the two corners of that side."""
    flat = (box.right - box.left, box.bottom - box.top)
    across, along = flat if side in ("top", "bottom") else flat[::-1]
    radius = min(6.0, across / 2, along)
    points: list[Point] = []
    corners = zip(box.corners, ("top left", "top right", "bottom right", "bottom left"), (2, 3, 0, 1), strict=True)
    for (x, y), name, quarter in corners:
        if side not in name:
            points.append((x, y))
            continue
        middle = (x + (radius if "left" in name else -radius), y + (radius if "top" in name else -radius))
        for step in range(7):
            angle = math.pi / 2 * (quarter + step / 6)
            points.append((middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle)))
    return tuple(points)
