"""Events as Xero words and signs them, and how they come: in bursts, more than once, out of order.

Facts: a body has Xero's irregular spacing and must be taken as bytes; instants have no zone and any number of digits;
an INVOICE event says neither sale nor bill; the younger categories carry `data`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from local.xero.books import Books, Document

SIGNATURE: Final = "x-xero-signature"
#: Looks like base64, as Xero's does, and is used as the text it is.
WEBHOOK_KEY: Final = "c2FuZGJveC13ZWJob29rLWtleS1vZi1uby12YWx1ZQ=="
_PATHS: Final = {
    "INVOICE": "Invoices",
    "CONTACT": "Contacts",
    "CREDITNOTE": "CreditNotes",
    "PREPAYMENT": "Prepayments",
    "OVERPAYMENT": "Overpayments",
}
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Event:
    """`at` is aware; `data` is what the younger categories tell besides."""

    tenant: str
    category: str
    type: str
    resource: str
    at: datetime
    data: Mapping[str, str] = field(default_factory=dict, hash=False)

    def wire(self) -> dict[str, Any]:
        path = _PATHS.get(self.category, self.category.title())
        body: dict[str, Any] = {
            "resourceUrl": f"https://api.xero.com/api.xro/2.0/{path}/{self.resource}",
            "resourceId": self.resource,
            "tenantId": self.tenant,
            "tenantType": "ORGANISATION",
            "eventCategory": self.category,
            "eventType": self.type,
            "eventDateUtc": stamp(self.at),
        }
        return {**body, "data": dict(self.data)} if self.data else body


def stamp(at: datetime) -> str:
    """An instant as events carry it: UTC, no zone, no trailing zeros."""
    text = at.astimezone(UTC).replace(tzinfo=None).isoformat()
    return text.rstrip("0") if "." in text else text


def body(events: Sequence[Event], first: int, rng: random.Random) -> bytes:
    """`first` is the sequence number of the first event; an empty body, the handshake's, has zeros."""
    numbers = (first, first + len(events) - 1) if events else (0, 0)
    entropy = "".join(rng.choices(_LETTERS, k=20))
    listed = ",".join(json.dumps(one.wire(), ensure_ascii=False, separators=(",", ":")) for one in events)
    head = f'{{"events":[{listed}],"firstEventSequence": {numbers[0]},"lastEventSequence": {numbers[1]}, '
    return f'{head}"entropy": "{entropy}"}}'.encode()


def sign(content: bytes, key: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), content, hashlib.sha256)).decode()


def of_document(document: Document, tenant: str, kind: str, at: datetime) -> Event:
    """`kind` is CREATE or UPDATE."""
    if document.type in ("ACCREC", "ACCPAY"):
        return Event(tenant, "INVOICE", kind, document.id, at)
    data = {"Type": document.type, "Status": document.status}
    if document.type.endswith("CREDIT"):
        return Event(tenant, "CREDITNOTE", kind, document.id, at, data)
    category = document.type.rpartition("-")[2]
    return Event(tenant, category, kind, document.id, at, {**data, "UpdatedDateUTCString": f"{stamp(at)[:19]}Z"})


def burst(books: Books, count: int, at: datetime, rng: random.Random, *, spread: float = 60.0) -> list[Event]:
    """So many different events of one organisation within `spread` seconds before `at`, oldest first.

    A bulk import: documents are made and edited again, several events for some of them; a few contacts among them.
    """
    tenant, found = books.organisation.id, dict[tuple[str, str, datetime], Event]()
    while len(found) < count:
        when = at - timedelta(milliseconds=rng.randrange(max(int(spread * 1000), 1)))
        if books.contacts and rng.random() < 0.15:
            event = Event(tenant, "CONTACT", rng.choice(("CREATE", "UPDATE")), rng.choice(books.contacts).id, when)
        else:
            event = of_document(rng.choice(books.documents), tenant, rng.choice(("CREATE", "UPDATE")), when)
        found[event.resource, event.type, event.at] = event
    return sorted(found.values(), key=lambda one: one.at)


@dataclass(frozen=True)
class Habits:
    """How unkindly events are packed. `duplicates`: the share that comes a second time, in another delivery."""

    per_delivery: int = 1
    duplicates: float = 0.0
    shuffled: bool = False


def packed(events: Iterable[Event], habits: Habits, rng: random.Random) -> list[list[Event]]:
    """The events as deliveries of about `per_delivery` each; nothing is left out."""
    stream = list(events)
    again = rng.sample(stream, round(len(stream) * habits.duplicates))
    if habits.shuffled:
        rng.shuffle(stream)
    deliveries: list[list[Event]] = []
    while stream:
        size = max(1, rng.randint(1, 2 * habits.per_delivery - 1)) if habits.shuffled else habits.per_delivery
        deliveries.append(stream[:size])
        del stream[:size]
    for event in again:
        others = [one for one in deliveries if event not in one]
        rng.choice(others).append(event) if others else deliveries.append([event])
    if habits.shuffled:
        rng.shuffle(deliveries)
    return deliveries
