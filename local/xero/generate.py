"""The seeded story of a small coffee roaster over fourteen months, told as business events to the bookkeeper.

Same arguments, same books, on every machine. Switches bend the story:
loss_making · no_cost_of_sales · empty · foreign (customers, a supplier and a bank account abroad) · many_invoices
(1,500 open ones) · hostile_names · dated_ahead (documents dated after today) · unallocated_credits · expense_gain (an
expense that is negative over the year) · late_entries (into closed months, typed in tomorrow and the day after: they
are in `Books.postings` and `Books.documents` with `entered` after today; `Books.known(day)` leaves them out till then).
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from local.xero import company
from local.xero.bookkeeper import Bookkeeper
from local.xero.books import Books, Document, cents
from local.xero.shapes import month_end
from local.xero.story import Story, Switches, money, months_to


def generate(today: date, seed: int = 7, **switches: Any) -> Books:
    """The books of one organisation up to `today` (a date of its own time zone); unknown switches raise TypeError."""
    chosen = Switches(**switches)
    name = company.HOSTILE_NAME if chosen.hostile_names and chosen.name == Switches.name else chosen.name
    org = company.organisation(name, chosen.currency, chosen.timezone, seed)
    chart = company.accounts(
        org, cost_of_sales=not chosen.no_cost_of_sales, foreign=chosen.foreign, hostile=chosen.hostile_names
    )
    keeper = Bookkeeper(org, chart, today)
    story = Story(keeper, random.Random(seed), chosen)
    if not chosen.empty:
        story.tell()
        months = list(months_to(today))
        _add_papers_that_do_not_post(story, months)
        _give_credits(story)
        _bend(story, months)
        if chosen.foreign:
            for last in [*(month_end(month) for month in months[:-1]), today]:
                keeper.revalue(last)
    contacts = list(story.contacts.values())
    return Books(
        org, list(chart.values()), contacts, keeper.documents, sorted(keeper.postings, key=lambda p: p.day), today
    )


def _add_papers_that_do_not_post(story: Story, months: list[date]) -> None:
    for index, status in enumerate(("DRAFT", "SUBMITTED", "VOIDED", "DRAFT", "DELETED")):
        day = story.day(months[-1 - index % 3], 2 + index) or story.today
        story.paper("ACCREC", "Northgate Deli", day, 30, "wholesale", 900 + 111 * index, 0.2, status=status)
        story.paper("ACCPAY", "Boxwell Packaging", day, 30, "packaging", 300 + 57 * index, 0.2, status=status)


def _give_credits(story: Story) -> None:
    """Credits that were used up at once: a credit note, a supplier's credit, a prepayment and an overpayment."""
    for kind, wanted, key in (("ACCRECCREDIT", "ACCREC", "wholesale"), ("ACCPAYCREDIT", "ACCPAY", "beans")):
        for target in [d for d in story.keeper.documents if d.type == wanted and _usable(story, d)][:2]:
            _use(story, story.paper(kind, target.contact.name, target.day, None, key, 85, 0.2), target)
    current = story.account("current")
    for kind, wanted in (("RECEIVE-PREPAYMENT", "ACCREC"), ("SPEND-OVERPAYMENT", "ACCPAY")):
        for target in [d for d in story.keeper.documents if d.type == wanted and _usable(story, d)][-2:]:
            _use(story, story.paper(kind, target.contact.name, target.day, None, None, 120, 0, bank=current), target)


def _usable(story: Story, document: Document) -> bool:
    base = document.currency == story.switches.currency
    return (
        base
        and document.status == "AUTHORISED"
        and not document.allocations
        and document.amount_due > money(400 * story.scale)
    )


def _use(story: Story, credit: Document | None, invoice: Document) -> None:
    if credit:
        story.keeper.allocate(credit, invoice, invoice.day, credit.total)


def _bend(story: Story, months: list[date]) -> None:
    if story.switches.many_invoices:
        _raise_many(story, months)
    if story.switches.unallocated_credits:
        _leave_credits(story)
    if story.switches.dated_ahead:
        for days in (1, 9, 40):
            day = story.today + timedelta(days=days)
            story.paper("ACCREC", "Larkspur Cafés", day, 30, "wholesale", 640 + 10 * days, 0.2)
            story.paper("ACCPAY", "Canal Wharf Estates", day, 7, "rent", 1_700 + 10 * days, 0)
    if story.switches.expense_gain:
        day = month_end(months[-3])
        gain = money(21_000 * story.scale)
        story.keeper.post(day, "receipt", (story.account("current"), gain), (story.account("repairs"), -gain))
    if story.switches.late_entries:
        _enter_late(story, months)


def _raise_many(story: Story, months: list[date]) -> None:
    for index in range(1_500):
        day = story.today - timedelta(days=story.rng.randint(0, 200))
        day = max(day, months[0])
        name = f"Subscriber {index % 130 + 1:03d}"
        story.paper("ACCREC", name, day, story.rng.choice((7, 14, 30)), "online", story.rng.uniform(18, 160), 0.2)


def _leave_credits(story: Story) -> None:
    current, day = story.account("current"), story.today - timedelta(days=12)
    story.paper("ACCRECCREDIT", "Quayside Hotel Group", day, None, "wholesale", 410, 0.2)
    story.paper("ACCPAYCREDIT", "Boxwell Packaging", day, None, "packaging", 230, 0.2)
    story.paper("RECEIVE-PREPAYMENT", "Brightwater Offices", day, None, None, 500, 0, bank=current)
    story.paper("RECEIVE-OVERPAYMENT", "Old Station Books", day, None, None, 75, 0, bank=current)
    story.paper("SPEND-PREPAYMENT", "Sierra Verde Growers", day, None, None, 900, 0, bank=current)
    story.paper("SPEND-OVERPAYMENT", "Torque Garage", day, None, None, 40, 0, bank=current)
    if story.switches.foreign:
        name, wanted = company.FOREIGN_CUSTOMERS[0]
        currency = company.abroad(story.switches.currency, wanted)
        story.paper("ACCRECCREDIT", name, day, None, "wholesale", 350, 0, currency)
    # One part used, the rest left.
    credit = story.paper("ACCRECCREDIT", "Northgate Deli", day, None, "wholesale", 100, 0.2)
    target = next((d for d in story.keeper.documents if d.type == "ACCREC" and _usable(story, d)), None)
    if credit and target:
        story.keeper.allocate(credit, target, story.today, cents(credit.total / 3))


def _enter_late(story: Story, months: list[date]) -> None:
    for months_back, days, amount in ((1, 1, 1_900), (2, 1, 730), (4, 2, 1_210)):
        day, typed = months[-1 - months_back].replace(day=19), story.today + timedelta(days=days)
        story.paper("ACCREC", "Fennel Street Kitchen", day, 30, "wholesale", amount, 0.2, entered=typed)
        story.paper("ACCPAY", "Swiftfoot Couriers", day, 30, "courier", amount / 3, 0.2, entered=typed)
        fee = money(amount / 20 * story.scale)
        story.keeper.post(day, "spend", (story.account("fees"), fee), (story.account("current"), -fee), entered=typed)
