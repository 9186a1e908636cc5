"""docs/metrics.md, made from the catalogue, so that the page and the program cannot disagree."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from ledgercast.domain.catalogue import METRICS, Metric
from ledgercast.xero.scopes import missing

_CHARTS = {"line": "line", "bar": "bar", "combo": "line over bars", "hbar": "horizontal bar", "stacked": "stacked bar"}
PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"

_LEAD = """# The eleven metrics

Twelve months: the current month to date and the eleven full months before it, in the organisation's own time zone and
base currency, on an accrual basis. A part month is marked, never scaled. Every chart says how its figure is derived and
whether it ties to a control total of Xero's. This page is made from the catalogue by `make gallery`.
"""


def text() -> str:
    sections = [_LEAD]
    for category, metrics in groupby(METRICS, key=lambda one: one.category):
        sections.append(f"\n## {category}\n")
        sections.extend(_entry(one) for one in metrics)
    return "\n".join(sections)


def write() -> None:
    PAGE.write_text(text())


def _entry(one: Metric) -> str:
    star = " ★" if one.recommended else ""
    scopes = ", ".join(f"`{scope}`" for scope in missing(one.id, ()))
    return (
        f"### {one.title}{star}\n\n"
        f"{one.meaning} {one.derivation}.\n\n"
        f"| id | chart | from | suggested | Xero scopes |\n|---|---|---|---|---|\n"
        f"| `{one.id}` | {_CHARTS[one.chart]} | {one.source} | {one.cadence} | {scopes} |\n"
    )
