"""Text in pixels: cleaning, measuring, cutting and rasterising, in Inter with broader faces behind it.

Right-to-left and joined scripts come out in visual order: the layout is libraqm's, inside matplotlib's FT2Font.
Nothing is parsed as mathematics. A script that none of the faces knows is drawn in Last Resort, which matplotlib
bundles: frames with a sample letter of the script, so that a reader sees what is missing.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from matplotlib import get_data_path
from matplotlib.font_manager import get_font
from matplotlib.ft2font import FT2Font, LoadFlags
from numpy.typing import NDArray

Weight = Literal["regular", "semibold", "display"]
ELLIPSIS = "…"
UNNAMED = "(unnamed)"
_OURS = Path(__file__).parent / "fonts"
_FILES: dict[Weight, str] = {
    "regular": "Inter-Regular.otf",
    "semibold": "Inter-SemiBold.otf",
    "display": "InterDisplay-Bold.otf",
}
_BEHIND: dict[Weight, str] = {
    "regular": "DejaVuSans.ttf",
    "semibold": "DejaVuSans-Bold.ttf",
    "display": "DejaVuSans-Bold.ttf",
}
_EAST_ASIAN = "DroidSansFallback.ttf"
_HINTING = LoadFlags.TARGET_LIGHT | LoadFlags.FORCE_AUTOHINT
_VARIANTS = "".join(map(chr, range(0xFE00, 0xFE10)))  # they choose between shapes of emoji
_MOST_MARKS = 3  # upon one letter: more would reach into other lines
_JOINERS = "\u200c\u200d"  # they shape Arabic and Indic words; every other format character is dropped


@dataclass(frozen=True, eq=False)
class Ink:
    """A line of text as drawn. `left`, `top` and `bottom` are pixels from the pen's start on the baseline, y down."""

    coverage: NDArray[np.uint8]
    left: int
    top: int

    @property
    def width(self) -> int:
        return int(self.coverage.shape[1])

    @property
    def bottom(self) -> int:
        return self.top + int(self.coverage.shape[0])


@lru_cache(maxsize=256)
def ink(text: str, size: int, weight: Weight = "regular") -> Ink:
    """The text's coverage, 0 to 255.

    In six steps and with stems on whole rows: the eye sees no difference, and the picture is a quarter smaller.
    """
    font = _face(weight)
    font.set_size(size, 72)  # at 72 dots an inch a point is a pixel
    font.set_text(text, 0.0, flags=_HINTING, features=("tnum",))
    height = font.get_width_height()[1]
    above = (height - font.get_descent()) // 64 + 1  # rows of the bitmap above the baseline
    font.draw_glyphs_to_bitmap()
    coverage = np.asarray(font.get_image())
    return Ink((coverage + np.minimum(25, 255 - coverage)) // 51 * 51, font.get_bitmap_offset()[0] // 64, -above)


def width(text: str, size: int, weight: Weight = "regular") -> int:
    return ink(text, size, weight).width


def cut(text: str, size: int, room: float, weight: Weight = "regular", *, ending: bool = False) -> str:
    """The text, or as much of it as the room in pixels takes with an ellipsis; "" where not even that fits.

    With `ending` the ellipsis stands in the middle: names of accounts often differ by their last word or number.
    """
    kept, shown = len(text), text
    while kept and (wide := width(shown, size, weight)) > room:
        kept = min(kept - 1, int(kept * room / wide))
        behind = kept // 3 if ending else 0
        shown = text[: _whole(text, kept - behind)].rstrip() + ELLIPSIS + text[_whole(text, len(text) - behind) :]
    return shown if kept else ""


def _whole(text: str, place: int) -> int:
    """The nearest place at or before that one that parts no letter from its marks."""
    while 0 < place < len(text) and (unicodedata.combining(text[place]) or text[place] in _JOINERS):
        place -= 1
    return place


def wrap(text: str, size: int, room: float, lines: int, *, ending: bool = False) -> list[str]:
    """The text in at most so many lines, broken at spaces, the last one cut where words remain."""
    done: list[str] = []
    words = text.split()
    while words and len(done) < lines - 1:
        taken = 1
        while taken < len(words) and width(" ".join(words[: taken + 1]), size) <= room:
            taken += 1
        done.append(cut(" ".join(words[:taken]), size, room))
        words = words[taken:]
    return [*done, cut(" ".join(words), size, room, ending=ending)] if words else done


def clean(text: str) -> str:
    """A name as it can be drawn on one line: no control characters, no signs that no face of ours has.

    Bidirectional overrides go (a name must not turn its neighbours round), and so do emoji outside our faces and
    marks piled higher than a line. Never empty.
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(char)
        marks = marks + 1 if kind == "Mn" else 0
        if kind in ("Cc", "Zl", "Zp", "Zs"):
            kept.append(" ")
        elif marks <= _MOST_MARKS and _can_be_drawn(char, kind):
            kept.append(char)
    name = " ".join("".join(kept).split()).strip(_JOINERS)
    return name if any(unicodedata.category(char)[0] not in "MCZ" for char in name) else UNNAMED


def _can_be_drawn(char: str, kind: str) -> bool:
    if kind[0] == "C" or char in _VARIANTS:
        return char in _JOINERS
    return kind not in ("So", "Sk") or any(get_font(face).get_char_index(ord(char)) for face in _plain_faces())


def isolate(name: str) -> str:
    """A cleaned name to stand inside a line of ours, whichever way it is written."""
    return f"\u200e\u2068{name}\u2069"


def _face(weight: Weight) -> FT2Font:
    ours = _OURS / _FILES[weight], _bundled(_BEHIND[weight]), _OURS / _EAST_ASIAN
    return get_font([*ours, _bundled("LastResortHE-Regular.ttf")])


def _plain_faces() -> tuple[Path, ...]:
    return _OURS / _FILES["regular"], _bundled(_BEHIND["regular"])


def _bundled(file: str) -> Path:
    """A face that matplotlib brings with it."""
    return Path(get_data_path()) / "fonts" / "ttf" / file
