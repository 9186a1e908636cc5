"""The number table as a message carries it: aligned text for a code block, groups of columns, and CSV."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator

from ledgercast.table import Sheet, Table
from ledgercast.text import one_line, shorten

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def as_csv(table: Table) -> bytes:
    """UTF-8 with a mark, so that Excel reads it; no cell of text can be taken for a formula (SX-3)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(map(cell, table.whole.columns))
    writer.writerows(map(cell, row) for row in table.whole.rows)
    return out.getvalue().encode("utf-8-sig")


def cell(text: str) -> str:
    """Numbers stay numbers, negative ones too; a text that a spreadsheet would calculate gets an apostrophe."""
    text = one_line(text)
    if _NUMBER.fullmatch(text):
        return text
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_text(table: Sheet, *, width: int, most_name: int = 24) -> Iterator[list[str]]:
    """The table as aligned lines, in groups of columns that fit `width`; each group begins with the names."""
    names = [shorten(row[0], most_name) for row in (table.columns, *table.rows)]
    lead = max(map(display_width, names))
    columns = [[row[i] for row in (table.columns, *table.rows)] for i in range(1, len(table.columns))]
    most_title = most_name if len(columns) > 1 else width - lead - 2  # a lone column has the whole width
    for column in columns:
        column[0] = shorten(column[0], most_title)
    for group in _fitting(columns, width - lead):
        lines = [_left(name, lead) for name in names]
        for column in group:
            across = max(map(display_width, column))
            lines = [f"{line}  {_right(one, across)}" for line, one in zip(lines, column, strict=True)]
        yield _ruled(lines, totalled=table.totalled)


def _fitting(columns: list[list[str]], width: int) -> Iterator[list[list[str]]]:
    group: list[list[str]] = []
    used = 0
    for column in columns:
        needs = 2 + max(map(display_width, column))
        if group and used + needs > width:
            yield group
            group, used = [], 0
        group.append(column)
        used += needs
    if group:
        yield group


def _ruled(lines: list[str], *, totalled: bool) -> list[str]:
    rule = "─" * max(map(display_width, lines))
    body = [*lines[1:-1], rule, lines[-1]] if totalled else lines[1:]
    return [lines[0], rule, *body]


def display_width(text: str) -> int:
    """Columns in a fixed-width face: wide signs take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(one) or unicodedata.category(one) in ("Mn", "Me", "Cf") else _wide(one)
        for one in text
    )


def _wide(one: str) -> int:
    return 2 if unicodedata.east_asian_width(one) in ("W", "F") else 1


def _left(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))


def _right(text: str, width: int) -> str:
    return " " * (width - display_width(text)) + text


def columns_in_groups(table: Sheet, most: int) -> Iterator[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """The table for a page of limited width: (columns, rows) with at most so many figures beside the name."""
    for start in range(1, len(table.columns), most):
        span = slice(start, start + most)
        yield (table.columns[0], *table.columns[span]), [(row[0], *row[span]) for row in table.rows]
