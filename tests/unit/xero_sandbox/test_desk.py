"""Editing a document in the sandbox: the books stay right, and the event is on its way."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from local.xero.books import ZERO, Books, Document
from local.xero.desk import KINDS, CannotBeDone, Desk
from local.xero.desk_page import DeskPage
from local.xero.events import WEBHOOK_KEY
from tests.unit.xero_sandbox.conftest import Caller, Open, Time
from tests.unit.xero_sandbox.receiver import Receiver, receiver


@pytest.fixture
def taker() -> Iterator[Receiver]:
    with receiver(WEBHOOK_KEY) as told:
        yield told


@pytest.fixture
def caller(open_sandbox: Open, taker: Receiver) -> Caller:
    made = open_sandbox()
    assert made.xero.webhook.set_up(taker.url).passed
    return made


@pytest.fixture
def desk(caller: Caller) -> Desk:
    return caller.xero.desk


def books_of(caller: Caller) -> Books:
    return caller.xero.books[0]


def one_open(caller: Caller) -> Document:
    return next(d for d in books_of(caller).documents if d.type == "ACCREC" and d.status == "AUTHORISED")


def balanced(caller: Caller) -> bool:
    """Every entry sums to zero, and the control accounts say what the documents say."""
    books = books_of(caller)
    due = sum(
        ((1 if d.sales != d.credit else -1) * d.home(d.amount_due) for d in books.documents if d.posts and d.sales),
        ZERO,
    )
    debtors = sum((p.amount for p in books.postings if p.account.system == "DEBTORS"), ZERO)
    return sum((p.amount for p in books.postings), ZERO) == 0 and due == debtors


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_raised_is_in_the_books_in_xeros_lists_and_on_its_way(
    caller: Caller, desk: Desk, taker: Receiver, kind: str
) -> None:
    made = desk.raise_document(books_of(caller).organisation.id, kind, Decimal("480"))

    [event] = taker.events
    assert (event["resourceId"], event["eventType"]) == (made.id, "CREATE")
    path = event["resourceUrl"].split("/")[-2]
    listed = caller.read(path, page=1, pageSize=1000)[path]
    assert made.id in {one[f"{path.removesuffix('s')}ID"] for one in listed}
    assert balanced(caller)


def test_a_payment_makes_the_invoice_paid_now_and_sends_its_update(
    caller: Caller, desk: Desk, taker: Receiver, time: Time
) -> None:
    invoice = one_open(caller)
    time.pass_by(minutes=20)

    desk.pay(invoice)

    [now] = caller.read("Invoices", IDs=invoice.id)["Invoices"]
    assert (now["Status"], now["AmountDue"]) == ("PAID", 0.0)
    assert now["UpdatedDateUTCString"] == "2026-11-25T10:50:00Z"
    assert [(one["resourceId"], one["eventType"]) for one in taker.events] == [(invoice.id, "UPDATE")]
    assert balanced(caller)


def test_a_part_payment_and_an_approved_draft_keep_the_books_right(caller: Caller, desk: Desk) -> None:
    invoice = one_open(caller)
    draft = next(d for d in books_of(caller).documents if d.status == "DRAFT" and d.type == "ACCREC")

    desk.pay(invoice, Decimal("1.00"))
    desk.approve(draft)
    desk.pay(draft)

    assert (invoice.status, draft.status) == ("AUTHORISED", "PAID")
    assert balanced(caller)


def test_a_contact_is_renamed_everywhere(caller: Caller, desk: Desk, taker: Receiver) -> None:
    invoice = one_open(caller)

    desk.rename(books_of(caller).organisation.id, invoice.contact, "New Name Ltd")

    assert invoice.contact.name == "New Name Ltd"
    assert "New Name Ltd" in {one["Name"] for one in caller.read("Contacts")["Contacts"]}
    assert taker.events[0]["eventCategory"] == "CONTACT"


def test_what_the_books_do_not_allow_is_refused_and_sends_nothing(caller: Caller, desk: Desk, taker: Receiver) -> None:
    tenant, invoice = books_of(caller).organisation.id, one_open(caller)
    for act in (
        lambda: desk.raise_document(tenant, "ACCREC", Decimal(0)),
        lambda: desk.raise_document(tenant, "NONSENSE", Decimal(1)),
        lambda: desk.raise_document("nobody", "ACCREC", Decimal(1)),
        lambda: desk.pay(invoice, invoice.amount_due + 1),
        lambda: desk.approve(invoice),
        lambda: desk.rename(tenant, invoice.contact, " "),
        lambda: desk.find(tenant, "nothing"),
    ):
        with pytest.raises(CannotBeDone):
            act()
    assert taker.events == []


def test_the_page_offers_edits_and_a_form_makes_them(caller: Caller, desk: Desk, taker: Receiver, time: Time) -> None:
    page = DeskPage(desk, lambda: taker.url, time)
    invoice = desk.raise_document(books_of(caller).organisation.id, "ACCREC", Decimal("99.50"))

    status, goes_to = page.submit({}, {"form": "1", "do": "pay", "document": invoice.id})

    assert (status, goes_to) == (303, "/_local/xero/books")
    shown = page.page()
    assert f"{invoice.number} was paid. Its event was taken." in shown
    assert invoice.id in shown and "Its event was taken" not in page.page()


def test_a_program_gets_what_happened_and_a_refusal_is_an_error(
    caller: Caller, desk: Desk, taker: Receiver, time: Time
) -> None:
    page = DeskPage(desk, lambda: taker.url, time)

    status, told = page.submit({}, {"do": "burst", "count": 30})

    assert status == 200 and all(one["status"] == 200 for one in told["attempts"])
    assert len(taker.events) == 33
    for wrong in ({"do": "raise", "kind": "ACCREC", "amount": "much"}, {"do": "fly"}, {"do": "pay"}, {}):
        with pytest.raises(ValueError):
            page.submit({}, wrong)


def test_an_edit_with_no_webhook_set_up_says_so_and_keeps_the_event(open_sandbox: Open, taker: Receiver) -> None:
    caller = open_sandbox(connect=False)
    desk = caller.xero.desk
    page = DeskPage(desk, lambda: taker.url, caller.xero.clock)

    page.submit({}, {"form": "1", "do": "raise", "kind": "ACCPAY", "amount": "12"})
    assert "not set up yet" in page.page()

    page.submit({}, {"form": "1", "do": "handshake"})
    assert "The handshake passed" in page.page() and len(taker.events) == 1
