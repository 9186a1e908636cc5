"""The Slack messages of a stream: one event each, or a list that begins with how many it stands for.

They are made of the pieces of every message of ours (ledgercast/slack/blocks.py): title, figures, small print, link.
Nothing from Xero can mention anybody, make a link or change the formatting, and every link is built from a validated
id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from functions.stream.documents import Document
from functions.stream.gather import Member
from ledgercast.domain.streams import FAMILY_WORDS, Side
from ledgercast.figures import exact
from ledgercast.slack.blocks import MOST_SECTION, Message, context, header, link, section
from ledgercast.slack.escape import mrkdwn
from ledgercast.store.organisations import Organisation
from ledgercast.text import one_line, shorten
from ledgercast.xero.links import document_link

MOST_LINES: Final = 40
MOST_BLOCKS_TEXT: Final = 12_500  # Slack refuses the blocks of a message above 13,200 characters of JSON

_EMOJI: Final = {
    "invoice": "🧾",
    "contact": "👤",
    "credit_note": "↩️",
    "prepayment": "⏩",
    "overpayment": "➕",
}
_MANY: Final = "🔔"
_TEST: Final = "🧪"
_OPEN: Final = "Open in Xero"

_STATUS: Final = {
    "DRAFT": "draft",
    "SUBMITTED": "awaiting approval",
    "AUTHORISED": "awaiting payment",
    "PAID": "paid",
    "VOIDED": "voided",
    "DELETED": "deleted",
    "ARCHIVED": "archived",
    "GDPRREQUEST": "erased at the contact's request",
}
_CREDIT_STATUS: Final = {"AUTHORISED": "open", "PAID": "used up"}


@dataclass(frozen=True)
class Telling:
    """One event with all that is known of it. `earlier`: a newer event of its document was posted before.

    `zone` is where the times of a document without a known organisation's zone are told.
    """

    member: Member
    organisation: Organisation
    document: Document | None
    earlier: bool
    zone: str = "UTC"

    @property
    def side(self) -> Side | None:
        return (self.document.side if self.document else None) or self.member.event.side

    @property
    def noun(self) -> str:
        family = self.member.event.family
        return "Bill" if family == "invoice" and self.side == "bills" else FAMILY_WORDS[family]

    @property
    def address(self) -> str:
        event = self.member.event
        return document_link(self.organisation.short_code, event.family, self.side, event.resource)

    @property
    def local(self) -> datetime:
        """The event's own time in the organisation's zone; that of its arrival where it has none."""
        return (self.member.event.at or self.member.received).astimezone(self.tz)

    @property
    def tz(self) -> tzinfo:
        return _zone(self.organisation.timezone) or _zone(self.zone) or UTC


def message_of(tellings: Sequence[Telling]) -> Message:
    """What is posted for these events, the oldest first."""
    return _single(tellings[0]) if len(tellings) == 1 else _list(tellings)


def _single(one: Telling) -> Message:
    event = one.member.event
    title = f"{_EMOJI[event.family]} {one.noun} {event.happening}"
    if one.earlier:
        title += " (an earlier change)"
    if one.member.test:
        title = f"{_TEST} Test: {one.noun.lower()} {event.happening}"
    spoken = " · ".join(filter(None, (title, *_about(one), one_line(one.organisation.name))))
    lines = [line for line in (_heading(one), _figures(one)) if line]
    return {
        "text": mrkdwn(shorten(spoken, 1000)),
        "blocks": [header(title), section("\n".join(lines)), context(_small_print(one))],
    }


def _heading(one: Telling) -> str:
    """The link by the document's number, and whom it is about."""
    if one.member.test:
        return "Sent by hand under Streams; nothing happened in Xero. It came the way of Xero's own events."
    about = _about(one)
    words = mrkdwn(about[0]) if about else _OPEN
    return " · ".join((link(one.address, words), *map(mrkdwn, about[1:])))


def _figures(one: Telling) -> str:
    """As of a pulse, the figure is what stands out."""
    parts = [mrkdwn(part) for part in _parts(one)]
    if one.document and one.document.amount is not None:
        parts[0] = f"*{parts[0]}*"
    return " · ".join(parts)


def _small_print(one: Telling) -> Iterator[str]:
    side = {"sales": " · Sale", "bills": " · Bill"}.get(one.side or "", "")
    yield f"*{mrkdwn(shorten(one.organisation.name, 200))}*{side}"
    at = one.member.event.at
    yield mrkdwn(f"{_day(one.local)}, {one.local:%H:%M} {one.local:%Z}" if at else _arrived(one))
    if one.earlier:
        yield "A newer change was posted before"
    if _about(one):
        yield link(one.address, _OPEN)


def _arrived(one: Telling) -> str:
    return f"Xero told no time; it came on {_day(one.local)}, {one.local:%H:%M} {one.local:%Z}"


def _about(one: Telling) -> list[str]:
    """The document's number and its contact, where they are known; of a contact its name."""
    document = one.document or Document()
    return [shorten(part, 200) for part in (document.number, document.contact) if part]


def _parts(one: Telling) -> Iterator[str]:
    """Amount, present status and due date, where they are known."""
    document = one.document
    if document is None:
        return
    if document.amount is not None:
        yield exact(document.amount, document.currency)
    status = _status(one)
    if status:
        yield f"now {status}"
    if document.due and document.status in ("DRAFT", "SUBMITTED", "AUTHORISED"):
        yield f"due {_day(document.due)}"


def _status(one: Telling) -> str:
    status = one.document.status if one.document else ""
    credit = one.member.event.family not in ("invoice", "contact")
    return (_CREDIT_STATUS.get(status, "") if credit else "") or _STATUS.get(status, "")


def _list(tellings: Sequence[Telling]) -> Message:
    """Its title begins with the count of what it stands for, and so does what is spoken."""
    title = f"{len(tellings)} {_subject(tellings)}"
    names = list(dict.fromkeys(one_line(one.organisation.name) for one in tellings))
    told = shorten(", ".join(names[:5]), 300) + (" and others" if len(names) > 5 else "")
    blocks: list[Message] = []
    for detailed in (True, False):
        lines = [_line(one, detailed=detailed, named=len(names) > 1) for one in tellings]
        sections = [section(piece) for piece in _pieces(lines)]
        blocks = [header(title), *sections, context([f"*{mrkdwn(told)}*", mrkdwn(_span(tellings))])]
        if len(json.dumps(blocks, ensure_ascii=False)) <= MOST_BLOCKS_TEXT:
            break
    return {"text": mrkdwn(f"{title} · {told}"), "blocks": blocks}


def _subject(tellings: Sequence[Telling]) -> str:
    """«invoices updated 🧾» where all are of a kind, else «changes in Xero 🔔»."""
    kinds = {(one.noun, one.member.event.happening) for one in tellings}
    if len(kinds) > 1:
        return f"changes in Xero {_MANY}"
    ((noun, happening),) = kinds
    return f"{noun.lower()}s {happening} {_EMOJI[tellings[0].member.event.family]}"


def _line(one: Telling, *, detailed: bool, named: bool) -> str:
    """Time, what with a link, and in short what is known of it."""
    event, about = one.member.event, _about(one)
    what = f"{one.noun} {about[0]}" if about and detailed else one.noun
    parts = [f"{one.local:%H:%M} {link(one.address, mrkdwn(shorten(what, 60)))} {event.happening}"]
    if one.earlier:
        parts[0] += " (an earlier change)"
    if detailed:
        parts += [mrkdwn(shorten(part, 40)) for part in (*about[1:], *_parts(one))]
        parts += [mrkdwn(shorten(one.organisation.name, 40))] if named else []
    return f"• {' · '.join(parts)}"


def _span(tellings: Sequence[Telling]) -> str:
    """From when to when, in the zone of the first one's organisation."""
    zone = tellings[0].tz
    first, last = (tellings[n].local.astimezone(zone) for n in (0, -1))
    if f"{first:%F %H:%M}" == f"{last:%F %H:%M}":
        return f"{_day(first)}, {first:%H:%M} {first:%Z}"
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{_day(last)}, {last:%H:%M}"
    return f"{_day(first)}, {first:%H:%M} to {until} {last:%Z}"


def _pieces(lines: Sequence[str]) -> Iterator[str]:
    """Texts of at most Slack's length for a section."""
    piece = ""
    for line in lines:
        if piece and len(piece) + 1 + len(line) > MOST_SECTION:
            yield piece
            piece = ""
        piece = f"{piece}\n{line}" if piece else line
    yield piece


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):
        return None
