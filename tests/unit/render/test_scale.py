"""Round steps, zero included, the data filling the plot."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.render.scale import scale_of
from functions.render.words import tick
from local.gallery_facts import single

CENT = Decimal("0.01")


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (["201880.60", "88415"], ["£0", "£50K", "£100K", "£150K", "£200K"]),
        (["0.05"], ["£0.00", "£0.01", "£0.02", "£0.03", "£0.04", "£0.05"]),
        (["-12.50"], ["−£12.50", "−£10.00", "−£7.50", "−£5.00", "−£2.50", "£0.00"]),
        (["1250000"], ["£0", "£250K", "£500K", "£750K", "£1M", "£1.25M"]),
        (["-400", "4200000000"], ["£0", "£1B", "£2B", "£3B", "£4B"]),
        (["0"], ["£0"]),
        ([], ["£0"]),
    ],
)
def test_ticks_are_round_and_their_labels_exact(values: list[str], labels: list[str]) -> None:
    scale = scale_of(map(Decimal, values), CENT, 700, 200)
    facts = single("revenue", [1])

    assert [tick(value, scale.step, facts) for value in scale.ticks] == labels


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.decimals(-(10**12), 10**12, places=2), max_size=40))
def test_every_value_and_zero_lie_on_the_scale(values: list[Decimal]) -> None:
    scale = scale_of(values, CENT, 700, 200)

    assert all(200 - 1e-6 <= scale.at(value) <= 700 + 1e-6 for value in (*values, Decimal(0)))
    assert Decimal(0) in scale.ticks
    assert 1 <= len(scale.ticks) <= 12
