"""The bookkeeper at work: a document of the sandbox is made or edited by hand, the books stay balanced, its event goes
out. What `make local` offers at `/_local/xero/books`, and what tests call.

    desk = Desk(xero.books, clock, webhook)
    document = desk.raise_document(tenant, "ACCREC", Decimal("480"))
    desk.pay(document)                    # whole, or the amount given
    desk.rename(contact, "New Name Ltd")
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from local.xero import company, events
from local.xero.bookkeeper import Bookkeeper
from local.xero.books import ZONES, Books, Contact, Document, Line, cents
from local.xero.events import Event
from local.xero.webhook import Webhook

#: What may be raised by hand, and what the page calls it.
KINDS: Final = {
    "ACCREC": "Sales invoice",
    "ACCPAY": "Bill",
    "ACCRECCREDIT": "Credit note to a customer",
    "ACCPAYCREDIT": "Credit note from a supplier",
    "RECEIVE-PREPAYMENT": "Prepayment from a customer",
    "SPEND-PREPAYMENT": "Prepayment to a supplier",
    "RECEIVE-OVERPAYMENT": "Overpayment by a customer",
    "SPEND-OVERPAYMENT": "Overpayment to a supplier",
}
_TAX: Final = Decimal("0.2")


class CannotBeDone(ValueError):
    """The books do not allow it; the message says why."""


class Desk:
    def __init__(self, books: Sequence[Books], clock: Callable[[], datetime], webhook: Webhook) -> None:
        self.books = {one.organisation.id: one for one in books}
        self.webhook = webhook
        self._clock = clock
        self._lock = threading.RLock()

    def raise_document(
        self, tenant: str, kind: str, net: Decimal, contact: Contact | None = None, *, draft: bool = False
    ) -> Document:
        """Raise a document of a kind in `KINDS`. Raises CannotBeDone."""
        if kind not in KINDS or not 0 < net < 10**9:
            raise CannotBeDone("There is no such document, or its amount is not above zero")
        with self._lock:
            books = self._of(tenant)
            keeper, today = self._keeper(books), self._today(books)
            whose = contact or _somebody(books, sales="REC" in kind)
            money = kind.endswith("PAYMENT")
            bank = keeper.accounts["current"] if money else None
            due = today + timedelta(days=30) if kind in ("ACCREC", "ACCPAY") else None
            status = "DRAFT" if draft and not money else "AUTHORISED"
            lines = [_line(keeper, kind, net)]
            document = keeper.raise_document(kind, whose, today, due, lines, status=status, bank=bank)
            self._changed(books, document)
        self._tell(events.of_document(document, tenant, "CREATE", self._clock()))
        return document

    def pay(self, document: Document, amount: Decimal | None = None) -> None:
        """Pay an approved invoice or bill, whole where no amount is given. Raises CannotBeDone."""
        if document.credit or document.status != "AUTHORISED":
            raise CannotBeDone("Only an approved invoice or bill can be paid")
        if amount is not None and not 0 < amount <= document.amount_due:
            raise CannotBeDone("More than what is due cannot be paid, nor less than nothing")
        with self._lock:
            books = self._books_of(document)
            keeper = self._keeper(books)
            keeper.pay(document, self._today(books), amount or document.amount_due, keeper.accounts["current"])
        self._updated(books, document)

    def approve(self, document: Document) -> None:
        """A draft becomes a receivable or a payable. Raises CannotBeDone."""
        if document.status not in ("DRAFT", "SUBMITTED"):
            raise CannotBeDone("It is no draft")
        with self._lock:
            books = self._books_of(document)
            document.status, document.entered = "AUTHORISED", self._today(books)
            self._keeper(books).enter(document)
        self._updated(books, document)

    def refer(self, document: Document, reference: str) -> None:
        """Change the words on a document, and no figure."""
        document.reference = reference[:255]
        self._updated(self._books_of(document), document)

    def meet(self, tenant: str, name: str) -> Contact:
        """A new contact."""
        with self._lock:
            books = self._of(tenant)
            if not name.strip() or any(one.name == name for one in books.contacts):
                raise CannotBeDone("A contact has a name that no other has")
            contact = company.contact(books.organisation, name, customer=True)
            books.contacts.append(contact)
        self._tell(Event(tenant, "CONTACT", "CREATE", contact.id, self._clock()))
        return contact

    def rename(self, tenant: str, contact: Contact, name: str) -> Contact:
        with self._lock:
            books = self._of(tenant)
            if not name.strip():
                raise CannotBeDone("A contact has a name")
            renamed = replace(contact, name=name)
            books.contacts[books.contacts.index(contact)] = renamed
            for document in books.documents:
                document.contact = renamed if document.contact.id == contact.id else document.contact
        self._tell(Event(tenant, "CONTACT", "UPDATE", contact.id, self._clock()))
        return renamed

    def find(self, tenant: str, identity: str) -> Document:
        """Raises CannotBeDone."""
        found = next((one for one in self._of(tenant).documents if one.id == identity), None)
        if found is None:
            raise CannotBeDone("There is no such document")
        return found

    def _of(self, tenant: str) -> Books:
        if tenant not in self.books:
            raise CannotBeDone("There is no such organisation")
        return self.books[tenant]

    def _books_of(self, document: Document) -> Books:
        return next(one for one in self.books.values() if any(kept is document for kept in one.documents))

    def _today(self, books: Books) -> date:
        zone = ZoneInfo(ZONES.get(books.organisation.timezone, "UTC"))
        return max(books.today, self._clock().astimezone(zone).date())

    def _keeper(self, books: Books) -> Bookkeeper:
        return Bookkeeper.of(books, self._today(books))

    def _updated(self, books: Books, document: Document) -> None:
        self._changed(books, document)
        self._tell(events.of_document(document, books.organisation.id, "UPDATE", self._clock()))

    def _changed(self, books: Books, document: Document) -> None:
        document.changed = self._clock()
        books.forget()

    def _tell(self, event: Event) -> None:
        self.webhook.publish([event])


def _line(keeper: Bookkeeper, kind: str, net: Decimal) -> Line:
    if kind.endswith("PAYMENT"):
        return Line(keeper.accounts["debtors" if kind.startswith("RECEIVE") else "creditors"], net, Decimal("0.00"))
    account = keeper.accounts["wholesale" if "REC" in kind else "packaging"]
    return Line(account, net, cents(net * _TAX), account.name)


def _somebody(books: Books, *, sales: bool) -> Contact:
    return next(one for one in books.contacts if (one.customer if sales else one.supplier))
