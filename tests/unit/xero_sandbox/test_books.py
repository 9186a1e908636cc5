"""The generator: balanced, the same for the same seed, lifelike, and bent by each switch as named."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from local.xero.books import REVENUE_TYPES, ZERO, Books, cents
from local.xero.company import rate
from local.xero.generate import generate
from local.xero.shapes import back, month_end
from tests.unit.xero_sandbox.worlds import TODAY, worlds


def month(books: Books, months_back: int, types: tuple[str, ...]) -> Decimal:
    first = back(books.today.replace(day=1), months_back)
    accounts = [a for a in books.accounts if a.type in types]
    return -sum((books.ledger.movement(a, first, month_end(first)) for a in accounts), ZERO)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(worlds)
def test_every_entry_and_so_the_trial_balance_sums_to_zero(books: Books) -> None:
    entries: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for posting in books.postings:
        entries[posting.entry] += posting.amount
        assert posting.amount == cents(posting.amount)
    assert set(entries.values()) == {ZERO}


@settings(max_examples=20, deadline=None, derandomize=True)
@given(worlds)
def test_control_accounts_hold_the_open_documents_less_the_credits_at_todays_rates(books: Books) -> None:
    now = books.known(books.today)
    base = books.organisation.currency
    for system, sales in (("DEBTORS", True), ("CREDITORS", False)):
        expected = ZERO
        for document in now.documents:
            if document.posts and document.sales == sales and document.day <= now.today:
                worth = cents(document.amount_due / rate(base, document.currency, now.today))
                expected += worth if (not document.credit) == sales else -worth
        assert now.ledger.balance(now.account(system=system), now.today) == expected


@settings(max_examples=10, deadline=None, derandomize=True)
@given(worlds)
def test_documents_are_whole(books: Books) -> None:
    for document in books.documents:
        assert document.total == sum((line.net + line.tax for line in document.lines), ZERO)
        assert (document.amount_due == 0) == (document.status in ("PAID", "VOIDED", "DELETED"))
        assert document.amount_due >= 0
        assert all(document.day <= payment.day <= books.today for payment in document.payments)


def test_the_same_seed_gives_the_same_books_and_another_seed_others() -> None:
    assert generate(TODAY, 3) == generate(TODAY, 3)
    assert generate(TODAY, 3).postings != generate(TODAY, 4).postings


def test_an_unknown_switch_is_refused() -> None:
    with pytest.raises(TypeError):
        generate(TODAY, lossmaking=True)


@pytest.mark.parametrize("today", [TODAY, date(2026, 3, 1), date(2024, 2, 29), date(2027, 1, 31)])
def test_the_healthy_company_has_a_season_a_thin_month_and_something_in_every_chart(today: date) -> None:
    books = generate(today)
    revenue = [month(books, n, REVENUE_TYPES) for n in range(1, 13)]
    earnings = [month(books, n, tuple(a.type for a in books.accounts if a.earning)) for n in range(1, 13)]
    assert max(revenue) > min(revenue) * Decimal("1.4")
    assert sum(earnings) > 0
    assert min(earnings) < max(earnings) / 4
    operating = [a for a in books.accounts if a.klass == "EXPENSE" and a.type != "DIRECTCOSTS" and not a.system]
    assert len([a for a in operating if books.ledger.balance(a, today)]) > 11
    card = next(a for a in books.accounts if a.name == "Company Credit Card")
    assert books.ledger.balance(card, today) < 0


@pytest.mark.parametrize("kind", ["ACCREC", "ACCPAY"])
def test_open_documents_of_every_age(kind: str) -> None:
    books = generate(TODAY)
    days = [(TODAY - (d.due or d.day)).days for d in books.documents if d.type == kind and d.status == "AUTHORISED"]
    ages = Counter("current" if n <= 0 else "90+" if n > 90 else f"{(n - 1) // 30}" for n in days)
    assert set(ages) == {"current", "0", "1", "2", "90+"}


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED", "VOIDED", "DELETED"])
def test_documents_that_are_not_approved_post_nothing(status: str) -> None:
    books = generate(TODAY)
    found = [d for d in books.documents if d.status == status]
    assert found
    assert all(not d.posts for d in found)


def _net(books: Books, **_: Any) -> Decimal:
    return -sum((books.ledger.balance(a, TODAY) for a in books.accounts if a.earning), ZERO)


def test_switch_loss_making() -> None:
    assert _net(generate(TODAY, loss_making=True)) < 0 < _net(generate(TODAY))


def test_switch_no_cost_of_sales() -> None:
    assert not [a for a in generate(TODAY, no_cost_of_sales=True).accounts if a.type == "DIRECTCOSTS"]


def test_switch_empty() -> None:
    books = generate(TODAY, empty=True)
    assert (books.postings, books.documents, books.contacts) == ([], [], [])
    assert books.accounts


def test_switch_foreign() -> None:
    books = generate(TODAY, foreign=True)
    assert {d.currency for d in books.documents} == {"GBP", "EUR", "USD"}
    assert {a.currency for a in books.accounts if a.type == "BANK"} == {"GBP", "USD"}
    gains = [books.ledger.balance(books.account(system=s), TODAY) for s in ("BANKCURRENCYGAIN", "REALISEDCURRENCYGAIN")]
    assert all(gains)


def test_switch_many_invoices() -> None:
    books = generate(TODAY, many_invoices=True)
    assert len([d for d in books.documents if d.type == "ACCREC" and d.status == "AUTHORISED"]) >= 1_500


def test_switch_hostile_names() -> None:
    books = generate(TODAY, hostile_names=True)
    names = [*(c.name for c in books.contacts), *(a.name for a in books.accounts)]
    assert any("$" in name and "_" in name and "^" in name for name in names)
    assert any(len(name) >= 200 for name in names)
    assert any("\u0600" < letter < "\u06ff" for name in names for letter in name)


def test_switch_dated_ahead() -> None:
    books = generate(TODAY, dated_ahead=True)
    ahead = [d for d in books.documents if d.day > TODAY]
    assert {d.type for d in ahead} == {"ACCREC", "ACCPAY"}
    assert all(d.entered == TODAY for d in ahead)


def test_switch_unallocated_credits() -> None:
    left = {d.type for d in generate(TODAY, unallocated_credits=True).documents if d.credit and d.posts and d.remaining}
    assert len(left) == 6
    assert not [d for d in generate(TODAY).documents if d.credit and d.posts and d.remaining]


def test_switch_expense_gain() -> None:
    books = generate(TODAY, expense_gain=True)
    assert min(books.ledger.balance(a, TODAY) for a in books.accounts if a.klass == "EXPENSE") < -1_000


def test_switch_late_entries_reach_closed_months_when_their_day_comes() -> None:
    books = generate(TODAY, late_entries=True)
    today, tomorrow = books.known(TODAY), books.known(TODAY + timedelta(days=1))
    new = set(tomorrow.postings) - set(today.postings)
    assert new
    assert all(p.day < TODAY.replace(day=1) and p.entered == TODAY + timedelta(days=1) for p in new)
    assert len(tomorrow.documents) > len(today.documents)
    assert today.postings == generate(TODAY).postings
