"""The finished pictures: size, sameness, what they show and how they compare to what was judged good."""

from __future__ import annotations

import struct
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from functions.render.chart import render
from functions.render.theme import ThemeName, rgb, theme_of
from ledgercast.domain.errors import UnknownMetric
from ledgercast.domain.facts import Facts
from local.gallery_facts import eleven, hard, single
from tests.unit.render.reading import count_near, pixels_of, small

GOLDENS = Path(__file__).parent / "goldens"
CASES = {**eleven(), **hard()}


@pytest.mark.parametrize("name", CASES)
def test_every_chart_is_a_small_png_of_the_agreed_size(name: str) -> None:
    png = render(CASES[name])

    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (1600, 900)
    assert len(png) <= 40 * 1024


def test_the_same_facts_give_the_same_bytes_whatever_was_drawn_between() -> None:
    first = render(eleven()["cash_in_vs_out"])
    render(hard()["names"], theme="dark")

    assert render(eleven()["cash_in_vs_out"]) == first


@pytest.mark.parametrize("name", eleven())
def test_a_chart_looks_as_it_did_when_it_was_judged_good(name: str) -> None:
    with Image.open(GOLDENS / f"{name}.png") as kept:
        expected = np.asarray(kept.convert("RGB")).astype(int)

    difference = np.abs(small(render(eleven()[name])).astype(int) - expected)

    assert difference.mean() < 1.5, "draw it anew with: python -m tests.unit.render.test_chart, and look at it"
    assert (difference.max(axis=2) > 60).mean() < 0.01


def test_a_changed_figure_is_seen_by_the_comparison_with_what_was_judged_good() -> None:
    with Image.open(GOLDENS / "net_profit.png") as kept:
        expected = np.asarray(kept.convert("RGB")).astype(int)
    swapped = single("net_profit", [13415, 43230, 51850, 47990, 33220, -3310, 39060, 27790, -12480, 26900, 7194, 24280])

    assert np.abs(small(render(swapped)).astype(int) - expected).mean() > 1.5


def test_light_and_dark_stand_on_their_own_ground() -> None:
    names: tuple[ThemeName, ...] = ("light", "dark")
    for name in names:
        pixels = pixels_of(render(eleven()["revenue"], theme=name))

        assert tuple(pixels[4, 4]) == rgb(theme_of(name).background)


def test_a_brand_colour_is_the_colour_of_the_bars() -> None:
    pixels = pixels_of(render(eleven()["operating_expenses"], brand="#12856B"))

    assert count_near(pixels, rgb("#12856B"), 0) > 50_000
    assert count_near(pixels, rgb(theme_of().brand), 0) == 0


def test_a_loss_has_its_own_colour_below_the_zero_line() -> None:
    pixels = pixels_of(render(single("net_profit", [50, -50] * 6)))
    loss, brand = rgb(theme_of().loss), rgb(theme_of().brand)
    middle = next(y for y in range(200, 800) if count_near(pixels[y : y + 1], loss, 0))

    assert count_near(pixels[middle + 3 :], brand, 0) == 0
    assert count_near(pixels[: middle - 3], loss, 0) == 0


def test_the_part_month_is_striped_and_the_full_months_are_not() -> None:
    facts = single("operating_expenses", [100] * 12)
    over = replace(facts, window=replace(facts.window, partial_last=False))
    brand = rgb(theme_of().brand)

    striped, plain = (count_near(pixels_of(render(one))[:, 1420:], brand, 0) for one in (facts, over))

    assert 0 < striped < plain * 0.6


def test_facts_without_activity_give_a_card_that_says_so_and_no_plot() -> None:
    facts = replace(eleven()["revenue"], series=(), notes=("No activity in this period",))

    pixels = pixels_of(render(facts))

    assert count_near(pixels, rgb(theme_of().brand)) == 0
    assert (pixels[420:480, 600:1000] != 255).any()


@pytest.mark.parametrize("bad", [{"theme": "sepia"}, {"brand": "blue"}, {"brand": "#12345"}])
def test_an_unknown_theme_or_colour_is_refused(bad: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"light or dark|#RRGGBB"):
        render(eleven()["revenue"], **bad)  # type: ignore[arg-type]


def test_an_unknown_metric_is_named() -> None:
    with pytest.raises(UnknownMetric):
        render(replace(eleven()["revenue"], metric="profit"))


def test_no_name_makes_the_renderer_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for facts in (hard()["names"], hard()["name-rows"], _named("\u0e44\u0e17\u0e22 \u202eabc \ud83d \x00\x07 ")):
            render(facts)


def _named(name: str) -> Facts:
    facts = eleven()["cash_position"]
    return replace(facts, categories=(name, *facts.categories[1:]))


if __name__ == "__main__":
    GOLDENS.mkdir(exist_ok=True)
    for metric_id, usual in eleven().items():
        Image.fromarray(small(render(usual))).save(GOLDENS / f"{metric_id}.png", optimize=True)
