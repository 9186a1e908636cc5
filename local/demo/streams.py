"""The demo's stream: a bookkeeper edits a few documents, a burst follows, and all of it is told in a channel.

The edits come before the pulses, since they change the books; the burst comes while these are fetched and drawn. Where
Xero is not our own sandbox nobody can send its events, and there is no stream.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ledgercast.domain.pulses import artefact_key
from ledgercast.domain.streams import KINDS
from ledgercast.store.ledger import Place
from ledgercast.store.table import Item
from local.demo.person import Person, TurnedAway
from local.demo.results import answer_of
from local.slack.workspace import Channel
from local.stream_fates import PART, Where, ledger_rows, where_all_are
from local.system import WEBHOOK_PATH, System
from local.xero.events import Event, Habits, burst
from local.xero.webhook import Webhook

CHANNEL: Final = Channel("C0XEROEVENT", "xero-events")
BURST: Final = 40
_UNKIND: Final = Habits(per_delivery=8, duplicates=0.1, shuffled=True)
_PATIENCE_SECONDS: Final = 90
_WHERE: Final = ("", "NotVisible", "Delayed")


@dataclass
class Stream:
    """`events` are all that were sent, each once, however often Xero sent it."""

    running: System
    webhook: Webhook
    events: list[Event]

    def edit(self) -> None:
        """What a bookkeeper does: an invoice raised and paid, a customer renamed."""
        xero = self.running.xero
        assert xero
        books, desk = xero.books[0], xero.desk
        before = len(self.webhook.deliveries)
        invoice = desk.raise_document(books.organisation.id, "ACCREC", Decimal("1280"))
        desk.pay(invoice)
        desk.raise_document(books.organisation.id, "ACCPAY", Decimal("365.50"))
        self._take(before)

    def burst(self) -> None:
        """A bulk import: many at once, some twice, in any order. It changes no figure, and comes after the edits."""
        self.wait()
        xero = self.running.xero
        assert xero
        before, now = len(self.webhook.deliveries), self.running.runtime.clock.now()
        self.webhook.publish(burst(xero.books[0], BURST, now, random.Random(BURST)), _UNKIND)
        self._take(before)

    def wait(self) -> None:
        """Until the queue is empty; what is not told by then is shown as it stands."""
        sqs, url = self.running.runtime.client("sqs"), self.running.runtime.outputs["EventsQueue"]
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            if not any(int(told.get(f"ApproximateNumberOfMessages{one}", 0)) for one in _WHERE):
                return
            time.sleep(0.2)

    def fates(self) -> list[Where]:
        return list(where_all_are(self.running, self.events))

    def _take(self, before: int) -> None:
        found = {event: None for delivery in self.webhook.deliveries[before:] for event in delivery.events}
        self.events += found


def open_stream(running: System, person: Person, connection: str) -> Stream | None:
    """Make the stream as a person does, and let Xero try the address. Raises TurnedAway."""
    if running.xero is None:
        return None
    channel = running.channel
    if running.slack:
        channel = running.slack.channels.setdefault(CHANNEL.id, CHANNEL).id
    route = {"connection": connection, "channel": channel, "kinds": list(KINDS), "only": None}
    person.ask("POST", "/api/v1/stream-routes", route)
    handshake = running.xero.webhook.set_up(running.runtime.url + WEBHOOK_PATH)
    if not handshake.passed:
        raise TurnedAway(f"Xero's intent to receive failed: {handshake.why}")
    return Stream(running, running.xero.webhook, [])


def told(fates: list[Where]) -> list[dict[str, str]]:
    """`events` of summary.json: each event once, failed where it was told nowhere."""
    return [
        {"key": one.event.key, "status": one.fate if one.fate in ("sent", "unconfirmed") else "failed"} for one in fates
    ]


def flaws(fates: list[Where]) -> Iterator[str]:
    open_ones = sum(one.fate != "sent" for one in fates)
    if open_ones:
        yield f"{open_ones} of {len(fates)} events were not told for certain"


def slack_entries(running: System) -> Iterator[dict[str, Any]]:
    """Every attempt to post a message of a stream, as our side made it and as it was answered."""
    for place, rows in ledger_rows(running).items():
        for attempt in (row for row in rows if row["kind"] == "attempt"):
            yield _entry(running, place, rows, attempt)


def _entry(running: System, place: Place, rows: list[Item], attempt: Item) -> dict[str, Any]:
    name = f"sent/{place.destination}-{PART}-{attempt['n']}.json"
    stored = running.artefacts.get_json(artefact_key(place.workspace, place.pulse, place.slot, name))
    ended = next((row for row in rows if row["kind"] == "outcome" and row["n"] == attempt["n"]), {})
    return {
        "at": attempt["at"],
        "channel": stored["channel"],
        "ts": ended.get("receipt"),
        "thread_ts": None,
        "part": PART,
        "pulse": None,
        "slot": None,
        "metric": None,
        "text": stored["text"],
        "blocks": stored["blocks"],
        "file": None,
        "answer": answer_of(tuple(rows), attempt["n"], ended),
    }
