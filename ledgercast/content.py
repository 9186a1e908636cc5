"""What is said of a metric's facts, whatever carries it: headline, context, check, notes, alt text, table and link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ledgercast.ai import written_by
from ledgercast.domain.catalogue import metric
from ledgercast.domain.facts import Facts
from ledgercast.figures import change_words, figure, good_news
from ledgercast.table import Table, part_month, table_of
from ledgercast.text import one_line
from ledgercast.xero.links import report_link

TEST_MARK = "Test"
TEST_WORDS = "This is a test: somebody sent it by hand to try the pulse out."


@dataclass(frozen=True)
class Words:
    """A computed or written summary: a headline sentence and its points. `label` names the model that wrote it."""

    headline: str
    points: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True)
class Content:
    """Plain text throughout; each carrier escapes it in its own way. `table` is None where there was no activity.

    `test`: somebody sent this to try the pulse out, and whoever gets it must see that it is no regular one.
    """

    metric: str
    title: str
    organisation: str
    value: str
    label: str
    change: str | None
    good: bool | None
    context: tuple[str, ...]
    check: str | None
    check_failed: bool
    notes: tuple[str, ...]
    derivation: str
    as_of: str
    alt: str
    link: str | None
    summary: Words | None
    table: Table | None
    test: bool = False

    @property
    def headline(self) -> str:
        """One line for a subject, a notification or a screen reader."""
        if self.table is None:
            return f"{self.heading}: no activity"
        label = f" ({self.label})" if self.label else ""
        return f"{self.heading}: {self.value}{label}" + (f", {self.change}" if self.change else "")

    @property
    def heading(self) -> str:
        """The title, marked where this is a test."""
        return f"{TEST_MARK} · {self.title}" if self.test else self.title

    @property
    def arrow(self) -> str:
        """The change's way as a sign; none where nothing changed."""
        return {"up": "▲", "down": "▼"}.get((self.change or "").partition(" ")[0], "")


def content_of(facts: Facts, details: dict[str, Any] | None, summary: dict[str, Any] | None) -> Content:
    """Everything to be said about these facts. `details` is chart.json, `summary` is summary.json."""
    value = facts.headline.value
    failed = [check for check in facts.checks if check.ok is False]
    return Content(
        metric=facts.metric,
        title=one_line(facts.title),
        organisation=one_line(facts.organisation.name),
        value="Not defined" if value is None else figure(value, facts),
        label=_label(facts),
        change=change_words(facts),
        good=good_news(facts),
        context=tuple(_context(facts)),
        check=_check(facts),
        check_failed=bool(failed),
        notes=tuple(one_line(note) for note in facts.notes),
        derivation=metric(facts.metric).derivation,
        as_of=_as_of(facts),
        alt=one_line(str((details or {}).get("alt") or facts.title)),
        link=report_link(facts.organisation.short_code, facts.metric) if facts.organisation.short_code else None,
        summary=_words(summary),
        table=None if facts.empty else table_of(facts),
    )


def _label(facts: Facts) -> str:
    """What the headline's figure is, where the title does not say it, and of when."""
    subject = _SUBJECTS.get(facts.metric)
    label = one_line(facts.headline.label)
    if facts.metric in ("aged_receivables", "aged_payables") and facts.total is not None:
        return f"{label}, of {figure(facts.total, facts)} in all"
    return f"{subject}, {label}" if subject else label


def _words(summary: dict[str, Any] | None) -> Words | None:
    if not summary:
        return None
    label = written_by(one_line(str(summary["model"]))) if summary.get("kind") == "ai" else ""
    return Words(one_line(str(summary["headline"])), tuple(one_line(str(one)) for one in summary["points"]), label)


def _context(facts: Facts) -> Iterator[str]:
    """Period, basis, currency and the part month: what a figure needs to be read rightly."""
    start, end = date.fromisoformat(facts.window.start), date.fromisoformat(facts.window.end)
    yield _day(end) if start == end else f"{_day(start)} to {_day(end)}"
    if facts.basis:
        yield f"{facts.basis} basis"
    yield facts.organisation.currency
    month = part_month(facts)
    if month:
        yield f"{month} is to date"


def _check(facts: Facts) -> str | None:
    """The worst of the checks in one sentence (metrics.md 4)."""
    failed = [one_line(check.name) for check in facts.checks if check.ok is False]
    if failed:
        return f"Does not tie to Xero: {', '.join(failed)}"
    if any(check.ok for check in facts.checks):
        return "Ties to Xero's total"
    notes = [one_line(check.note) for check in facts.checks if check.note]
    return f"Not compared with Xero: {notes[0]}" if notes else None


def _as_of(facts: Facts) -> str:
    moment = datetime.fromisoformat(facts.as_of)
    return f"As of {_day(moment.date())}, {moment:%H:%M}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


_SUBJECTS = {
    "revenue_vs_expenses": "Revenue less expenses",
    "expense_breakdown": "Operating expenses",
    "cash_position": "All accounts",
    "cash_in_vs_out": "Net cash",
}
