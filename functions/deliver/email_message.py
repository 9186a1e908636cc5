"""One email of one delivery as full MIME: text, HTML with the chart inline, and the figures as CSV.

    multipart/mixed
    ├── multipart/alternative
    │   ├── text/plain
    │   └── multipart/related
    │       ├── text/html      (mail.html.j2)
    │       └── image/png      (by content id)
    └── text/csv

Header values are cleaned of control characters before they are set, and the mail library refuses line breaks in them,
so nothing from Xero can add a header or a recipient (DL-3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from functions.deliver.table import as_csv, as_text, columns_in_groups
from ledgercast.content import TEST_WORDS, Content
from ledgercast.text import one_line, shorten

MOST_SUBJECT = 150
TEXT_WIDTH = 76
COLUMNS = 4
CHART_ID = "chart@ledgercast"


@dataclass(frozen=True)
class Letter:
    """A delivery for one address. `key` is the part's hash; `unsubscribe` the one-click address where one is served."""

    content: Content
    sender: str
    to: str
    at: datetime
    key: str
    chart: bytes | None
    unsubscribe: str | None = None

    @property
    def subject(self) -> str:
        return shorten(one_line(f"{self.content.headline} · {self.content.organisation}"), MOST_SUBJECT)

    @property
    def content_hash(self) -> str:
        """The hash of what is said and shown; MIME boundaries are chance, the link to unsubscribe each reader's own."""
        said = "\n".join([self.subject, text_body(self.content), html_body(self.content, chart=bool(self.chart))])
        return hashlib.sha256(said.encode() + (self.chart or b"")).hexdigest()


def mime(letter: Letter) -> bytes:
    """The message as bytes, lines ended as SMTP wants them."""
    content = letter.content
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Ledgercast", addr_spec=letter.sender)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.key}@{letter.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text_body(content, letter.unsubscribe), cte="quoted-printable")
    html = html_body(content, chart=bool(letter.chart), unsubscribe=letter.unsubscribe)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    if letter.chart:
        _add_chart(message, letter.chart, f"{content.metric}.png")
    if content.table:
        name = f"{content.metric}-{letter.at:%Y-%m-%d}.csv"
        message.add_attachment(as_csv(content.table), maintype="text", subtype="csv", filename=name)
    return message.as_bytes()


def _add_chart(message: EmailMessage, chart: bytes, name: str) -> None:
    html = message.get_body(("html",))
    assert isinstance(html, EmailMessage)
    html.add_related(chart, maintype="image", subtype="png", cid=f"<{CHART_ID}>", filename=name, disposition="inline")


def text_body(content: Content, unsubscribe: str | None = None) -> str:
    """The whole message for a reader of plain text."""
    lines = [*_text_lines(content), *(("", f"Unsubscribe: {unsubscribe}") if unsubscribe else ())]
    return "\n".join(lines) + "\n"


def _text_lines(content: Content) -> Iterator[str]:
    if content.test:
        yield from (TEST_WORDS, "")
    yield content.title
    yield content.organisation
    yield ""
    if content.table is None:
        yield from content.notes or ("No activity",)
    else:
        yield f"{content.value}  {content.label}".rstrip()
        if content.change:
            yield f"{content.change[0].upper()}{content.change[1:]}"
    yield from ("", " · ".join(content.context))
    if content.check:
        yield content.check
    if content.summary and content.table:
        yield from ("", content.summary.headline, *(f"- {point}" for point in content.summary.points))
        if content.summary.label:
            yield content.summary.label
    if content.table:
        for lines in as_text(content.table.shown, width=TEXT_WIDTH, most_name=30):
            yield from ("", *lines)
        yield from ("", *_remarks(content))
    yield from ("", content.derivation, content.as_of)
    if content.link:
        yield from ("", f"Open in Xero: {content.link}")


def _remarks(content: Content) -> list[str]:
    remark = content.table.remark if content.table else None
    return [*([f"{remark}; the attached file has each account"] if remark else []), *content.notes]


def html_body(content: Content, *, chart: bool, unsubscribe: str | None = None) -> str:
    """The whole message as HTML; every value is escaped by the template's autoescape."""
    groups = list(columns_in_groups(content.table.shown, COLUMNS)) if content.table else []
    shown = f"cid:{CHART_ID}" if chart else None
    return _template().render(
        content=content,
        chart=shown,
        groups=groups,
        remarks=_remarks(content),
        preheader=content.headline,
        test_words=TEST_WORDS,
        unsubscribe=unsubscribe,
    )


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("mail.html.j2")
