"""The encoder: small files that a reader of others' making opens, the house's colours to the bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from functions.render.png import encode
from tests.unit.render.reading import pixels_of


def opaque(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])


def test_colours_that_are_named_come_back_to_the_bit() -> None:
    rgb = np.full((60, 80, 3), 255, np.uint8)
    rgb[10:20, 5:70] = (0x2F, 0x6B, 0xEB)
    rgb[20:30, 5:70] = (0x13, 0x17, 0x22)

    assert np.array_equal(pixels_of(encode(opaque(rgb), ("#FFFFFF", "#2F6BEB", "#131722"))), rgb)


def test_more_colours_than_a_palette_holds_come_back_alike() -> None:
    noise = np.random.default_rng(7).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    noise[:30] = (1, 2, 3)

    back = pixels_of(encode(opaque(noise), ("#010203",)))

    assert np.array_equal(back[:30], noise[:30])
    assert np.abs(back.astype(int) - noise).mean() < 24


def test_one_colour_everywhere_is_next_to_nothing() -> None:
    assert len(encode(opaque(np.full((900, 1600, 3), 7, np.uint8)), ())) < 4096


def test_the_colour_of_a_rare_pixel_is_kept_where_it_is_named() -> None:
    noise = np.random.default_rng(7).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    noise[50, 50] = (200, 0, 100)

    assert tuple(pixels_of(encode(opaque(noise), ("#C80064",)))[50, 50]) == (200, 0, 100)
