"""Where every event is: told, unconfirmed, or put aside with its reason; in our own books and as Slack shows it.

Our books are the claims of the events and the ledger; Slack's side is what stands in the channels: each message counts
itself, and links each document that it tells of. The two must agree, document by document and channel by channel.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from rich.table import Table as Grid

from ledgercast.domain.streams import REASON, Unreadable, delivery_of
from local.slack.workspace import Message
from local.stream_fates import where_all_are
from local.system import System
from local.xero.events import Event

Fate = Literal["sent", "unconfirmed", "put aside", "lost"]
FATES: Final[tuple[Fate, ...]] = ("sent", "unconfirmed", "put aside", "lost")
_COUNT: Final = re.compile(r"^(\d+) ")
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Balance:
    """`fates` counts what each event came to at each stream that wants it. `reasons`: of deliveries put aside."""

    fates: Counter[Fate]
    messages: int
    lists: int
    reasons: Counter[str]
    flaws: tuple[str, ...]

    @property
    def expected(self) -> int:
        return self.fates.total()

    @property
    def ok(self) -> bool:
        return not self.flaws and not self.fates["lost"]

    def grid(self, title: str) -> Grid:
        words = {
            "sent": "told exactly once",
            "unconfirmed": "unconfirmed, by the ledger",
            "put aside": "in the dead-letter queue, with the reason",
            "lost": "nowhere",
        }
        grid = Grid(title, "events", box=None, pad_edge=False)
        for fate in FATES:
            grid.add_row(words[fate], f"{self.fates[fate]:,}")
        grid.add_row("[b]events, once for each stream that wants them[/]", f"[b]{self.expected:,}[/]")
        grid.add_row("messages in Slack, lists of several among them", f"{self.messages:,}, {self.lists:,}")
        for reason, count in self.reasons.most_common():
            grid.add_row(f"deliveries put aside: {reason or 'given up by the queue'}", f"{count:,}")
        return grid


def balance(running: System, events: Sequence[Event]) -> Balance:
    """`events` are those that are to be told, each once."""
    assert running.slack
    aside, reasons = _put_aside(running)
    fates: Counter[Fate] = Counter()
    posts: dict[str, Fate] = {}
    wanted: dict[str, dict[Fate, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for one in where_all_are(running, events):
        fate: Fate = one.fate if one.fate != "untold" else "put aside" if one.event.key in aside else "lost"
        fates[fate] += 1
        posts[one.place.key] = fate
        wanted[one.route.channel][fate][one.event.resource] += 1
    messages = running.slack.messages
    flaws = [*_keys(messages, posts), *_documents(messages, wanted)]
    lists = sum(_counted(one) is not None for one in messages)
    return Balance(fates, len(messages), lists, reasons, tuple(flaws))


def _put_aside(running: System) -> tuple[set[str], Counter[str]]:
    """The events of the deliveries in the dead-letter queue, and why these lie there. They stay where they are."""
    sqs, url = running.runtime.client("sqs"), running.runtime.outputs["EventsDeadQueue"]
    found: list[dict[str, Any]] = []
    while messages := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=60
    ).get("Messages"):
        found += messages
    for one in found:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"], VisibilityTimeout=0)
    keys: set[str] = set()
    for one in found:
        try:
            keys |= {event.key for event in delivery_of(one["Body"].encode()).events}
        except Unreadable:
            continue
    reasons = (one.get("MessageAttributes", {}).get(REASON, {}).get("StringValue", "") for one in found)
    return keys, Counter(reasons)


def _keys(messages: Iterable[Message], posts: dict[str, Fate]) -> Iterator[str]:
    """Each message of ours stands in Slack once where it was sent, and no other does."""
    shown = Counter(str((one.metadata or {}).get("event_payload", {}).get("key")) for one in messages)
    for key, fate in posts.items():
        if fate == "sent" and shown[key] != 1:
            yield f"Slack shows {key} {shown[key]} times"
        if fate == "unconfirmed" and shown[key] > 1:
            yield f"Slack shows {key}, which is unconfirmed, {shown[key]} times"
        if fate in ("put aside", "lost") and shown[key]:
            yield f"Slack shows {key}, which counts as {fate}"
    for key in shown.keys() - posts.keys():
        yield f"Slack shows a message that no event accounts for ({key})"


def _documents(messages: Iterable[Message], wanted: dict[str, dict[Fate, Counter[str]]]) -> Iterator[str]:
    """By what people see: of each document, each channel tells as many changes as there were."""
    shown: dict[str, Counter[str]] = defaultdict(Counter)
    for one in messages:
        ids, counted = _linked(one), _counted(one)
        if counted is None:
            ids = list(dict.fromkeys(ids))
        if len(ids) != (counted or 1):
            yield f"a message says {counted or 1} and links {len(ids)}"
        shown[one.channel].update(ids)
    for channel, by_fate in wanted.items():
        for document in {*shown[channel], *by_fate["sent"], *by_fate["unconfirmed"]}:
            least = by_fate["sent"][document]
            most = least + by_fate["unconfirmed"][document]
            if not least <= shown[channel][document] <= most:
                yield f"{channel} tells {shown[channel][document]} changes of {document}, not {least}"


def _counted(message: Message) -> int | None:
    """The count that a list begins with; None for a message of one event."""
    found = _COUNT.match(message.text)
    return int(found[1]) if found else None


def _linked(message: Message) -> list[str]:
    texts = (block["text"]["text"] for block in message.blocks if block["type"] == "section")
    return [found for text in texts for found in _ID.findall(text)]
