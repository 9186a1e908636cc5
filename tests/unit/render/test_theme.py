"""Colours that everybody can tell apart, whatever the operator's brand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.render.theme import Theme, contrast, over, rgb, theme_of

# Machado, Oliveira and Fernandes 2009, severity 1: what an eye without one kind of cone makes of linear RGB.
SIGHT = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(colour: str, sight: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """CIELAB of the colour as that eye sees it."""
    channels = np.array(rgb(colour)) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    x, y, z = TO_XYZ @ np.clip(SIGHT[sight] @ linear, 0, 1) / np.array([0.95047, 1, 1.08883])
    a, b, c = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * b - 16, 500 * (a - b), 200 * (b - c)])


def apart(one: str, other: str, sight: str) -> float:
    return float(np.linalg.norm(lab(one, sight) - lab(other, sight)))


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", [theme_of("light"), theme_of("dark")], ids=["light", "dark"])
def test_accounts_and_losses_are_told_apart_by_every_eye(theme: Theme, sight: str) -> None:
    for one, other in combinations((*theme.palette, theme.quiet), 2):
        assert apart(one, other, sight) > 20, (one, other)
    assert apart(theme.brand, theme.loss, sight) > 60


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 0xFFFFFF), st.sampled_from(["light", "dark"]))
def test_any_brand_colour_is_seen_on_its_ground(number: int, name: str) -> None:
    theme = theme_of(name, f"#{number:06x}")  # type: ignore[arg-type]

    assert contrast(theme.brand, theme.background) >= 3
    assert theme.palette[0] == theme.brand
    assert len(set(theme.palette)) == 5


def test_a_brand_that_stands_out_is_left_as_it_is() -> None:
    assert theme_of("light", "#12856b").brand == "#12856B"


def test_text_on_a_colour_is_the_one_that_reads_better() -> None:
    light = theme_of()

    assert over("#FFE08A", light) == light.ink
    assert over("#1B2A6B", light) == light.background
