"""What Xero says of a batch's documents at present: in one question for each organisation, and never waited for.

The webhook tells an id and little more. With the permission the message also has number, contact, amount, status, due
date, and whether it is a sale or a bill. Only one such question at a time is under way for an organisation, by a lease;
who does not get it, is refused or not answered at once goes without: the message matters more than its trimmings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Protocol

from ledgercast.clock import Clock
from ledgercast.domain.errors import LedgercastError, XeroLimited, XeroOffline
from ledgercast.domain.streams import Event, Side, side_of
from ledgercast.observability import logger
from ledgercast.store.organisations import Organisation
from ledgercast.text import one_line, shorten
from ledgercast.xero.scopes import allows
from ledgercast.xero.timezones import iana

SECONDS: Final = 4.0
"""For one answer of Xero's."""
LEASE_SECONDS: Final = 30
MOST_IDS: Final = 40
"""In one question, so that its address stays short enough (facts.md 5.4)."""
MOST_GUIDS: Final = 20
HOLDS: Final = timedelta(days=1)
LONGEST_REST: Final = 3600

_QUESTIONS: Final = {
    "invoice": ("Invoices", "Invoice", "accounting.invoices.read"),
    "contact": ("Contacts", "Contact", "accounting.contacts.read"),
    "credit_note": ("CreditNotes", "CreditNote", "accounting.invoices.read"),
    "prepayment": ("Prepayments", "Prepayment", "accounting.payments.read"),
    "overpayment": ("Overpayments", "Overpayment", "accounting.payments.read"),
}
_BY_IDS: Final = ("invoice", "contact")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_MOST_AMOUNT: Final = Decimal(10) ** 15

log = logger("stream")


@dataclass(frozen=True)
class Document:
    """`status` is Xero's own word. What Xero did not tell is "" or None."""

    number: str = ""
    contact: str = ""
    amount: Decimal | None = None
    currency: str = ""
    status: str = ""
    side: Side | None = None
    due: date | None = None


class Xero(Protocol):
    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]: ...


class Leases(Protocol):
    """What is used of ledgercast.store.state.StateStore."""

    def acquire_lease(self, workspace: str, name: str, owner: str, seconds: int, now: datetime) -> bool: ...

    def release_lease(self, workspace: str, name: str, owner: str) -> None: ...


@dataclass(frozen=True)
class Known:
    """An organisation as it is known now, and its documents by their ids."""

    organisation: Organisation
    documents: Mapping[str, Document]


@dataclass(frozen=True)
class Asking:
    """`owner` names this invocation to the leases; `remember` keeps what Xero says of the organisation itself."""

    workspace: str
    owner: str
    leases: Leases
    xero: Callable[[Organisation], Xero]
    remember: Callable[[Organisation, str, str, datetime], Organisation]
    now: Clock

    def look(self, organisation: Organisation, events: Sequence[Event]) -> Known:
        """Raises nothing: what cannot be had is left out."""
        question = _question(events, organisation)
        stale = self._is_stale(organisation)
        known = Known(organisation, {})
        if not question and not stale:
            return known
        lease = f"STREAM#{organisation.id}"
        try:
            if not self.leases.acquire_lease(self.workspace, lease, self.owner, LEASE_SECONDS, self.now()):
                return known
            known, rest = self._asked(known, question, stale)
            if rest:
                self.leases.acquire_lease(self.workspace, lease, self.owner, min(rest, LONGEST_REST), self.now())
            else:
                self.leases.release_lease(self.workspace, lease, self.owner)
        except Exception as fault:
            log.error("a lease could not be kept", extra={"connection": organisation.id, "kind": type(fault).__name__})
        return known

    def _asked(self, known: Known, question: tuple[str, dict[str, str]] | None, stale: bool) -> tuple[Known, int]:
        """What Xero told, and for how many seconds it does not want to be asked again."""
        organisation, documents = known.organisation, known.documents
        try:
            xero = self.xero(organisation)
            if stale:
                organisation = self._told(organisation, xero.get("Organisation", {}))
            if question:
                documents = _documents(xero.get(*question))
        except (XeroLimited, XeroOffline) as limit:
            log.info("went without details", extra={"connection": organisation.id, "reason": limit.code})
            return Known(organisation, documents), limit.seconds
        except LedgercastError as error:
            log.info("went without details", extra={"connection": organisation.id, "reason": error.code})
        except Exception as fault:
            # A form of answer that nobody foresaw, or a store that failed: the event is told all the same.
            log.error("details failed", extra={"connection": organisation.id, "kind": type(fault).__name__})
        return Known(organisation, documents), 0

    def _is_stale(self, organisation: Organisation) -> bool:
        if not allows(organisation.scopes, "accounting.settings.read"):
            return False
        return not organisation.short_code or organisation.told_at <= (self.now() - HOLDS).timestamp()

    def _told(self, organisation: Organisation, body: dict[str, Any]) -> Organisation:
        found = body.get("Organisations")
        one = found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}
        zone, code = iana(_text(one, "Timezone")) or organisation.timezone, _text(one, "ShortCode")
        return self.remember(organisation, zone, code or organisation.short_code, self.now())


def _question(events: Sequence[Event], organisation: Organisation) -> tuple[str, dict[str, str]] | None:
    """One question: of invoices where there are some, since their event says least; else of what there is most."""
    families = Counter(
        one.family for one in events if allows(organisation.scopes, _QUESTIONS[one.family][2])
    ).most_common()
    if not families:
        return None
    family = "invoice" if any(name == "invoice" for name, _ in families) else families[0][0]
    path, name, _ = _QUESTIONS[family]
    ids = list(dict.fromkeys(one.resource for one in events if one.family == family))
    if family in _BY_IDS:
        return path, {"IDs": ",".join(ids[:MOST_IDS])}
    return path, {"where": " OR ".join(f'{name}ID==guid("{one}")' for one in ids[:MOST_GUIDS])}


def _documents(body: dict[str, Any]) -> dict[str, Document]:
    found: dict[str, Document] = {}
    for path, name, _ in _QUESTIONS.values():
        listed = body.get(path)
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict):
                found[_text(one, f"{name}ID").lower()] = _document(one, name)
    return found


def _document(one: dict[str, Any], name: str) -> Document:
    contact = one.get("Contact")
    amount, due = one.get("Total"), _text(one, "DueDateString")[:10]
    currency = _text(one, "CurrencyCode")
    known = isinstance(amount, Decimal) and amount.is_finite() and abs(amount) < _MOST_AMOUNT
    return Document(
        number=_text(one, f"{name}Number"),
        contact=_text(one if name == "Contact" else contact if isinstance(contact, dict) else {}, "Name"),
        amount=amount if known and _CURRENCY.fullmatch(currency) else None,
        currency=currency,
        status=_text(one, "ContactStatus" if name == "Contact" else "Status").upper(),
        side=side_of(one.get("Type")),
        due=_day(due),
    )


def _text(one: dict[str, Any], name: str) -> str:
    value = one.get(name)
    return shorten(one_line(value), 300) if isinstance(value, str) else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
