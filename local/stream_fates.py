"""Where each of Xero's events is by our own books: the claims of the routes and the ledger (demo and load)."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.streams import Event, Route, delivery_of
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.ledger import Attempt, Place, trail
from ledgercast.store.streams import RouteStore
from ledgercast.store.table import Item
from local.system import System
from local.xero import events as xero

PART = "stream"
_AT_ONCE = 500

Fate = Literal["sent", "unconfirmed", "untold"]


@dataclass(frozen=True)
class Where:
    """One event at one route that wants it. `place` is that of its message, which it may share with others."""

    route: Route
    event: Event
    place: Place
    fate: Fate


def where_all_are(running: System, events: Sequence[xero.Event]) -> Iterator[Where]:
    """`events` are different ones; each comes once for every route that wants it."""
    told, ended = list(as_told(events)), _fates(running)
    tenants = {one.id: one.tenant for one in ConnectionStore(running.table).list()}
    for route in RouteStore(running.table).list():
        claims = {
            row["sk"].removeprefix("EVENT#"): str(row["post"])
            for row in running.table.query(f"WS#{WORKSPACE}#ROUTE#{route.id}", "EVENT#")
        }
        for event in told:
            if event.tenant == tenants.get(route.connection) and route.wants(event):
                place = _place(route, event, claims.get(event.key, ""))
                yield Where(route, event, place, ended.get(place.key, "untold"))


def as_told(events: Sequence[xero.Event]) -> Iterator[Event]:
    """The events as our side reads them."""
    for start in range(0, len(events), _AT_ONCE):
        yield from delivery_of(xero.body(events[start : start + _AT_ONCE], 1, random.Random(0))).events


def ledger_rows(running: System) -> dict[Place, list[Item]]:
    """The ledger's rows of every message of a stream."""
    rows: dict[Place, list[Item]] = defaultdict(list)
    for row in running.ledger.since(WORKSPACE, datetime.fromtimestamp(0, UTC)):
        if row.get("part") == PART:
            pulse, _, slot = row["pk"].removeprefix(f"WS#{WORKSPACE}#PULSE#").partition("#SLOT#")
            rows[Place(WORKSPACE, pulse, slot, row["destination"], PART)].append(row)
    return rows


def _fates(running: System) -> dict[str, Fate]:
    return {place.key: _fate(trail(rows)) for place, rows in ledger_rows(running).items()}


def _fate(attempts: Sequence[Attempt]) -> Fate:
    outcome = attempts[-1].outcome if attempts else None
    return "sent" if outcome == "sent" else "unconfirmed" if outcome == "unconfirmed" else "untold"


def _place(route: Route, event: Event, claimed: str) -> Place:
    """The message of an event: one of its own under its key, or a list of the route that leads it."""
    lead, _, post = claimed.rpartition("/") if claimed else ("", "", event.key)
    lead = lead or route.id
    return Place(WORKSPACE, f"stream-{lead}", post, lead, PART)
