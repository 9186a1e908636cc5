"""Streams: what Xero's webhook says, and which Slack channels hear of it (design 12).

A route sends the events of one connection to one channel. An event is one line of a delivery: that a document of an
organisation was created or updated, and little more. What is read here came from outside: every field is checked, and
nothing that stands in a body is ever fetched; addresses are rebuilt from validated ids (SX-1).
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

Only = Literal["sales", "bills"]
Side = Literal["sales", "bills"]

FAMILIES: Final = {
    "INVOICE": "invoice",
    "CONTACT": "contact",
    "CREDITNOTE": "credit_note",
    "PREPAYMENT": "prepayment",
    "OVERPAYMENT": "overpayment",
}
"""Xero's categories and what this product calls them; others are counted and ignored."""

HAPPENINGS: Final = {"CREATE": "created", "UPDATE": "updated"}
KINDS: Final = tuple(f"{family}.{happening}" for family in FAMILIES.values() for happening in HAPPENINGS.values())

FAMILY_WORDS: Final = {
    "invoice": "Invoice",
    "contact": "Contact",
    "credit_note": "Credit note",
    "prepayment": "Prepayment",
    "overpayment": "Overpayment",
}
ONLY_WORDS: Final[dict[Only, str]] = {"sales": "Sales only", "bills": "Bills only"}

MOST_BODY: Final = 256 * 1024
"""Bytes of a delivery; above it the webhook answers 413."""

MOST_ROUTES: Final = 100

# Attributes of a queued delivery. The queue's message is the body as it came.
RECEIVED: Final = "received"
"""When it came, epoch seconds by our clock."""
DELIVERY: Final = "delivery"
"""The correlation id, from the webhook's log line to that of the message in Slack (LG-1)."""
ENCODING: Final = "encoding"
"""`base64` where the body is no text that the queue could carry."""
TEST: Final = "test"
"""The id of the one route that is to hear of it: a test event of ours, not Xero's."""
REASON: Final = "reason"
"""In the dead-letter queue: why it lies there, as a code of `ledgercast.messages`."""

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ROUTE = re.compile(r"r-[0-9a-z-]{1,40}")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(?:Z|\+00:00)?", re.ASCII)


class StreamInvalid(ValueError):
    """A route that cannot be made; the message is for the person who asked for it, `field` is the form's."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Unreadable(ValueError):
    """A delivery, or an event of one, that has not the form that Xero documents."""


@dataclass(frozen=True)
class Route:
    """`kinds` are some of KINDS, in their order; `only` narrows documents to sales or bills. Instants: epoch seconds.

    `failing_reason`: why the last message could not be posted, "" when it could.
    """

    id: str
    connection: str
    channel: str
    install: str
    channel_name: str
    kinds: tuple[str, ...]
    only: Only | None = None
    created_by: str = ""
    created_at: int = 0
    last_event_at: int = 0
    last_posted_at: int = 0
    failing_reason: str = ""

    def wants(self, event: Event) -> bool:
        """Whether this kind of event belongs here; sale or bill is another question (`lets`)."""
        return event.kind in self.kinds

    def lets(self, family: str, side: Side | None) -> bool:
        """Whether a document of that side belongs here. One whose side nobody knows does: it must not be lost."""
        return self.only is None or side is None or family == "contact" or side == self.only

    @property
    def pulse(self) -> str:
        """What the ledger has in place of a pulse."""
        return f"stream-{self.id}"

    @classmethod
    def from_item(cls, item: dict[str, Any]) -> Route:
        return cls(
            id=item["sk"].removeprefix("ROUTE#"),
            connection=item["connection"],
            channel=item["channel"],
            install=item["install"],
            channel_name=item.get("channel_name", ""),
            kinds=tuple(item["kinds"]),
            only=item.get("only"),
            created_by=item.get("created_by", ""),
            created_at=item.get("created_at", 0),
            last_event_at=item.get("last_event_at", 0),
            last_posted_at=item.get("last_posted_at", 0),
            failing_reason=item.get("failing_reason", ""),
        )

    def to_item(self) -> dict[str, Any]:
        """The attributes of a stored route, without its keys."""
        body = asdict(self)
        del body["id"]
        return {**body, "kinds": list(self.kinds)}


@dataclass(frozen=True)
class Event:
    """One happening to one document. `date` is Xero's own text of the instant, by which a repetition is known.

    `at` is None where that text cannot be read. `side` is what the event itself tells, `family` one of FAMILIES'.
    """

    tenant: str
    family: str
    happening: str
    resource: str
    date: str
    at: datetime | None
    side: Side | None = None

    @property
    def kind(self) -> str:
        return f"{self.family}.{self.happening}"

    @property
    def key(self) -> str:
        """The same for every delivery of this event and for no other (WH-6)."""
        said = "|".join((self.tenant, self.family, self.happening, self.resource, self.date))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat() if self.at else None}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Event:
        return cls(**{**body, "at": datetime.fromisoformat(body["at"]) if body["at"] else None})


@dataclass(frozen=True)
class Delivery:
    """What one body holds. `unknown` counts events of categories or types that are not told; `unreadable` those that
    have not the documented form. Sequence numbers are for the log alone: what their gaps mean is documented nowhere."""

    events: tuple[Event, ...]
    unknown: int = 0
    unreadable: int = 0
    sequence: tuple[int, int] | None = None


def delivery_of(body: bytes) -> Delivery:
    """The events of a delivery in their order. Raises Unreadable for what is no delivery at all, and nothing else."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("the body is not JSON") from None
    if not isinstance(given, dict) or not isinstance(given.get("events"), list):
        raise Unreadable("the body has no list of events")
    events: list[Event] = []
    unknown = unreadable = 0
    for one in given["events"]:
        try:
            event = event_of(one)
        except Unreadable:
            unreadable += 1
            continue
        if event is None:
            unknown += 1
        else:
            events.append(event)
    return Delivery(tuple(events), unknown, unreadable, _sequence(given))


def event_of(given: Any) -> Event | None:
    """One event; None for a category or a type that this product does not tell of. Raises Unreadable."""
    if not isinstance(given, dict):
        raise Unreadable("an event is not an object")
    category, kind = _text(given, "eventCategory"), _text(given, "eventType")
    if category not in FAMILIES or kind not in HAPPENINGS:
        return None
    date = _text(given, "eventDateUtc")
    data = given.get("data")
    return Event(
        tenant=_id(given, "tenantId"),
        family=FAMILIES[category],
        happening=HAPPENINGS[kind],
        resource=_id(given, "resourceId"),
        date=date,
        at=instant(date),
        side=side_of(data.get("Type") or data.get("type")) if isinstance(data, dict) else None,
    )


def instant(text: str) -> datetime | None:
    """Xero's event dates have no zone and a varying number of digits: they are UTC. None for one without sense."""
    found = _INSTANT.fullmatch(text)
    if not found:
        return None
    try:
        at = datetime.strptime(found[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    at = at.replace(microsecond=int((found[2] or "0").ljust(6, "0")))
    return at if EARLIEST <= at < LATEST else None


def side_of(kind: object) -> Side | None:
    """Whether a document's type is of sales or of bills; None where it does not say so."""
    if not isinstance(kind, str):
        return None
    if kind.upper().startswith(("ACCREC", "AR", "RECEIVE")):
        return "sales"
    return "bills" if kind.upper().startswith(("ACCPAY", "AP", "SPEND")) else None


def kinds_of(given: Iterable[object]) -> tuple[str, ...]:
    """The kinds that were ticked, each once, in their order. Raises StreamInvalid."""
    wanted = set(map(str, given))
    strange = sorted(wanted - set(KINDS))
    if strange:
        raise StreamInvalid("kinds", f"There is no kind of event called “{strange[0][:60]}”.")
    if not wanted:
        raise StreamInvalid("kinds", "Tick at least one kind of event.")
    return tuple(kind for kind in KINDS if kind in wanted)


def only_of(given: object) -> Only | None:
    """Raises StreamInvalid."""
    if given in (None, "", "both"):
        return None
    if given not in ONLY_WORDS:
        raise StreamInvalid("only", "Choose sales, bills or both.")
    return given


def kind_words(kind: str) -> str:
    """`credit_note.updated` → Credit note updated"""
    family, _, happening = kind.partition(".")
    return f"{FAMILY_WORDS[family]} {happening}"


def new_route_id() -> str:
    return f"r-{uuid.uuid4().hex[:12]}"


def route_id(text: str) -> bool:
    """Whether this has the form of a route's id."""
    return _ROUTE.fullmatch(text) is not None


def sample_body(tenant: str, kind: str, now: datetime) -> bytes:
    """A delivery such as Xero sends, of one event of that kind about a document that there is not."""
    family, _, happening = kind.partition(".")
    category = next(name for name, ours in FAMILIES.items() if ours == family)
    event = {
        "resourceId": str(uuid.uuid4()),
        "eventDateUtc": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}",
        "eventType": next(name for name, ours in HAPPENINGS.items() if ours == happening),
        "eventCategory": category,
        "tenantId": tenant,
        "tenantType": "ORGANISATION",
    }
    return json.dumps({"events": [event], "firstEventSequence": 0, "lastEventSequence": 0, "entropy": ""}).encode()


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise Unreadable(f"{name} is not text")
    return value


def _id(given: dict[str, Any], name: str) -> str:
    value = _text(given, name).lower()
    if not _ID.fullmatch(value):
        raise Unreadable(f"{name} is not an id")
    return value


def _sequence(given: dict[str, Any]) -> tuple[int, int] | None:
    first, last = given.get("firstEventSequence"), given.get("lastEventSequence")
    if not isinstance(first, int) or not isinstance(last, int) or max(abs(first), abs(last)) >= 10**18:
        return None
    return first, last
