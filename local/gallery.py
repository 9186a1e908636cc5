"""`make gallery`: docs/gallery/, charts of invented books in both themes, the hard cases among them."""

from __future__ import annotations

import re
from pathlib import Path

from functions.render.chart import render
from functions.render.describe import alt_text
from functions.render.theme import ThemeName
from ledgercast.domain.facts import Facts
from local.gallery_facts import eleven, hard

OUT = Path(__file__).parents[1] / "docs" / "gallery"
_DARK = ("cash_in_vs_out", "revenue_vs_expenses", "net_profit")
_HARD = {
    "names": "Names in any script, with signs and emoji, and an organisation written from right to left",
    "forty-accounts": "Forty accounts, half of them overdrawn, and a total that cannot be compared",
    "all-losses": "A year of losses",
    "crossing": "Expenses above revenue",
    "gaps": "Months in which the percentage is not defined",
}
_HEAD = """# Gallery

Charts of invented books, drawn by `make gallery` (which writes this page). Every picture is 1600 × 900 and at most
40 KiB. Each has its alt text below it, as it goes out with the chart.
"""


def main() -> int:
    """Writes the page and its pictures; returns the exit status."""
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.glob("*.png"):
        old.unlink()
    parts = [_HEAD, "\n## The eleven metrics\n"]
    parts += [_entry(facts.title, name, facts, "light") for name, facts in eleven().items()]
    parts.append("\n## Dark, in a brand's colour\n")
    parts += [_entry(eleven()[name].title, name, eleven()[name], "dark", "#12B886") for name in _DARK]
    parts.append("\n## Hard cases\n")
    parts += [_entry(title, name, hard()[name], "light") for name, title in _HARD.items()]
    (OUT / "index.md").write_text("".join(parts))
    print(f"docs/gallery/index.md: {len(list(OUT.glob('*.png')))} charts")
    return 0


def _entry(title: str, name: str, facts: Facts, theme: ThemeName, brand: str | None = None) -> str:
    file = f"{name}-{theme}.png"
    (OUT / file).write_bytes(render(facts, theme=theme, brand=brand))
    words = re.sub(r"([\\_*\[\]$^])", r"\\\1", alt_text(facts))
    return f"\n### {title}\n\n![{title}]({file})\n\n{words}\n"
