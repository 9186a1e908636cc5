"""Names from anywhere, drawn as they are written or not at all: never as mathematics, never as boxes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from functions.render.lettering import UNNAMED, clean, cut, ink, isolate, width, wrap


@pytest.mark.parametrize("name", ["$x_1^2$", "a_b", "50% \\frac{1}{2}", "^_^ $$$"])
def test_signs_of_mathematics_are_only_signs(name: str) -> None:
    parts = sum(width(char, 20) for char in name if char != " ")

    assert clean(name) == name
    assert width(name, 20) > parts * 0.7  # as wide as its letters: nothing raised, lowered or swallowed
    assert ink(name, 20).bottom - ink(name, 20).top < 32


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("Savings 🇳🇿 fund", "Savings fund"),
        ("tab\tand\nline\u2028end", "tab and line end"),
        ("\u202eevil\u202c", "evil"),
        ("👩‍👩‍👧\ufe0f", UNNAMED),
        ("   ", UNNAMED),
        ("e\u0301", "é"),
        ("z" + "\u0335" * 50, "z" + "\u0335" * 3),
        ("half \ud83d", "half"),
        ("★ Café", "★ Café"),
    ],
)
def test_what_cannot_be_drawn_on_one_line_goes(written: str, drawn: str) -> None:
    assert clean(written) == drawn


def test_hebrew_is_drawn_from_right_to_left() -> None:
    alef, bet, both = (ink(text, 40).coverage for text in ("א", "ב", "אב"))

    left, right = both[:, : bet.shape[1]], both[:, -alef.shape[1] :]

    assert abs(int((left > 0).sum()) - int((bet > 0).sum())) < 60
    assert abs(int((right > 0).sum()) - int((alef > 0).sum())) < 60
    assert int((alef > 0).sum()) != pytest.approx(int((bet > 0).sum()), rel=0.05)


def test_arabic_letters_are_joined() -> None:
    apart = sum(width(char, 40) for char in "مرحبا")

    assert width("مرحبا", 40) < apart * 0.9


def test_a_name_from_right_to_left_does_not_turn_its_line_round() -> None:
    name = "שלום"
    line = ink(f"{isolate(name)} 2026", 40).coverage
    year = ink("2026", 40).coverage

    gap = int((line[:, -year.shape[1] :] > 0).sum()) - int((year > 0).sum())
    assert abs(gap) < 60  # the year is still at the right


def test_every_script_of_our_faces_has_glyphs_of_its_own() -> None:
    for one, other in (("東", "京"), ("한", "국"), ("Ж", "Ю"), ("Ω", "Σ"), ("ع", "ف"), ("₪", "₹")):
        assert not np.array_equal(ink(one, 30).coverage, ink(other, 30).coverage)


def test_cutting_keeps_to_the_room_and_to_whole_letters() -> None:
    long = "Every word of this account's name is meant " * 5

    assert cut("short", 20, 400) == "short"
    assert width(cut(long, 20, 300), 20) <= 300
    assert cut(long, 20, 300).endswith("…")
    assert cut(long + "no 7", 20, 300, ending=True).endswith("no 7")
    assert width(cut(long, 20, 300, ending=True), 20) <= 300
    assert cut(long, 20, 3) == ""


def test_a_mark_is_never_parted_from_its_letter() -> None:
    cut_name = cut("x\u0307" * 60, 20, 120)

    assert cut_name.removesuffix("…").endswith("x\u0307")


def test_wrapping_breaks_at_spaces_and_cuts_the_last_line() -> None:
    lines = wrap("one two three four five six seven", 20, 90, 2)

    assert len(lines) == 2
    assert lines[0] == "one two"
    assert lines[1].endswith("…")
    assert wrap("", 20, 90, 2) == []


def test_figures_are_of_one_width() -> None:
    assert width("1", 40) < width("8", 40) - 6  # in ink
    assert abs(width("81118", 40) - width("88888", 40)) <= 1


def test_no_font_of_the_machine_is_looked_for_and_no_home_is_needed(tmp_path: Path) -> None:
    """A cold process without a home folder or fontconfig: no list of fonts, no pyplot, no figure, no client of AWS."""
    program = (
        "import sys, functions.render.chart\n"
        "from matplotlib.font_manager import fontManager\n"
        "assert fontManager.ttflist == [], fontManager.ttflist\n"
        "assert not {'matplotlib.pyplot', 'matplotlib.figure', 'matplotlib.axes'} & set(sys.modules)\n"
        "assert not {'boto3', 'botocore', 'requests'} & set(sys.modules)\n"
    )
    env = {"PATH": str(tmp_path), "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}

    done = subprocess.run(
        [sys.executable, "-c", program],
        env=env,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
