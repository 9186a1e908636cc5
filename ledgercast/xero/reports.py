"""Walks the shape that all of Xero's reports share (facts.md 3.1) and refuses every other (XR-3).

A report is a header and sections of rows; every value is text. Columns are found by the header's text, never by their
place. What this module does not know raises UnknownReportShape: no figure is better than a wrong one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ledgercast.domain.errors import UnknownReportShape
from ledgercast.domain.periods import NAMES, Month

_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+")
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3}(\.[0-9]+)?")
_HEADING = re.compile(r"(?:(?P<day>[0-9]{1,2}) )?(?P<month>[a-z]{3,9})\.? (?P<year>[0-9]{4}|[0-9]{2})")


@dataclass(frozen=True)
class Cell:
    """Text as Xero gives it, trimmed; attribute names in lower case, since documents and answers disagree on theirs."""

    text: str
    attributes: dict[str, str]


@dataclass(frozen=True)
class Row:
    """`summary` is what Xero calls a SummaryRow: a total or a closing line."""

    cells: tuple[Cell, ...]
    summary: bool

    @property
    def label(self) -> str:
        return self.cells[0].text

    def attribute(self, *names: str) -> str | None:
        """The first of these attributes on any cell: which cell carries it differs by report."""
        for cell in self.cells:
            for name in names:
                if cell.attributes.get(name):
                    return cell.attributes[name]
        return None


@dataclass(frozen=True)
class Section:
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Report:
    """`columns` are the header's texts, the label's own first; both are empty for a report without anything in it."""

    columns: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def empty(self) -> bool:
        return not any(section.rows for section in self.sections)


@dataclass(frozen=True)
class Heading:
    """A column that stands for a period: its month, and the last day it covers where the header names one."""

    month: Month
    day: int | None

    def ends(self, day: date) -> bool:
        """Whether the column ends on that day, as far as its header tells."""
        return self.month == Month.of(day) and self.day in (None, day.day)


def walk(body: Any) -> Report:
    """The one report of an answer. `Reports: []`, `Rows: []` and a lone header are an empty report (metrics.md 5)."""
    reports = body.get("Reports") if isinstance(body, dict) else None
    if not isinstance(reports, list):
        raise UnknownReportShape("The answer holds no list of reports")
    if not reports:
        return Report((), ())
    rows = reports[0].get("Rows") if isinstance(reports[0], dict) else None
    if not isinstance(rows, list):
        raise UnknownReportShape("The report has no list of rows")
    return _report(rows)


def _report(rows: list[Any]) -> Report:
    columns: tuple[str, ...] = ()
    sections: list[Section] = []
    for row in rows:
        if _kind(row) == "header":
            if columns:
                raise UnknownReportShape("The report has two headers")
            columns = tuple(cell.text for cell in _cells(row))
        else:
            sections.extend(_sections(row, ""))
    for section in sections:
        if any(len(row.cells) != len(columns) for row in section.rows):
            raise UnknownReportShape("A row has more or fewer cells than the report has columns")
    return Report(columns, tuple(sections))


def _sections(row: Any, above: str) -> Iterator[Section]:
    """The section of this row and those nested in it; a row outside any section is one of its own."""
    kind = _kind(row)
    if kind in ("row", "summaryrow"):
        yield Section("", tuple(_rows([row])))
        return
    if kind != "section":
        raise UnknownReportShape("A header stands inside a report")
    title = _text(row.get("Title")) or above
    within = _list(row.get("Rows"))
    yield Section(title, tuple(_rows([one for one in within if _kind(one) != "section"])))
    for nested in within:
        if _kind(nested) == "section":
            yield from _sections(nested, title)


def _rows(rows: list[Any]) -> Iterator[Row]:
    for row in rows:
        kind = _kind(row)
        if kind not in ("row", "summaryrow"):
            raise UnknownReportShape("A header stands inside a section")
        cells = _cells(row)
        if any(cell.text or cell.attributes for cell in cells):
            yield Row(cells, kind == "summaryrow")


def _kind(row: Any) -> str:
    kind = str(row.get("RowType", "")).casefold() if isinstance(row, dict) else ""
    if kind not in ("header", "section", "row", "summaryrow"):
        raise UnknownReportShape("The report has a row of an unknown type")
    return kind


def _cells(row: dict[str, Any]) -> tuple[Cell, ...]:
    cells = row.get("Cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise UnknownReportShape("A row has no list of cells")
    return tuple(Cell(_text(cell.get("Value")), _attributes(cell.get("Attributes"))) for cell in cells)


def _attributes(given: Any) -> dict[str, str]:
    found = {}
    for one in _list(given):
        pair = {str(key).casefold(): value for key, value in one.items()} if isinstance(one, dict) else {}
        if "id" not in pair:
            raise UnknownReportShape("An attribute of a cell has no id")
        found[str(pair["id"]).casefold()] = _text(pair.get("value"))
    return found


def _list(found: Any) -> list[Any]:
    """What may be left out where it would be empty."""
    if found is not None and not isinstance(found, list):
        raise UnknownReportShape("Something else stands where a list should")
    return found or []


def _text(value: Any) -> str:
    """Trimmed, inner spaces collapsed; absent is ''."""
    if isinstance(value, dict | list | bool):
        raise UnknownReportShape("Something else stands where a text should")
    return "" if value is None else " ".join(str(value).split())


def words(title: str) -> str:
    """A title to compare by: case, spaces and a leading «Less» or «Plus» make no difference."""
    plain = " ".join(title.casefold().split())
    for lead in ("less ", "plus ", "(plus) ", "(less) "):
        plain = plain.removeprefix(lead)
    return plain


def amount(text: str) -> Decimal:
    """A figure of a report. '' is 0; brackets and a leading minus are negative; commas group; a currency sign is noise.

    Raises UnknownReportShape for anything else, a decimal comma and a percentage among them.
    """
    plain = "".join(sign for sign in text if unicodedata.category(sign) not in ("Sc", "Zs"))
    if not plain:
        if text.strip():
            raise UnknownReportShape("A currency sign stands where an amount should")
        return Decimal(0)
    negative = False
    if plain[0] in "-\u2212":
        negative, plain = True, plain[1:]
    elif plain[0] == "(" and plain[-1] == ")":
        negative, plain = True, plain[1:-1]
    if not (_PLAIN.fullmatch(plain) or _GROUPED.fullmatch(plain)):
        raise UnknownReportShape("A cell holds something that is not an amount")
    value = Decimal(plain.replace(",", ""))
    return -value if negative else value


def heading(text: str) -> Heading:
    """`30 Sep 26`, `30 Sep 2026` or `Sep 2026`. Raises UnknownReportShape for anything else."""
    found = _HEADING.fullmatch(text.casefold())
    number = _month_number(found["month"]) if found else None
    if not found or number is None or (found["day"] is None and len(found["year"]) != 4):
        raise UnknownReportShape("A column's header is not a period")
    year = int(found["year"])
    month = Month(year if year > 99 else 2000 + year, number)
    day = int(found["day"]) if found["day"] else None
    if day is not None and not 1 <= day <= month.days:
        raise UnknownReportShape("A column's header is not a date")
    return Heading(month, day)


def _month_number(name: str) -> int | None:
    """By its first three letters, so that «Sept» and «September» are read as well."""
    return next((number for number, short in enumerate(NAMES, 1) if name.startswith(short.casefold())), None)
