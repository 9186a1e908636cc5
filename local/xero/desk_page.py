"""`/_local/xero/books`: the sandbox's books for a person with a browser, and Xero's side of the webhook.

The same address takes the page's forms, and JSON from a program: {"do": …} and what that act needs (docs/streams.md).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader

from local.xero import events
from local.xero.books import Books, Document
from local.xero.desk import KINDS, CannotBeDone, Desk
from local.xero.events import Habits

PATH: Final = "/_local/xero/books"
_SHOWN = 12
_MOST: Final = 500


class DeskPage:
    def __init__(self, desk: Desk, address: Callable[[], str], clock: Callable[[], datetime]) -> None:
        """`address` is where the webhook delivers to."""
        self._desk, self._address, self._clock = desk, address, clock
        self._said = ""
        self._acts: dict[str, Callable[[Books, Mapping[str, str]], str]] = {
            "raise": self._raise,
            "pay": self._pay,
            "approve": self._approve,
            "refer": self._refer,
            "meet": self._meet,
            "rename": self._rename,
            "burst": self._burst,
            "handshake": self._shake,
        }

    def page(self) -> str:
        """The whole page; what the last form did stands above it, once."""
        said, self._said = self._said, ""
        organisations = [_organisation(books) for books in self._desk.books.values()]
        environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
        return environment.get_template("desk.html.j2").render(
            path=PATH,
            said=said,
            organisations=organisations,
            kinds=KINDS,
            webhook=self._desk.webhook,
            address=self._address(),
            attempts=self._desk.webhook.attempts[: -_SHOWN - 1 : -1],
            waiting=len(self._desk.webhook.waiting),
        )

    def submit(self, _query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        """A form (it has the field `form`) goes back to the page; a program gets what happened."""
        given = {str(name): str(value) for name, value in dict(body).items()}
        act = self._acts.get(given.get("do", ""))
        if act is None:
            raise ValueError(f"do is one of {', '.join(self._acts)}")
        before = len(self._desk.webhook.attempts)
        try:
            told = act(self._books(given), given)
        except CannotBeDone as refused:
            told = str(refused)
            if "form" not in given:
                raise
        tried = self._desk.webhook.attempts[before:]
        if "form" not in given:
            return 200, {"said": told, "attempts": [{"status": one.status, "why": one.why} for one in tried]}
        self._said = told + _heard(tried, self._desk.webhook.state)
        return 303, PATH

    def _books(self, given: Mapping[str, str]) -> Books:
        tenant = given.get("organisation") or next(iter(self._desk.books))
        if tenant not in self._desk.books:
            raise CannotBeDone("There is no such organisation")
        return self._desk.books[tenant]

    def _document(self, books: Books, given: Mapping[str, str]) -> Document:
        return self._desk.find(books.organisation.id, given.get("document", ""))

    def _raise(self, books: Books, given: Mapping[str, str]) -> str:
        amount = _amount(given.get("amount", ""))
        draft = given.get("draft", "") in ("on", "True", "true")
        made = self._desk.raise_document(books.organisation.id, given.get("kind", ""), amount, draft=draft)
        return f"{KINDS[made.type]} {made.number or made.reference} was raised."

    def _pay(self, books: Books, given: Mapping[str, str]) -> str:
        document = self._document(books, given)
        self._desk.pay(document, _amount(given["amount"]) if given.get("amount") else None)
        return f"{document.number or document.reference} was paid."

    def _approve(self, books: Books, given: Mapping[str, str]) -> str:
        document = self._document(books, given)
        self._desk.approve(document)
        return f"{document.number or document.reference} was approved."

    def _refer(self, books: Books, given: Mapping[str, str]) -> str:
        document = self._document(books, given)
        self._desk.refer(document, given.get("reference") or f"Changed at {self._clock():%H:%M:%S}")
        return f"The reference of {document.number or 'the document'} was changed."

    def _meet(self, books: Books, given: Mapping[str, str]) -> str:
        return f"{self._desk.meet(books.organisation.id, given.get('name', '')).name} is a contact now."

    def _rename(self, books: Books, given: Mapping[str, str]) -> str:
        contact = next((one for one in books.contacts if one.id == given.get("contact")), None)
        if contact is None:
            raise CannotBeDone("There is no such contact")
        renamed = self._desk.rename(books.organisation.id, contact, given.get("name", ""))
        return f"{contact.name} is called {renamed.name} now."

    def _burst(self, books: Books, given: Mapping[str, str]) -> str:
        """Many events at once, packed as unkindly as Xero may: some twice, in any order."""
        count = int(given.get("count", "40"))
        if not 1 <= count <= _MOST:
            raise CannotBeDone(f"A burst has from 1 to {_MOST} events")
        rng = random.Random(self._clock().timestamp())
        made = events.burst(books, count, self._clock(), rng)
        habits = Habits(per_delivery=10, duplicates=0.1, shuffled=True)
        sent = self._desk.webhook.publish(made, habits)
        return f"{count} events were sent in {len(sent)} deliveries, one in ten of them twice."

    def _shake(self, _books: Books, _given: Mapping[str, str]) -> str:
        handshake = self._desk.webhook.set_up(self._address())
        return "The handshake passed." if handshake.passed else f"The handshake failed: {handshake.why}."


def _organisation(books: Books) -> dict[str, Any]:
    """What the page shows of one: the documents touched last, which are the ones to go on with."""
    documents = sorted(books.documents, key=lambda one: (str(one.changed or ""), one.day), reverse=True)
    contacts = sorted(books.contacts, key=lambda one: one.name)
    return {"org": books.organisation, "documents": documents[:_SHOWN], "contacts": contacts, "kinds": KINDS}


def _heard(tried: list[Any], state: str) -> str:
    if not tried:
        return " No event was sent: the webhook is " + ("disabled." if state == "disabled" else "not set up yet.")
    last = tried[-1]
    return f" Its event was not taken: {last.why}." if last.why else " Its event was taken."


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise CannotBeDone("An amount is a number such as 480.00") from None
    return amount
