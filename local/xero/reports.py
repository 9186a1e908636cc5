"""Reports/BankSummary, BalanceSheet and the two aged reports, and the frame all reports share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from local.xero.answers import Answer, Refusal, instant, validation
from local.xero.books import ZERO, Account, Books, Document
from local.xero.profit_and_loss import profit_and_loss
from local.xero.shapes import (
    Query,
    Row,
    account_row,
    add,
    cell,
    dates,
    day_of,
    eve,
    long_day,
    month_end,
    row,
    section,
    short_day,
    total_row,
)

YEAR_DAYS = 365
FX_HEADER = "FX Gain"  # the wording is not settled (facts 11.1); readers must find the column without it
NO_ACCOUNT = "00000000-0000-0000-0000-000000000000"


def bank_summary(books: Books, query: Query, today: date) -> tuple[list[str], list[Row]]:
    """Every bank account, in base currency; opening + received - spent (+ currency) = closing in each row."""
    end = day_of(query, "todate") or month_end(day_of(query, "fromdate") or today)
    start = day_of(query, "fromdate") or end.replace(day=1)
    if start > end or (end - start).days > YEAR_DAYS:
        raise Refusal(validation("The date range must not be longer than 365 days"))
    base = books.organisation.currency
    banks = [account for account in books.accounts if account.type == "BANK"]
    foreign = any(account.currency != base for account in banks)
    columns = ["Opening Balance", "Cash Received", "Cash Spent", *([FX_HEADER] if foreign else []), "Closing Balance"]
    movements = {account.id: [ZERO, ZERO, ZERO, ZERO] for account in banks}
    for posting in books.postings:
        if posting.account.id in movements and start <= posting.day <= end:
            # opening balances · received · spent · currency
            place = {"opening": 0, "revaluation": 3}.get(posting.kind, 1 if posting.amount > 0 else 2)
            movements[posting.account.id][place] += abs(posting.amount) if place == 2 else posting.amount
    lines = []
    for account in banks:
        brought, received, spent, currency = movements[account.id]
        opening = books.ledger.balance(account, eve(start)) + brought
        currency_column = [currency] if foreign else []
        closing = books.ledger.balance(account, end)
        lines.append((account, [opening, received, spent, *currency_column, closing]))
    rows = [row([cell("Bank Accounts"), *map(cell, columns)], "Header")]
    total = total_row("Total", add([values for _, values in lines], len(columns)))
    rows.append(section("", [*(_bank_row(account, values) for account, values in lines), total]))
    titles = ["Bank Summary", books.organisation.name, f"From {long_day(start)} to {long_day(end)}"]
    return titles, rows


def _bank_row(account: Account, values: Sequence[Decimal]) -> Row:
    """The name says `accountID`, the movements `account`, the two balances nothing."""
    moved = [cell(value, account=account.id) for value in values[1:-1]]
    return row([cell(account.name, accountID=account.id), cell(values[0]), *moved, cell(values[-1])])


def balance_sheet(books: Books, query: Query, today: date) -> tuple[list[str], list[Row]]:
    days = dates(query, today)
    rows = [row([cell(""), *(cell(short_day(day, full_year=True)) for day in days)], "Header")]
    totals: dict[str, list[Decimal]] = {}
    for parent, sign, parts in SHEET:
        rows.append(section(parent, []))
        lines: list[list[Decimal]] = []
        for title, types in parts:
            found = [(a, [sign * books.ledger.balance(a, d) for d in days]) for a in books.accounts if a.type in types]
            found = [(account, values) for account, values in found if any(values)]
            if found:
                part = add([values for _, values in found], len(days))
                rows.append(
                    section(title, [*(account_row(*line) for line in found), total_row(f"Total {title}", part)])
                )
                lines.append(part)
        totals[parent] = add(lines, len(days))
        rows.append(section("", [total_row(f"Total {parent}", totals[parent])]))
    net = [a - b for a, b in zip(totals["Assets"], totals["Liabilities"], strict=True)]
    rows.append(section("", [total_row("Net Assets", net, "Row")]))
    rows.append(_equity(books, days))
    return ["Balance Sheet", books.organisation.name, f"As at {long_day(days[0])}"], rows


SHEET = (
    ("Assets", 1, (("Bank", ("BANK",)), ("Current Assets", ("CURRENT",)), ("Fixed Assets", ("FIXED",)))),
    ("Liabilities", -1, (("Current Liabilities", ("CURRLIAB",)), ("Non-current Liabilities", ("TERMLIAB",)))),
)


def _equity(books: Books, days: Sequence[date]) -> Row:
    """Earnings since the start of the financial year stand apart from those before it, which retained earnings hold."""
    earning = [account for account in books.accounts if account.earning]
    rows, sums = [], []
    current, before = [], []
    starts = [year_start(books, day) for day in days]
    for start, day in zip(starts, days, strict=True):
        current.append(-sum((books.ledger.movement(a, start, day) for a in earning), ZERO))
        before.append(-sum((books.ledger.balance(a, eve(start)) for a in earning), ZERO))
    cells = [
        cell(value, account=NO_ACCOUNT, fromDate=_american(start), toDate=_american(day))
        for value, start, day in zip(current, starts, days, strict=True)
    ]
    rows.append(row([cell("Current Year Earnings", account=NO_ACCOUNT), *cells]))
    sums.append(current)
    for account in [a for a in books.accounts if a.klass == "EQUITY"]:
        values = [-books.ledger.balance(account, day) for day in days]
        if account.system == "RETAINEDEARNINGS":
            values = add([values, before], len(days))
        if any(values):
            rows.append(account_row(account, values))
            sums.append(values)
    return section("Equity", [*rows, total_row("Total Equity", add(sums, len(days)))])


def year_start(books: Books, day: date) -> date:
    """First day of the financial year that holds that day."""
    month, _ = books.organisation.year_end
    first = date(day.year, month % 12 + 1, 1)
    return first if first <= day else first.replace(year=first.year - 1)


def _american(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


@dataclass(frozen=True)
class Aged:
    kind: str  # of the documents
    name: str
    number: str  # header of the second column


RECEIVABLES = Aged("ACCREC", "Aged Receivables By Contact", "Number")
PAYABLES = Aged("ACCPAY", "Aged Payables By Contact", "Reference")


def aged(books: Books, query: Query, today: date, what: Aged) -> tuple[list[str], list[Row]]:
    """One contact's invoices, fully paid ones too, with what was due on `date`. No buckets.

    Amounts are in the document's currency; where the organisation uses several, `Currency` and `Due Local` (by the
    document's own rate) follow.
    """
    contact = next((c for c in books.contacts if c.id == query.get("contactid")), None)
    if "contactid" not in query:
        raise Refusal(validation("Parameter contactID is required"))
    if contact is None:
        raise Refusal(Answer(404, b"The resource you're looking for cannot be found", "text/plain; charset=utf-8"))
    on = day_of(query, "date") or month_end(today)
    start, end = day_of(query, "fromdate"), day_of(query, "todate") or on
    local = any(d.currency != books.organisation.currency for d in books.documents)
    mine = [
        d for d in books.documents if d.contact.id == contact.id and d.type == what.kind and d.posts and d.day <= end
    ]
    listed = sorted((d for d in mine if start is None or d.day >= start), key=lambda d: (d.day, d.number))
    heads = ["Date", what.number, "Due Date", "", "Total", "Paid", "Credited", "Due"]
    heads += ["Currency", "Due Local"] if local else []
    rows = [row(map(cell, heads), "Header")]
    opening = _sums([d for d in mine if start and d.day < start], on, local=local)
    if start:
        blank = ["Opening Balance", "", "", "", "", "", _plain(opening[3])]
        rows.append(
            section("", [row(map(cell, [f"{start}T00:00:00", *blank, *(["", _plain(opening[4])] if local else [])]))])
        )
    total = _sums(listed, on, local=local)
    if listed:
        lines = [_aged_row(d, on, today, what, local=local) for d in listed]
        rows.append(section("", [*lines, _aged_total("Total", total, local=local)]))
    if start:
        closing = [*total[:3], *(a + b for a, b in zip(opening[3:], total[3:], strict=True))]
        rows.append(section("", [_aged_total("Closing Balance", closing, local=local)]))
    since = f"From {long_day(start)} to {long_day(end)}" if start else f"To {long_day(end)}"
    return ["Invoices", contact.name, since, f"Showing payments to {long_day(on)}"], rows


def _figures(document: Document, on: date) -> list[Decimal]:
    """Total, paid, credited, due, and due in base currency."""
    paid = sum((p.amount for p in document.payments if p.day <= on), ZERO)
    credited = sum((a.amount for a in document.allocations if a.day <= on), ZERO)
    due = document.total - paid - credited
    return [document.total, paid, credited, due, document.home(due)]


def _sums(documents: Sequence[Document], on: date, *, local: bool) -> list[Decimal]:
    return add([_figures(d, on)[: 5 if local else 4] for d in documents], 5 if local else 4)


def _aged_row(document: Document, on: date, today: date, what: Aged, *, local: bool) -> Row:
    total, paid, credited, due, home = _figures(document, on)
    number = document.number if what is RECEIVABLES else document.reference
    late = (today - document.due).days if document.due and due else 0
    words = f"{late} days overdue" if late > 1 else "1 day overdue" if late == 1 else ""
    until = f"{document.due}T00:00:00" if document.due else ""
    texts = [f"{document.day}T00:00:00", number, until, words, *map(_plain, (total, paid, credited, due))]
    texts += [document.currency, _plain(home)] if local else []
    return row([cell(text, invoiceID=document.id) for text in texts])


def _aged_total(label: str, sums: Sequence[Decimal], *, local: bool) -> Row:
    texts = [label, "", "", "", *map(_plain, sums[:4]), *(["", _plain(sums[4])] if local else [])]
    return row(map(cell, texts), "SummaryRow")


def _plain(value: Decimal) -> str:
    return f"{value:.2f}"


Build = Callable[[Books, Query, date], tuple[list[str], list[Row]]]
REPORTS: dict[str, tuple[str, Build]] = {
    "profitandloss": ("Profit and Loss", profit_and_loss),
    "banksummary": ("Bank Summary", bank_summary),
    "balancesheet": ("Balance Sheet", balance_sheet),
    "agedreceivablesbycontact": (RECEIVABLES.name, lambda b, q, t: aged(b, q, t, RECEIVABLES)),
    "agedpayablesbycontact": (PAYABLES.name, lambda b, q, t: aged(b, q, t, PAYABLES)),
}
WITH_ID = ("profitandloss", "balancesheet")


def report(name: str, books: Books, query: Query, today: date, now: datetime) -> dict[str, Any]:
    """The body's `Reports` of one call; `name` is the last part of the path, in lower case."""
    title, build = REPORTS[name]
    titles, rows = build(books, query, today)
    kind = title.replace(" By ", "By").replace(" and ", "And").replace(" ", "")
    frame: dict[str, Any] = {"ReportID": kind} if name in WITH_ID else {}
    frame |= {"ReportName": title, "ReportType": kind, "ReportTitles": titles, "ReportDate": long_day(today)}
    return {"Reports": [{**frame, "UpdatedDateUTC": instant(now), "Fields": [], "Rows": rows}]}
