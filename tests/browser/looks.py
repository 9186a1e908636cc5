"""How a page looks and whether everybody can use it: pictures in four views, and the rules of axe in each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

from ledgercast.web.render import SHARED
from tests.npm import node_modules

ROOT = Path(__file__).parents[2]
OUT = ROOT / "out" / "browser"
WIDTHS = {1280: 800, 390: 844}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NARROWEST = 320
"""A page must be usable at this width without scrolling sideways (WCAG 1.4.10)."""

TEMPLATES = {
    file.name.removesuffix(".html.j2")
    for folder in (SHARED, *(ROOT / "functions").glob("*/templates"))
    for file in folder.glob("*.html.j2")
    if '{% extends "base.html.j2" %}' in file.read_text()
}
"""Every page there is, by its template."""

_RUN = "axe.run(document, {resultTypes: ['violations'], iframes: false}).then(found => found.violations)"
_PICTURES = "Promise.all([...document.images].map(one => one.decode().catch(() => null)))"
"""A page may have another picture for the dark, which has to come first."""
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Looks:
    """`wrong` collects what is wrong with every page that was looked at, `seen` the templates they were made from."""

    wrong: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    views: int = 0

    def __post_init__(self) -> None:
        self._axe = (node_modules() / "axe-core" / "axe.min.js").read_text()
        OUT.mkdir(parents=True, exist_ok=True)

    def at(self, page: Page, template: str, state: str = "") -> None:
        """Look at the page as it stands: `template` is what it is made from, `state` what is shown by it now."""
        name = f"{template}-{state}" if state else template
        self.seen.add(template)
        page.evaluate(self._axe)
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                page.evaluate(_PICTURES)
                page.screenshot(path=OUT / f"{name}-{width}-{scheme}.png", full_page=True)
                self._judge(page, f"{name} at {width} px, {scheme}")
        page.set_viewport_size({"width": NARROWEST, "height": 640})
        self._fits(page, f"{name} at {NARROWEST} px")
        page.set_viewport_size({"width": 1280, "height": 800})

    def _judge(self, page: Page, view: str) -> None:
        self.views += 1
        self._fits(page, view)
        for broken in page.evaluate(_RUN):
            self.wrong += [f"{view}: {broken['id']}: {_told(node)}" for node in broken["nodes"]]

    def _fits(self, page: Page, view: str) -> None:
        wider = page.evaluate(_WIDER)
        if wider > 0:
            self.wrong.append(f"{view}: {wider} px wider than the window")


def _told(node: dict[str, Any]) -> str:
    return f"{' '.join(map(str, node['target']))}: {' '.join(node.get('failureSummary', '').split())}"
