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
_QUICK, _HARD = 6, 9  # zlib's levels: the hard one is a tenth smaller and takes five times as long
_FULL = 36 * 1024  # a picture above this is worth it


def encode(pixels: NDArray[np.uint8], exact: Collection[str]) -> bytes:
    """The picture in at most 256 colours, those in `exact` (#RRGGBB) unchanged. The same pixels give the same bytes."""
    packed = np.ascontiguousarray(pixels).view("<u4")[..., 0]
    height, width = packed.shape
    fresh = np.ones(height, bool)
    fresh[1:] = (packed[1:] != packed[:-1]).any(axis=1)
    palette, index = _indexed(packed[fresh].ravel(), exact)
    rows = np.zeros((height, width + 1), np.uint8)  # a row like the one above is all zero under _UP
    rows[:, 0] = np.where(fresh, _NONE, _UP)
    rows[fresh, 1:] = index.reshape(-1, width)
    body = zlib_ng.compress(rows.tobytes(), _QUICK)
    if len(body) > _FULL:
        body = zlib_ng.compress(rows.tobytes(), _HARD)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette.tobytes()),
            _chunk(b"IDAT", body),
            _chunk(b"IEND", b""),
        )
    )


def _indexed(packed: NDArray[np.uint32], exact: Collection[str]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Palette and index. Colours alike in their five upper bits share an entry; the rarest take their nearest one's.

    It works on runs of one colour, of which a chart has a tenth as many as it has pixels.
    """
    starts = np.concatenate(([0], np.flatnonzero(packed[1:] != packed[:-1]) + 1))
    run = packed[starts]
    bins = ((run >> 3) & 0x1F) | ((run >> 6) & 0x3E0) | ((run >> 9) & 0x7C00)
    counts = np.bincount(bins, minlength=1 << 15)
    colour = np.zeros(1 << 15, np.uint32)
    colour[bins] = run
    for red, green, blue in map(rgb, exact):
        place = (red >> 3) | (green >> 3) << 5 | (blue >> 3) << 10
        colour[place] = red | green << 8 | blue << 16
        counts[place] += len(run) * (counts[place] > 0)  # never among the rare
    used = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    palette = colour[used].view(np.uint8).reshape(-1, 4)[:, :3]
    entry = np.zeros(1 << 15, np.uint8)
    entry[used[:COLOURS]] = np.arange(min(COLOURS, len(used)))
    if len(used) > COLOURS:
        kept, rare = palette[:COLOURS].astype(np.int32), palette[COLOURS:].astype(np.int32)
        entry[used[COLOURS:]] = ((rare[:, None] - kept[None]) ** 2).sum(axis=2).argmin(axis=1)
    return np.ascontiguousarray(palette[:COLOURS]), np.repeat(entry[bins], np.diff(starts, append=len(packed)))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
