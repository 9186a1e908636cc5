"""From deliveries to tasks: which event is to be told by which route, each once, however often it came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from functions.stream.fates import Fates
from functions.stream.letters import Letter
from ledgercast.domain.streams import Delivery, Event, Route, Unreadable, delivery_of
from ledgercast.observability import logger
from ledgercast.store.organisations import Organisation

log = logger("stream")

UNREADABLE = "stream.unreadable"


@dataclass(frozen=True)
class Member:
    """One event as one route tells it. `route` is the route's id; `received` when the webhook took it."""

    route: str
    event: Event
    received: datetime
    test: bool = False

    @property
    def order(self) -> tuple[datetime, str]:
        return self.event.at or self.received, self.event.key

    def to_json(self) -> dict[str, Any]:
        received = int(self.received.timestamp() * 1000)
        return {"route": self.route, "event": self.event.to_json(), "received": received, "test": self.test}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Member:
        received = datetime.fromtimestamp(body["received"] / 1000, UTC)
        return cls(body["route"], Event.from_json(body["event"]), received, body["test"])


@dataclass
class Task:
    """A member, its route and organisation, and the deliveries that brought it (ids of the queue's messages)."""

    member: Member
    route: Route
    organisation: Organisation
    letters: set[str] = field(default_factory=set)


@dataclass
class Gathered:
    """`counts` is for the log. `heard` are events by connection, tests left out."""

    tasks: list[Task]
    counts: Counter[str]
    heard: Counter[str]


def gather(
    letters: Sequence[Letter],
    organisation_of: Callable[[str], Organisation | None],
    routes: Iterable[Route],
    fates: Fates,
) -> Gathered:
    """The tasks of a batch. What cannot be read is put aside; what nobody wants to hear of is counted (WH-7)."""
    known = list(routes)
    find = cache(organisation_of)
    found: dict[tuple[str, str], Task] = {}
    counts: Counter[str] = Counter(letters=len(letters))
    heard: Counter[str] = Counter()
    for letter, event in _events(letters, fates, counts):
        organisation = find(event.tenant)
        if organisation is None:
            counts["unknown_tenants"] += 1
        elif not organisation.is_open:
            counts["shut"] += 1
        else:
            heard[organisation.id] += not letter.test
            for route in _routes(known, organisation, event, letter):
                counts["routed"] += 1
                member = Member(route.id, event, letter.received, bool(letter.test))
                task = found.setdefault((route.id, event.key), Task(member, route, organisation))
                task.letters.add(letter.id)
    return Gathered(list(found.values()), counts, heard)


def _events(letters: Sequence[Letter], fates: Fates, counts: Counter[str]) -> Iterator[tuple[Letter, Event]]:
    for letter in letters:
        try:
            delivery: Delivery = delivery_of(letter.body)
        except Exception as fault:
            if not isinstance(fault, Unreadable):
                # A mistake of ours that this body brought to light: it must not fail its batch again and again.
                log.error("a body raised", extra={"delivery": letter.delivery, "kind": type(fault).__name__})
            counts["unreadable"] += 1
            fates.failed([letter.id], UNREADABLE)
            continue
        counts["events"] += len(delivery.events)
        counts["unknown_kinds"] += delivery.unknown
        if delivery.unreadable:
            # What can be read is told; the whole is kept for inspection.
            counts["unreadable"] += delivery.unreadable
            fates.failed([letter.id], UNREADABLE)
        yield from ((letter, event) for event in delivery.events)


def _routes(routes: Sequence[Route], organisation: Organisation, event: Event, letter: Letter) -> Iterator[Route]:
    """A channel hears of an event once, however many routes lead there: by the oldest of them."""
    channels: set[tuple[str, str]] = set()
    for route in routes:
        if route.connection != organisation.id:
            continue
        wanted = route.id == letter.test if letter.test else route.wants(event)
        if wanted and (route.install, route.channel) not in channels:
            channels.add((route.install, route.channel))
            yield route
