"""Telling the owners: one mail for an incident, and one when it is mended (design 9, 10).

What is to be told lies in the incidents' rows; `tell` sends whatever is due, to every active owner, and may be called
by anybody at any time. Each mail goes through the ledger: an attempt before, an outcome after. SES has no way to ask
what became of a message, so an attempt whose end nobody knows counts as told and is noted as unconfirmed: nothing is
sent twice. What certainly did not leave stays due, and is tried again from an hour later on: nothing is lost.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ledgercast import clock
from ledgercast.domain.accounts import Member
from ledgercast.domain.incidents import Incident
from ledgercast.domain.recipients import address_hash
from ledgercast.domain.sending import NotSent
from ledgercast.incident_letters import Letters
from ledgercast.mail import Letter, Post
from ledgercast.observability import logger
from ledgercast.settings import address, required
from ledgercast.store import connect
from ledgercast.store.audit import Audit
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.ledger import Attempt, Ledger, Place
from ledgercast.store.members import MemberStore
from ledgercast.store.ses import failure_of
from ledgercast.store.state import StateStore

AGAIN = timedelta(hours=1)
"""How long after a mail that was refused it is tried again."""

LONGEST_SEND = timedelta(minutes=2)
"""An attempt without an end is under way until then; later whoever made it is dead."""

NOTICES = "notices"
"""What the ledger has in place of a pulse; its slot is the incident."""

_MENDED = "mended"

log = logger("notices")


class Notices:
    """`origin` is the part of the system that tells, for the audit."""

    def __init__(
        self,
        incidents: IncidentStore,
        letters: Letters,
        members: MemberStore,
        ledger: Ledger,
        audit: Audit,
        post: Post,
        now: clock.Clock,
        origin: str,
    ) -> None:
        self._incidents = incidents
        self._letters = letters
        self._members = members
        self._ledger = ledger
        self._audit = audit
        self._post = post
        self._now = now
        self._origin = origin

    def tell(self) -> int:
        """Send what is due: how many incidents were told. One that cannot be told keeps no other from it."""
        told = 0
        for incident in self._incidents.list():
            if not incident.is_due:
                continue
            try:
                told += self._tell(incident)
            except Exception as fault:
                log.error("an incident could not be told", extra={"incident": incident.name, "kind": _kind(fault)})
        return told

    def _tell(self, incident: Incident) -> bool:
        letter = self._letters.write(incident)
        if letter is None:
            self._drop(incident)
            return False
        owners = [one for one in self._members.list() if one.is_owner and one.state == "active"]
        # Whoever was never told of it is not told that it is over.
        concerned = owners if incident.is_open else [one for one in owners if self._heard(incident, one)]
        settled = [self._settled(incident, one, letter) for one in concerned]
        if not owners or not all(settled):
            return False
        return self._incidents.told(incident, self._now())

    def _drop(self, incident: Incident) -> None:
        if incident.is_open:
            self._incidents.close(incident, self._now(), quietly=True)
        else:
            self._incidents.told(incident, self._now())

    def _settled(self, incident: Incident, owner: Member, letter: Letter) -> bool:
        """Whether the owner was told, now or before, as far as that can be known."""
        place = self._place(incident, owner, incident.round if incident.is_open else _MENDED)
        past = self._ledger.trail(place)
        last = past[-1] if past else None
        if last is None:
            return self._send(place, 1, owner, letter)
        if last.outcome is None:
            return self._unknown(place, last)
        if last.outcome in ("sent", "unconfirmed"):
            return True
        return last.at + AGAIN <= self._now() and self._send(place, last.n + 1, owner, letter)

    def _send(self, place: Place, n: int, owner: Member, letter: Letter) -> bool:
        target, content = address_hash(owner.email), _hash(letter)
        if not self._ledger.attempt(place, n, self._now(), target=target, content=content):
            return False  # another process sends it at this moment
        try:
            self._post.send(owner.email, letter)
        except Exception as error:
            failure = failure_of(error)
            if isinstance(failure, NotSent):
                self._ledger.outcome(place, n, self._now(), "failed", reason=failure.reason)
                return self._noted(place, failure.reason, told=False)
            self._ledger.unknown(place, n, self._now(), failure.why)
            return self._unconfirmed(place, n)
        self._ledger.outcome(place, n, self._now(), "sent")
        return self._noted(place, "ok", told=True)

    def _unknown(self, place: Place, last: Attempt) -> bool:
        """An attempt without an end: still under way, or cut off."""
        if last.unknown_at is None and self._now() < last.at + LONGEST_SEND:
            return False
        return self._unconfirmed(place, last.n)

    def _unconfirmed(self, place: Place, n: int) -> bool:
        self._ledger.outcome(place, n, self._now(), "unconfirmed", reason="deliver.unconfirmed")
        return self._noted(place, "deliver.unconfirmed", told=True)

    def _noted(self, place: Place, outcome: str, *, told: bool) -> bool:
        incident, _, _ = place.slot.rpartition("@")
        self._audit.note("notice.sent", "system", self._origin, f"{incident}/{place.destination}", outcome)
        return told

    def _heard(self, incident: Incident, owner: Member) -> bool:
        """Whether a mail of any round may have reached this owner."""
        return any(self._trail_of(incident, owner))

    def _trail_of(self, incident: Incident, owner: Member) -> Iterator[bool]:
        rows = self._ledger.of_slot(self._incidents.workspace, NOTICES, _slot(incident))
        refused = {(row["destination"], row["n"]) for row in rows if row.get("status") == "failed"}
        for row in rows:
            if row["kind"] == "attempt" and row["part"] == owner.id and row["destination"] != _MENDED:
                yield (row["destination"], row["n"]) not in refused

    def _place(self, incident: Incident, owner: Member, destination: str) -> Place:
        return Place(self._incidents.workspace, NOTICES, _slot(incident), destination or "opened", owner.id)


def from_environment(origin: str) -> Notices:
    """The notices of this very function. Raises SettingsError where the deployment lacks a setting."""
    table = connect.state_table()
    connections, members = ConnectionStore(table), MemberStore(table)
    required("LEDGERCAST_PUBLIC_URL")
    public_url = address(os.environ, "LEDGERCAST_PUBLIC_URL", "")
    ledger = connect.ledger_table()
    return Notices(
        IncidentStore(table),
        Letters(StateStore(table), connections, members, public_url),
        members,
        Ledger(ledger),
        Audit(ledger, clock.now),
        Post(connect.client("sesv2", sending=True), required("LEDGERCAST_SENDER"), clock.now),
        clock.now,
        origin,
    )


def _slot(incident: Incident) -> str:
    opened = datetime.fromtimestamp(incident.opened_at, UTC)
    return f"{incident.name}@{opened:%Y-%m-%dT%H:%M:%SZ}"


def _hash(letter: Letter) -> str:
    return hashlib.sha256("\n".join((letter.subject, *letter.lines)).encode()).hexdigest()


def _kind(fault: Exception) -> str:
    return type(fault).__name__
