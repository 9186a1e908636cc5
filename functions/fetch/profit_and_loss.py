"""Reads columns of a Profit and Loss: rows classified by account, Xero's own totals kept apart as controls.

metrics.md 2 (Profit and loss) and 4; facts.md 3.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from functions.fetch.organisation import Chart, Kind
from ledgercast.domain.errors import UnknownReportShape
from ledgercast.xero.reports import Heading, Report, Row, Section, amount, heading, walk, words

CURRENCY_KEY: Final = "FXGROUPID"
CURRENCY_NAME: Final = "Foreign currency gains and losses"

# facts.md 3.2. «Non-operating» alone does not tell income from expense and is therefore not here.
_TITLES: Final[dict[str, Kind]] = {
    **dict.fromkeys(("income", "revenue", "trading income", "turnover", "sales"), "revenue"),
    **dict.fromkeys(("cost of sales", "cost of goods sold", "direct costs"), "cost_of_sales"),
    **dict.fromkeys(("other income", "non-operating income"), "other_income"),
    **dict.fromkeys(
        (
            "operating expenses",
            "expenses",
            "overheads",
            "administrative costs",
            "other expenses",
            "non-operating expenses",
        ),
        "operating",
    ),
}
_GROSS = re.compile(r"gross (profit|loss|surplus|deficit).*")
_NET = re.compile(r"net (profit|loss|income|surplus|deficit|earnings).*")
_OTHER_TOTAL = re.compile(r"total .*|(operating|trading) (profit|loss|income|surplus|deficit).*")


@dataclass
class Line:
    """One account's figure in one column: positive income, positive expense."""

    kind: Kind
    name: str
    amount: Decimal


@dataclass(frozen=True)
class Control:
    """A section's total by Xero beside the sum of its rows."""

    title: str
    expected: Decimal
    actual: Decimal
    rows: int


@dataclass
class Column:
    """One period. `lines` by account id in lower case, `FXGROUPID` for all currency lines together."""

    heading: Heading
    lines: dict[str, Line] = field(default_factory=dict)
    controls: list[Control] = field(default_factory=list)
    gross: Decimal | None = None
    net: Decimal | None = None
    by_title: set[str] = field(default_factory=set)

    def sum(self, *kinds: Kind) -> Decimal:
        return sum((line.amount for line in self.lines.values() if line.kind in kinds), Decimal(0))

    @property
    def revenue(self) -> Decimal:
        return self.sum("revenue")

    @property
    def cost_of_sales(self) -> Decimal:
        return self.sum("cost_of_sales")

    @property
    def operating(self) -> Decimal:
        return self.sum("operating", "currency")

    @property
    def gross_profit(self) -> Decimal:
        return self.revenue - self.cost_of_sales

    @property
    def expenses(self) -> Decimal:
        return self.cost_of_sales + self.operating

    @property
    def net_profit(self) -> Decimal:
        return self.gross_profit + self.sum("other_income") - self.operating


def account_ids(body: Any) -> Iterator[str]:
    """The ids of all account rows, currency groups left out."""
    for section in walk(body).sections:
        for row in section.rows:
            found = _account(row)
            if found and found.casefold() != CURRENCY_KEY.casefold():
                yield found


def columns(body: Any, chart: Chart) -> list[Column]:
    """The report's columns in its own order; [] for an empty report. Raises UnknownReportShape."""
    report = walk(body)
    found = [Column(heading(text)) for text in report.columns[1:]]
    if not report.empty and not found:
        raise UnknownReportShape("The profit and loss has no column of figures")
    if len({column.heading.month for column in found}) != len(found):
        raise UnknownReportShape("The profit and loss has two columns for one month")
    for section in report.sections:
        _read_section(report, section, found, chart)
    return found


def _read_section(report: Report, section: Section, found: list[Column], chart: Chart) -> None:
    """Account rows become lines, Xero's totals become controls; what is neither is unknown."""
    sums, rows = [Decimal(0)] * len(found), 0
    for row in section.rows:
        figures = [amount(cell.text) for cell in row.cells[1:]]
        account_id = _account(row)
        if row.summary:
            if not _profit(row, figures, found) and rows:
                _control(row, figures, sums, rows, found)
        elif account_id:
            _add(row, account_id, section, figures, found, chart)
            sums, rows = [a + b for a, b in zip(sums, figures, strict=True)], rows + 1
        elif not _is_total(row.label) or not (section.title == "" or _is_total(section.title)):
            raise UnknownReportShape("An account row carries no account id")
        else:
            _profit(row, figures, found)


def _profit(row: Row, figures: list[Decimal], found: list[Column]) -> bool:
    """Keep the gross or net profit as Xero's own; False for any other total."""
    gross, net = _GROSS.fullmatch(words(row.label)), _NET.fullmatch(words(row.label))
    for column, figure in zip(found, figures, strict=True):
        if gross:
            column.gross = figure
        elif net:
            column.net = figure
    return bool(gross or net)


def _control(row: Row, figures: list[Decimal], sums: list[Decimal], rows: int, found: list[Column]) -> None:
    for column, expected, actual in zip(found, figures, sums, strict=True):
        column.controls.append(Control(row.label, expected, actual, rows))


def _add(
    row: Row, account_id: str, section: Section, figures: list[Decimal], found: list[Column], chart: Chart
) -> None:
    key, kind, name = _classify(row, account_id, section, chart, found)
    if kind == "currency" and _TITLES.get(words(section.title)) in ("revenue", "other_income"):
        figures = [-figure for figure in figures]  # listed as income: a gain is positive there
    for column, figure in zip(found, figures, strict=True):
        line = column.lines.setdefault(key, Line(kind, name, Decimal(0)))
        line.amount += figure


def _classify(row: Row, account_id: str, section: Section, chart: Chart, found: list[Column]) -> tuple[str, Kind, str]:
    if account_id.casefold() == CURRENCY_KEY.casefold():
        return CURRENCY_KEY, "currency", CURRENCY_NAME
    account = chart.find(account_id)
    if account is None:
        kind = _TITLES.get(words(section.title))
        if kind is None:
            raise UnknownReportShape("A row is not in the chart of accounts and its section's title is unknown")
        for column in found:
            column.by_title.add(row.label)
        return account_id.casefold(), kind, row.label
    if account.kind == "currency":
        return CURRENCY_KEY, "currency", CURRENCY_NAME
    return account_id.casefold(), account.kind, row.label


def _account(row: Row) -> str | None:
    return row.attribute("account", "accountid")


def _is_total(label: str) -> bool:
    return any(pattern.fullmatch(words(label)) for pattern in (_GROSS, _NET, _OTHER_TOTAL))


def add_up(parts: Iterable[Column]) -> dict[str, Line]:
    """The lines of several columns together, by account, under the name that came last."""
    whole: dict[str, Line] = {}
    for column in parts:
        for key, line in column.lines.items():
            before = whole[key].amount if key in whole else Decimal(0)
            whole[key] = Line(line.kind, line.name, before + line.amount)
    return whole
