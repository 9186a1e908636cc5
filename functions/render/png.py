"""Pixels as an indexed PNG: a chart has a dozen plain colours and their blends, so one byte a pixel is enough.

Rows like the one above cost nothing, and only the others are looked at. Against a general encoder of full colour that
is several times faster and less than half the size.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from zlib_ng import zlib_ng

from functions.render.theme import rgb

COLOURS = 256
_NONE, _UP = 0, 2  # PNG's filters: a row as it is; a row as the difference to the one above
_LEVEL = 9


def encode(pixels: NDArray[np.uint8], exact: Collection[str]) -> bytes:
    """The picture in at most 256 colours, those in `exact` (#RRGGBB) unchanged. The same pixels give the same bytes."""
    packed = np.ascontiguousarray(pixels).view("<u4")[..., 0]
    fresh = np.ones(len(packed), bool)
    fresh[1:] = (packed[1:] != packed[:-1]).any(axis=1)
    palette, index = _indexed(packed[fresh], exact)
    rows = np.zeros((len(packed), packed.shape[1] + 1), np.uint8)  # a row like the one above is all zero under _UP
    rows[:, 0] = np.where(fresh, _NONE, _UP)
    rows[fresh, 1:] = index
    height, width = packed.shape
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette.tobytes()),
            _chunk(b"IDAT", zlib_ng.compress(rows.tobytes(), _LEVEL)),
            _chunk(b"IEND", b""),
        )
    )


def _indexed(packed: NDArray[np.uint32], exact: Collection[str]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Colours alike in their five upper bits share an entry; the rarest beyond 256 take their nearest one's."""
    bins = ((packed >> 3) & 0x1F) | ((packed >> 6) & 0x3E0) | ((packed >> 9) & 0x7C00)
    bins = bins.astype(np.uint16)
    counts = np.bincount(bins.ravel(), minlength=1 << 15)
    colour = np.zeros(1 << 15, np.uint32)
    colour[bins] = packed
    for one in exact:
        red, green, blue = rgb(one)
        place = (red >> 3) | (green >> 3) << 5 | (blue >> 3) << 10
        colour[place] = red | green << 8 | blue << 16
        counts[place] += packed.size * (counts[place] > 0)  # never among the rare
    used = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    palette = colour[used].view(np.uint8).reshape(-1, 4)[:, :3]
    entry = np.zeros(1 << 15, np.uint8)
    entry[used[:COLOURS]] = np.arange(min(COLOURS, len(used)))
    if len(used) > COLOURS:
        kept, rare = palette[:COLOURS].astype(np.int32), palette[COLOURS:].astype(np.int32)
        entry[used[COLOURS:]] = ((rare[:, None] - kept[None]) ** 2).sum(axis=2).argmin(axis=1)
    return np.ascontiguousarray(palette[:COLOURS]), entry[bins]


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
