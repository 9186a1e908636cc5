"""Books of all kinds for property tests, and short ways to read a report's rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from local.xero.books import Books
from local.xero.generate import generate
from local.xero.reports import report

TODAY = date(2026, 11, 25)
SWITCHES = (
    "loss_making",
    "no_cost_of_sales",
    "foreign",
    "hostile_names",
    "dated_ahead",
    "unallocated_credits",
    "expense_gain",
    "late_entries",
)
worlds = st.builds(
    lambda today, seed, on, currency: generate(today, seed, currency=currency, **dict.fromkeys(on, True)),
    st.dates(date(2023, 1, 1), date(2028, 12, 31)),
    st.integers(0, 10_000),
    st.sets(st.sampled_from(SWITCHES)),
    st.sampled_from(("GBP", "NZD", "USD")),
)


def ask(name: str, books: Books, **query: object) -> dict[str, Any]:
    """One report as at the books' today; parameter names in lower case."""
    now = datetime(books.today.year, books.today.month, books.today.day, 10, tzinfo=UTC)
    asked = {key: str(value) for key, value in query.items()}
    body: dict[str, Any] = report(name, books.known(books.today), asked, books.today, now)["Reports"][0]
    return body


def sections(body: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Rows by trimmed section title; the rows of untitled sections together under ''."""
    found: dict[str, list[dict[str, Any]]] = {}
    for part in body["Rows"]:
        if part["RowType"] == "Section":
            found.setdefault(part["Title"].strip(), []).extend(part["Rows"])
    return found


def header(body: dict[str, Any]) -> list[str]:
    return [cell["Value"] for cell in body["Rows"][0]["Cells"]]


def lines(body: dict[str, Any]) -> Iterator[tuple[str, list[Decimal]]]:
    """Every row's name and figures."""
    for rows in sections(body).values():
        for row in rows:
            values = [cell["Value"] for cell in row["Cells"][1:]]
            yield row["Cells"][0]["Value"], [Decimal(value) for value in values]


def figures(body: dict[str, Any], name: str) -> list[Decimal]:
    """A row's figures; zeros where the report leaves it out."""
    nothing = [Decimal("0.00")] * (len(header(body)) - 1)
    return next((values for label, values in lines(body) if label.casefold() == name.casefold()), nothing)
