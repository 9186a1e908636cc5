"""No page is left out of these tests, and what they look for is found where it is."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.looks import TEMPLATES, Looks
from tests.browser.watch import Watch

_FAULTY = """<!doctype html><html lang=en><title>Faulty</title>
<h1>Faulty</h1><p style="color: #ccc">Grey on white</p><input><div style="width: 2000px">Wide</div>"""
_FORBIDDEN = """<!doctype html><html lang=en><title>Forbidden</title>
<meta http-equiv=Content-Security-Policy content="style-src 'none'"><p style="color: red">Red</p>
<img alt="" src="http://elsewhere.example/a.png"><script>throw new Error("on purpose")</script>"""


def test_every_page_is_looked_at() -> None:
    sources = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    assert set(re.findall(r'looks\.at\(\w+\.page, "(\w+)"', sources)) >= TEMPLATES


def test_what_is_wrong_with_a_page_is_seen(browser: Browser) -> None:
    looks = Looks()
    with browser.new_page() as page:
        page.set_content(_FAULTY)
        looks.at(page, "faulty")
    wrong = "\n".join(looks.wrong)
    assert "faulty at 1280 px, light: color-contrast" in wrong
    assert "faulty at 1280 px, dark: label" in wrong
    assert "faulty at 390 px, light: 1" in wrong
    assert "faulty at 320 px" in wrong


def test_what_must_not_happen_is_noticed(browser: Browser) -> None:
    watch = Watch("http://localhost:1", ())
    with browser.new_context() as room:
        watch.over(room)
        room.new_page().set_content(_FORBIDDEN)
    told = "\n".join(watch.faults)
    assert "http://elsewhere.example was asked for: image" in told
    assert "Content Security Policy" in told
    assert "on purpose" in told
