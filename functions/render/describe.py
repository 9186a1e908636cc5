"""A chart for those who cannot see it: one paragraph of words, and every number as a table."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TypedDict

from functions.render import words
from functions.render.lettering import clean
from functions.render.months import monthly, part_month
from ledgercast.domain.facts import Facts, Series
from ledgercast.figures import change_words

_MOST_ROWS = 12  # of a chart without months, as many values as one can listen to


class Table(TypedDict):
    columns: list[str]
    rows: list[list[str]]


def alt_text(facts: Facts) -> str:
    """What the chart shows, in one paragraph: title, organisation, period, headline, range, what stands out, check."""
    shown = words.presentable(facts)
    sentences = [_subject(shown)]
    if facts.empty:
        sentences.append(shown.notes[0] if shown.notes else "No activity in this period")
    else:
        sentences.append(_headline(shown))
        sentences.extend(_months(shown) if monthly(shown) else _values(shown))
    check = words.check_result(shown)
    if check:
        sentences.append(check.words)
    return " ".join(f"{sentence.rstrip('.')}." for sentence in sentences)


def number_table(facts: Facts) -> Table:
    """Every category by every series, in figures as people read them."""
    first = _first_column(facts)
    names = _column_names(facts.series)
    rows = [
        [_category(facts, index), *(words.full(one.values[index], facts) for one in facts.series)]
        for index in range(len(facts.categories) if facts.series else 0)
    ]
    return {"columns": [first, *names], "rows": rows}


def _subject(facts: Facts) -> str:
    about = [facts.organisation.currency if facts.unit == "currency" else None, (words.basis(facts) or "").lower()]
    said = ", ".join(part for part in about if part)
    return f"{facts.title}, {facts.organisation.name}, {words.period(facts)}" + (f" ({said})" if said else "")


def _headline(facts: Facts) -> str:
    change = change_words(facts)
    return f"{facts.headline.label}: {words.full(facts.headline.value, facts)}" + (f", {change}" if change else "")


def _months(facts: Facts) -> list[str]:
    """The range of each line of figures over the months that are over, and the month that is not."""
    told = facts.series if len(facts.series) < 3 else [one for one in facts.series if one.kind == "marker"]
    sentences = []
    for series in told:
        rows = _known(facts, series)
        over = rows[:-1] if facts.window.partial_last and len(rows) > 1 else rows
        name = f"{series.name}: highest" if len(facts.series) > 1 else "Highest"
        if over:
            low, high = min(over, key=lambda row: row[1]), max(over, key=lambda row: row[1])
            top, floor = words.full(str(high[1]), facts), words.full(str(low[1]), facts)
            sentences.append(f"{name} {top} in {high[0]}, lowest {floor} in {low[0]}")
        below = [category for category, value in over if value < 0]
        if below:
            sentences.append(f"Below zero in {', '.join(below)}")
        if facts.window.partial_last and series.values[-1] is not None:
            sentences.append(f"{facts.categories[-1]} to date {words.full(series.values[-1], facts)}")
    return sentences


def _values(facts: Facts) -> list[str]:
    """Each value by name, so many as one can listen to."""
    rows = _known(facts, facts.series[0])
    told = [f"{name} {words.full(str(value), facts)}" for name, value in rows[:_MOST_ROWS]]
    left = len(rows) - len(told)
    return ["; ".join([*told, *([f"and {left} more"] if left else [])])] if told else []


def _known(facts: Facts, series: Series) -> list[tuple[str, Decimal]]:
    pairs = zip(facts.categories, series.values, strict=True)
    return [(category, Decimal(value)) for category, value in pairs if value is not None]


def _first_column(facts: Facts) -> str:
    if "90+" in facts.category_keys:
        return "Age"
    return "Month" if monthly(facts) else "Account"


def _category(facts: Facts, index: int) -> str:
    return clean(facts.categories[index]) + (" (to date)" if part_month(facts, index) else "")


def _column_names(series: tuple[Series, ...]) -> list[str]:
    """The series' names; where an account has one for received and one for spent, which of the two it is."""
    names = [clean(one.name) for one in series]
    often = Counter(names)
    return [
        f"{name} ({one.id.split(':', 1)[0]})" if often[name] > 1 and ":" in one.id else name
        for name, one in zip(names, series, strict=True)
    ]
