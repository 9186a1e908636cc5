"""Deleting what is kept of the books and of what was sent, at the operator's word."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ledgercast.clock import Clock
from ledgercast.keeping import Keeping
from ledgercast.ops.deployment import ACTOR, ORIGIN, Deployment
from ledgercast.ops.terminal import Stop, remark, say
from ledgercast.store.artefacts import Artefacts
from ledgercast.store.audit import Audit
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.pulses import PulseStore
from ledgercast.store.table import Table


class Forgetting:
    """Each of these deletes charts, texts, numbers and Xero's answers for good; rows without figures stay."""

    def __init__(self, deployment: Deployment, now: Clock) -> None:
        dynamodb = deployment.client("dynamodb")
        state = Table(dynamodb, deployment.output("StateTable"), now)
        self._connections, self._pulses = ConnectionStore(state), PulseStore(state)
        self._keeping = Keeping(state, Artefacts(deployment.client("s3"), deployment.output("Bucket")))
        self._audit = Audit(Table(dynamodb, deployment.output("LedgerTable"), now), now)

    def forget(self, *, connection: str, pulse: str, before: str, everything: bool, yes: bool) -> None:
        """Exactly one of them says what; nothing is deleted without `yes`."""
        if connection:
            self._of_connection(connection, yes)
        elif pulse:
            self._of_pulse(pulse, yes)
        elif before:
            self._before(_day(before), yes)
        elif everything:
            _agreed("whatever is kept of the workspace", yes)
            self._noted("all")
            self._keeping.forget_all()
            say("Everything that was kept is deleted.")

    def _of_connection(self, connection: str, yes: bool) -> None:
        found = self._connections.get(connection)
        if found is None:
            for one in self._connections.list():
                remark(f"{one.id}  {one.name}")
            raise Stop(f"There is no connection {_plain(connection)}; above are those there are", 2)
        _agreed(f"what is kept of the books of {found.name}, and what was sent of them", yes)
        self._noted(found.id)
        self._keeping.forget_connection(found.id)
        say(f"What was kept of {found.name} is deleted.")
        if found.is_open:
            remark("It is still connected: its next run, or the next look at it, keeps new figures.")

    def _of_pulse(self, pulse: str, yes: bool) -> None:
        if self._pulses.get(pulse, deleted=True) is None:
            raise Stop(f"There is no pulse {_plain(pulse)}; its id stands in the address of its page", 2)
        _agreed(f"what the runs of {pulse} sent", yes)
        self._noted(pulse)
        self._keeping.forget_pulse(pulse)
        say(f"What the runs of {pulse} sent is deleted.")

    def _before(self, instant: datetime, yes: bool) -> None:
        _agreed(f"what was sent before {instant:%Y-%m-%d}, 00:00 UTC", yes)
        self._noted(f"{instant:%Y-%m-%d}")
        say(f"Deleted what these many runs sent: {self._keeping.forget_before(instant)}")

    def _noted(self, subject: str) -> None:
        """Before it is done: what cannot be noted is not done."""
        self._audit.note("figures.deleted", ACTOR, ORIGIN, subject)


def _agreed(what: str, yes: bool) -> None:
    if not yes:
        raise Stop(f"This deletes {what}, for good. Give --yes to do it; nothing was deleted", 2)


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Stop("--before takes a day, such as 2026-11-25", 2) from None


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._~-]", "", text)[:80]
