"""No text over a text, nothing outside the canvas: for the cases we thought of, and for those we did not."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.render.chart import compose
from functions.render.scene import CANVAS, Scene, Shape
from functions.render.theme import contrast, theme_of
from ledgercast.domain.facts import Check, Facts
from local.gallery_facts import (
    ageing,
    breakdown,
    cash_in_vs_out,
    cash_position,
    eleven,
    hard,
    revenue_vs_expenses,
    single,
)

CASES = {**eleven(), **hard()}
AMOUNTS = st.one_of(
    st.sampled_from([0, 0.01, -0.01, 1, 999.99, 1e9, -1e9, 4_200_000_000.55]),
    st.decimals(-(10**11), 10**11, places=2).map(float),
)
NAMES = st.one_of(
    st.text(max_size=200),
    st.text("אבגדה שלום 12()", min_size=1, max_size=200),
    st.text("$_^{}\\ 🚀é", min_size=1, max_size=40),
)
SINGLES = ("revenue", "gross_profit", "net_profit", "operating_expenses", "cost_of_sales_pct")


def problems(scene: Scene) -> list[str]:
    """What a reader would trip over."""
    texts = scene.texts
    over = [f"{a.content!r} over {b.content!r}" for a, b in combinations(texts, 2) if a.box.meets(b.box)]
    out = [f"{text.content!r} outside" for text in texts if not text.box.within(CANVAS)]
    for item in scene.items:
        if isinstance(item, Shape) and any(not (0 <= x <= 1600 and 0 <= y <= 900) for x, y in item.points):
            out.append(f"a shape outside: {item.points[:4]}")
    return over + out


@pytest.mark.parametrize("name", CASES)
def test_texts_keep_clear_of_each_other_and_of_the_edge(name: str) -> None:
    assert problems(compose(CASES[name], theme_of())) == []


def monthly_rows(most: int = 40) -> st.SearchStrategy[list[float]]:
    return st.lists(AMOUNTS, min_size=1, max_size=most)


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """Facts of any metric, of 1 to 40 categories, in any names and amounts."""
    kind = draw(st.sampled_from(["single", "both", "breakdown", "cash_position", "cash_in_vs_out", "ageing"]))
    if kind == "single":
        row = draw(st.lists(st.one_of(AMOUNTS, st.none()), min_size=1, max_size=40))
        facts = single(draw(st.sampled_from(SINGLES)), row)
    elif kind == "both":
        earned = draw(monthly_rows())
        facts = revenue_vs_expenses(earned, draw(st.permutations(earned)))
    elif kind == "ageing":
        facts = ageing("aged_payables", draw(st.lists(AMOUNTS, min_size=5, max_size=5)))
    elif kind == "cash_in_vs_out":
        names = draw(st.lists(NAMES, min_size=1, max_size=12, unique=True))
        moved = draw(monthly_rows(24))
        facts = cash_in_vs_out(names, [abs(one) for one in moved], [-abs(one) for one in reversed(moved)])
    else:
        accounts = draw(st.dictionaries(NAMES, AMOUNTS, min_size=1, max_size=40))
        facts = breakdown(accounts) if kind == "breakdown" else cash_position(accounts)
    organisation = replace(
        facts.organisation, name=draw(NAMES), currency=draw(st.sampled_from(["GBP", "AUD", "JPY", "KWD", "ILS"]))
    )
    notes = tuple(draw(st.lists(NAMES, max_size=3)))
    check = draw(
        st.sampled_from([(), (Check("a", "1.00", "2.00", False),), (Check("a", None, None, None, "x" * 200),)])
    )
    return replace(facts, organisation=organisation, notes=notes, checks=check)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(any_facts())
def test_any_facts_are_laid_out_without_a_clash(facts: Facts) -> None:
    assert problems(compose(facts, theme_of())) == []


def test_a_clash_would_be_seen() -> None:
    scene = compose(eleven()["revenue"], theme_of())
    title = scene.texts[0]

    scene.write(title.x + 5, title.y, "on top", 20, "#000000")
    scene.write(1590, 880, "over the edge", 20, "#000000")

    assert len(problems(scene)) == 2


def test_the_frame_tells_what_every_chart_must_tell() -> None:
    told = " ".join(text.content for text in compose(eleven()["revenue"], theme_of()).texts)

    for part in (
        "Revenue (Monthly)",
        "Southern Cross Fixtures Ltd",
        "1 Dec 2025 – 16 Nov 2026",
        "GBP",
        "£196,240.90",
        "Down 2.8% on the month before",
        "Accrual basis",
        "Sum of revenue accounts in Xero's Profit and Loss",
        "Ties to Xero's total",
        "to date",
    ):
        assert part in told


def test_a_failed_check_is_said_on_the_chart() -> None:
    told = [text.content for text in compose(eleven()["aged_payables"], theme_of()).texts]

    assert "Does not tie: off by £1,240.10" in told


def test_every_bar_is_labelled_where_there_is_room() -> None:
    told = [text.content for text in compose(eleven()["net_profit"], theme_of()).texts]

    assert {"£24.3K", "−£12.5K", "−£3.3K", "£13.4K"} <= set(told)


def test_months_without_a_percentage_are_marked_and_never_zero() -> None:
    scene = compose(eleven()["cost_of_sales_pct"], theme_of())

    assert [text.content for text in scene.texts].count("n/a") == 1


@pytest.mark.parametrize("name", ["light", "dark"])
def test_texts_are_read_against_their_ground(name: str) -> None:
    theme = theme_of(name)  # type: ignore[arg-type]
    for colour in (theme.ink, theme.muted, theme.good, theme.bad):
        assert contrast(colour, theme.background) >= 4.5
