"""The messages are, to the letter, those that somebody looked at, and read well anywhere (DL-2, DL-3)."""

from __future__ import annotations

import re

import pytest

from tests.unit.deliver.golden_files import FOLDER, golden_files

FILES = golden_files()


@pytest.mark.parametrize("name", FILES)
def test_what_goes_out_is_what_was_looked_at(name: str) -> None:
    """`python -m tests.unit.deliver.golden_files` writes the files anew."""
    assert FILES[name] == (FOLDER / name).read_text(encoding="utf-8")


def test_no_golden_is_left_over() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(FILES)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".html")])
def test_the_mail_narrows_to_a_phone_and_is_of_fixed_width_where_word_draws_it_dl_3(name: str) -> None:
    html = FILES[name]

    assert not re.search(r"(?<!max-)width:\d{3,}px", html), "a width that no phone has"
    assert html.count("<!--[if mso]>") == 2 and '<!--[if mso]><table role="presentation" width="640"' in html
    assert "@media (max-width:600px)" in html


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".html")])
def test_without_its_picture_the_mail_still_says_everything_dl_3(name: str) -> None:
    """Images off: the figure, the change and the alternative text stand there as text."""
    html, text = FILES[name], FILES[name.replace(".html", ".txt")]

    for image in re.findall(r"<img[^>]*>", html):
        assert len(re.findall(r'alt="([^"]{20,})"', image)) == 1
        assert "background-color:#ffffff" in image and "color:#18212f" in image
    figure = re.search(r"^[−£\d.,]{4,}", text, re.MULTILINE)
    assert figure is None or figure[0] in html
