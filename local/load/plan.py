"""What Xero sends in the load: how much, of whom, how often, in what order; and who is to hear of it."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from ledgercast.domain.streams import KINDS
from local.xero.books import Books
from local.xero.events import Event, burst
from local.xero.generate import generate

SPREAD_SECONDS: Final = 1_800.0
"""The time in which the events happened that now come all at once."""

_STRANGE: Final = 0.01


@dataclass(frozen=True)
class Size:
    """`events`: how many a delivery has, about. `again`: the share of deliveries that come a second time whole.
    `kills`: how many workers of each function are killed at most. `hidden`: seconds after which a killed worker's batch
    comes again, where the deployment's own are too long to wait for."""

    deliveries: int = 500
    events: int = 10
    organisations: int = 20
    duplicates: float = 0.1
    again: float = 0.05
    kills: int = 8
    hidden: int = 0


@dataclass(frozen=True)
class Plan:
    """`events` are those that are to be told, each once; `strange` those that nobody asked for."""

    events: tuple[Event, ...]
    strange: tuple[Event, ...]
    deliveries: tuple[tuple[Event, ...], ...]


def books(size: Size, now: datetime) -> list[Books]:
    """The organisations, each with books of its own."""
    return [
        generate(now.date(), seed=number, name=f"Company {number + 1:02d} Ltd", unallocated_credits=True)
        for number in range(size.organisations)
    ]


def planned(size: Size, known: Sequence[Books], now: datetime, rng: random.Random) -> Plan:
    """Every event, every tenth twice, cut into deliveries in no order at all."""
    total = size.deliveries * size.events
    distinct = round(total / (1 + size.duplicates))
    events: list[Event] = []
    for number, one in enumerate(known):
        share = distinct // len(known) + (number < distinct % len(known))
        events += burst(one, share, now, rng, spread=SPREAD_SECONDS)
    strange = [_strange(rng.choice(events), number) for number in range(max(2, round(total * _STRANGE)))]
    stream = [*events, *rng.sample(events, total - distinct), *strange]
    rng.shuffle(stream)
    cuts = sorted(rng.sample(range(1, len(stream)), size.deliveries - 1))
    deliveries = [tuple(stream[a:b]) for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    return Plan(tuple(events), tuple(strange), tuple(deliveries))


def routes(connections: Sequence[str], channels: Sequence[str]) -> list[dict[str, Any]]:
    """Bodies for the API: everything of each organisation to a channel; of every third also its contacts to another
    one, and of every fourth its bills and invoices too. No channel hears of one thing twice."""
    made: list[dict[str, Any]] = []
    for number, connection in enumerate(connections):
        made.append(_route(connection, channels[number % len(channels)], KINDS))
        if number % 3 == 0:
            made.append(_route(connection, channels[(number + 1) % len(channels)], _of("contact")))
        if number % 4 == 0:
            made.append(_route(connection, channels[(number + 2) % len(channels)], _of("invoice")))
    return made


def _route(connection: str, channel: str, kinds: Sequence[str]) -> dict[str, Any]:
    return {"connection": connection, "channel": channel, "kinds": list(kinds), "only": None}


def _of(family: str) -> list[str]:
    return [kind for kind in KINDS if kind.startswith(f"{family}.")]


def _strange(like: Event, number: int) -> Event:
    """Of an organisation that is not connected, or of a kind that nobody knows."""
    if number % 2:
        return replace(like, tenant=str(uuid.UUID(int=number, version=4)))
    return replace(like, category="SUBSCRIPTION")
