"""Facts for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ledgercast.domain.facts import Check, Facts
from ledgercast.figures import change_words, figure
from local.plain import one_line

_SIDES = {"received": "Received", "spent": "Spent"}


def show(facts: Facts, console: Console) -> None:
    """The figures as a table, with headline, total, notes and any check that failed."""
    console.print()
    console.print(Text(facts.title, style="bold"))
    where = one_line(facts.organisation.name)
    basis = f", {facts.basis} basis" if facts.basis else ""
    console.print(Text(f"{where}, {facts.window.label}{basis}, {facts.organisation.currency}", style="dim"))
    if not facts.empty:
        console.print(_table(facts))
    for line in _lines(facts):
        console.print(Text(line), soft_wrap=True)


def _table(facts: Facts) -> Table:
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("")
    columns = _columns(facts)
    for name, _ in columns:
        table.add_column(Text(one_line(name)), justify="right", no_wrap=True)
    running = facts.window.end[:7] if facts.window.partial_last else None
    for index, category in enumerate(facts.categories):
        part = " (to date)" if facts.category_keys[index] == running else ""
        cells = (_cell(values[index], facts) for _, values in columns)
        table.add_row(Text(one_line(category) + part), *cells)
    return table


def _columns(facts: Facts) -> list[tuple[str, list[Decimal | None]]]:
    """One per series; the many accounts of cash in and out are summed per side, or no terminal would hold them."""
    columns: dict[str, list[Decimal | None]] = {}
    for series in facts.series:
        name = _SIDES.get(series.id.split(":")[0], series.name)
        values = [None if value is None else Decimal(value) for value in series.values]
        before = columns.get(name)
        columns[name] = values if before is None else [_sum(*pair) for pair in zip(before, values, strict=True)]
    return list(columns.items())


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return other if one is None else one if other is None else one + other


def _cell(value: Decimal | None, facts: Facts) -> Text:
    if value is None:
        return Text("n/a", style="dim")
    return Text(figure(value, facts), style="red" if value < 0 else "")


def _lines(facts: Facts) -> Iterator[str]:
    if facts.headline.value is not None and not facts.empty:
        change = change_words(facts)
        words = f", {change}" if change else ""
        yield f"{facts.headline.label}: {figure(facts.headline.value, facts)}{words}"
        if facts.total is not None:
            yield f"Total: {figure(facts.total, facts)}"
    yield from (f"Note: {one_line(note)}" for note in facts.notes)
    yield from (_failed(check) for check in facts.checks if check.ok is False)


def _failed(check: Check) -> str:
    return f"CHECK FAILED: {check.name}: Xero says {check.expected}, the rows give {check.actual}"
