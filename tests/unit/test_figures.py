"""Figures as people read them: CLDR's forms, rounded before the unit is chosen."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgercast.figures import compact, exact, percent


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("0", "£0"),
        ("0.05", "£0.05"),
        ("9.99", "£9.99"),
        ("12.50", "£13"),
        ("999.49", "£999"),
        ("999.50", "£1K"),
        ("1234", "£1.2K"),
        ("99999", "£100K"),
        ("999949", "£999.9K"),
        ("999999", "£1M"),
        ("999950000", "£1B"),
        ("1250000", "£1.3M"),
        ("-85340", "−£85.3K"),
        ("9999999999.9", "£10B"),
    ],
)
def test_compact_amounts(amount: str, told: str) -> None:
    assert compact(amount, "GBP") == told


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_a_compact_amount_never_shows_a_thousand_of_its_unit(amount: Decimal) -> None:
    assert "1000K" not in compact(amount, "GBP")
    assert "1000M" not in compact(amount, "GBP")
    assert len(compact(amount, "GBP")) <= 9


def test_exact_amounts_have_the_currencys_own_places() -> None:
    assert exact("1234.5", "GBP") == "£1,234.50"
    assert exact("1234", "JPY") == "¥1,234"
    assert exact("-0.5", "USD") == "−$0.50"


def test_percentages_round_half_up() -> None:
    assert [percent(one) for one in ("38.12", "38.15", "38.25", "-3.05")] == ["38.1%", "38.2%", "38.3%", "−3.1%"]
