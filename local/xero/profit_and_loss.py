"""Reports/ProfitAndLoss."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from local.xero.books import CURRENCY_SYSTEM, REVENUE_TYPES, Account, Allocation, Books, Ledger, Payment, Posting
from local.xero.shapes import Query, Row, account_row, add, cell, long_day, row, section, short_day, spans, total_row

Values = list[Decimal]
FX_NAME = "Foreign Currency Gains and Losses"


@dataclass(frozen=True)
class Part:
    title: str
    total: str
    takes: Callable[[Account], bool]
    sign: int  # of the part in the net profit


def _revenue(account: Account) -> bool:
    return account.type in REVENUE_TYPES


def _other_income(account: Account) -> bool:
    return account.klass == "REVENUE" and not _revenue(account)


def _cost(account: Account) -> bool:
    return account.type == "DIRECTCOSTS"


def _operating(account: Account) -> bool:
    return account.klass == "EXPENSE" and not _cost(account)


def _staff(account: Account) -> bool:
    return account.type in ("WAGESEXPENSE", "SUPERANNUATIONEXPENSE")


INCOME, COST = (
    Part(" Income", "Total Income", _revenue, 1),
    Part("Less Cost of Sales", "Total Cost of Sales", _cost, -1),
)
STANDARD = (
    INCOME,
    COST,
    Part("Plus Other Income", "Total Other Income", _other_income, 1),
    Part("Less Operating Expenses", "Total Operating Expenses", _operating, -1),
)
#: What an organisation's own default layout may look like: other titles, operating expenses in two sections.
CUSTOM = (
    Part("Turnover", "Total Turnover", _revenue, 1),
    Part("Direct Costs", "Total Direct Costs", _cost, -1),
    Part("Staff Costs", "Total Staff Costs", _staff, -1),
    Part("Administrative Costs", "Total Administrative Costs", lambda a: _operating(a) and not _staff(a), -1),
    Part("Non-operating", "Total Non-operating", _other_income, 1),
)


def profit_and_loss(books: Books, query: Query, today: date) -> tuple[list[str], list[Row]]:
    """Titles and rows. Accounts that are zero in every column are left out, and so is a part without accounts."""
    columns = spans(query, today)
    standard = query.get("standardlayout", "").lower() == "true"
    ledger = cash_ledger(books) if query.get("paymentsonly", "").lower() == "true" else books.ledger

    def values(account: Account) -> Values:
        sign = -1 if account.klass == "REVENUE" else 1
        return [sign * ledger.movement(account, span.start, span.end) for span in columns]

    rows = [row([cell(""), *(cell(short_day(span.end)) for span in columns)], "Header")]
    net = add([], len(columns))
    for part in STANDARD if standard else CUSTOM:
        lines = list(_lines(books, part, values))
        if lines:
            total = add([line for _, line in lines], len(columns))
            net = add([net, [part.sign * value for value in total]], len(columns))
            rows.append(section(part.title, [*(line for line, _ in lines), total_row(part.total, total)]))
            if part.takes is _cost:
                rows.append(section("", [total_row("Gross Profit" if standard else "GROSS PROFIT", net, "Row")]))
    rows.append(section("", [total_row("Net Profit" if standard else "NET PROFIT", net, "Row")]))
    newest = columns[0]
    return ["Profit & Loss", books.organisation.name, f"{long_day(newest.start)} to {long_day(newest.end)}"], rows


def _lines(books: Books, part: Part, values: Callable[[Account], Values]) -> Iterator[tuple[Row, Values]]:
    """Rows with their figures, by name; outside the United States the currency accounts are one row, FXGROUPID."""
    merged: list[Sequence[Decimal]] = []
    for account in sorted(books.accounts, key=lambda a: a.name):
        if not account.earning or not part.takes(account) or not any(figures := values(account)):
            continue
        if account.system in CURRENCY_SYSTEM and books.organisation.country != "US":
            merged.append(figures)
            continue
        yield account_row(account, figures), figures
    if merged:
        figures = add(merged, len(merged[0]))
        if any(figures):
            marked = [cell(value, account="FXGROUPID") for value in figures]
            yield row([cell(FX_NAME, account="FXGROUPID"), *marked]), figures


def cash_ledger(books: Books) -> Ledger:
    """Cash basis: a document counts when it is paid or allocated, in the share that was; the rest as it is booked."""
    left_out = ("invoice", "bill", "credit", "payment", "revaluation")
    postings = [p for p in books.postings if p.kind not in left_out]
    for document in books.documents:
        if not document.posts or document.type.endswith("PAYMENT"):
            continue
        sign = 1 if document.sales == document.credit else -1
        moves: list[Payment | Allocation] = [*document.payments, *document.allocations]
        for move in moves:
            for line in document.lines:
                amount = sign * document.home(line.net * move.amount / document.total)
                postings.append(Posting(move.day, line.account, amount, "cash", document.entered))
    return Ledger(postings)
