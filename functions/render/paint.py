"""A scene drawn by matplotlib's Agg renderer: one renderer, used again for every chart."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from functions.render.lettering import ink
from functions.render.scene import HEIGHT, WIDTH, Scene, Shape, Text
from functions.render.theme import rgb

_ONE_AT_A_TIME = Lock()
_FLIP = Affine2D().scale(1, -1).translate(0, HEIGHT)  # the renderer's y grows upwards


def paint(scene: Scene) -> NDArray[np.uint8]:
    """The pixels, HEIGHT × WIDTH × RGBA, opaque."""
    with _ONE_AT_A_TIME:
        renderer = _renderer()
        pixels = np.asarray(renderer.buffer_rgba())  # type: ignore[no-untyped-call]
        red, green, blue = rgb(scene.background)
        pixels.view("<u4")[:] = red | green << 8 | blue << 16 | 255 << 24
        for item in scene.items:
            if isinstance(item, Text):
                _write(renderer, item)
            else:
                _draw(renderer, item)
        return pixels.copy()


@lru_cache(maxsize=1)
def _renderer() -> RendererAgg:
    return RendererAgg(WIDTH, HEIGHT, 72)  # type: ignore[no-untyped-call]


def _draw(renderer: RendererAgg, shape: Shape) -> None:
    context: GraphicsContextBase = renderer.new_gc()
    context.set_linewidth(shape.width)
    context.set_foreground(_unit(shape.stroke or shape.fill or "#000000"))
    context.set_capstyle("butt" if shape.dash else "round")
    context.set_joinstyle("round")
    context.set_snap(False)
    if shape.dash:
        context.set_dashes(0, list(shape.dash))
    if shape.hatch:
        context.set_hatch("/")
        context.set_hatch_color(_unit(shape.hatch))
        context.set_hatch_linewidth(3)
    points = [*shape.points, shape.points[0]] if shape.closed else list(shape.points)
    renderer.draw_path(context, Path(points), _FLIP, _unit(shape.fill) if shape.fill else None)  # type: ignore[no-untyped-call]
    context.restore()


def _write(renderer: RendererAgg, text: Text) -> None:
    coverage = ink(text.content, text.size, text.weight).coverage
    if text.turned:
        coverage = np.rot90(coverage)
    stamp = np.empty((*coverage.shape, 4), np.uint8)
    stamp[..., :3] = rgb(text.colour)
    stamp[..., 3] = coverage
    left, _, _, bottom = text.box
    renderer.draw_image(renderer.new_gc(), round(left), HEIGHT - round(bottom), stamp[::-1])


@lru_cache(maxsize=64)
def _unit(colour: str) -> tuple[float, float, float]:
    red, green, blue = rgb(colour)
    return red / 255, green / 255, blue / 255
