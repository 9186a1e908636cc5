"""Whether Xero's events still come, are accepted and are told: looked at every few hours (WH-8, design 12).

Alarms tell the operator within minutes; here the owners are told, once, in words that say what mends it. Xero tries a
delivery for a day before it turns the webhook off, so that there is time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ledgercast.clock import Clock
from ledgercast.domain.incidents import Incident
from ledgercast.domain.rhythm import Silence, silence
from ledgercast.observability import logger
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.events import EventQueue
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.metrics import Signatures
from ledgercast.store.rhythm import RhythmStore
from ledgercast.store.streams import RouteStore

WINDOW: Final = timedelta(hours=8)
"""In which signatures are counted; longer than the time between two looks."""

SUBJECTS: Final = ("silence", "signatures", "dead_letters")

RUN_OF_BAD: Final = 10
"""Bad signatures without a good one among them. A handshake has three or four, and a person may try it twice; one
delivery that is refused is tried again every quarter of an hour."""

log = logger("keepalive")


@dataclass(frozen=True)
class StreamWatch:
    """`signatures` counts them between two instants; `dead` is the queue of what was given up."""

    routes: RouteStore
    connections: ConnectionStore
    rhythm: RhythmStore
    incidents: IncidentStore
    dead: EventQueue
    signatures: Callable[[datetime, datetime], Signatures]
    tell: Callable[[], int]
    now: Clock

    def look_after(self) -> dict[str, int]:
        """How many incidents are open after this look, by their subject, and how many were told."""
        if not self.routes.list() and not any(map(self._open, SUBJECTS)):
            return {**dict.fromkeys(SUBJECTS, 0), "told": 0}  # nobody wants to hear of events
        found = {"silence": self._silence(), "signatures": self._signatures(), "dead_letters": self._dead_letters()}
        found["told"] = self.tell()
        log.info("looked after the streams", extra=found)
        return found

    def _silence(self) -> int:
        """All organisations together: the webhook is one for all of them, and it is that which falls silent."""
        told_of = {one.connection for one in self.routes.list()}
        open_ones = [one.id for one in self.connections.list() if one.is_open and one.id in told_of]
        heard = {hour for connection in open_ones for hour in self.rhythm.hours(connection)}
        known = self._open("silence")
        if known:
            since = datetime.fromisoformat(known.about["since"])
            over = any(hour >= since for hour in heard)
            if over or not open_ones:
                return self._close(known, quietly=not over)
            return 1
        found: Silence | None = silence(heard, self.now())
        return self._begin("silence", {"since": found.since.isoformat()}) if found else 0

    def _signatures(self) -> int:
        now, known = self.now(), self._open("signatures")
        counted = self.signatures(now - WINDOW, now)
        if known:
            return self._close(known) if counted.good else 1
        if counted.good or counted.bad < RUN_OF_BAD:
            return 0
        return self._begin("signatures", {"count": str(counted.bad)})

    def _dead_letters(self) -> int:
        left, known = self.dead.size(), self._open("dead_letters")
        if known:
            return 1 if left else self._close(known)
        return self._begin("dead_letters", {"count": str(left)}) if left else 0

    def _open(self, subject: str) -> Incident | None:
        known = self.incidents.get("stream", subject)
        return known if known and known.is_open else None

    def _begin(self, subject: str, about: dict[str, str]) -> int:
        self.incidents.open("stream", subject, self.now(), about=about)
        return 1

    def _close(self, known: Incident, *, quietly: bool = False) -> int:
        self.incidents.close(known, self.now(), quietly=quietly)
        return 0
