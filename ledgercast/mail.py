"""Plain mail to one person: sign-in links, invitations, notices. A subject, some sentences, at most one button.

Sent through SES v2 as one raw message; the client must not retry by itself (`connect.client("sesv2", sending=True)`).
Whatever SES or the network answers with is raised as it is: the caller decides what an unsent mail means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from ledgercast.text import one_line

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


@dataclass(frozen=True)
class Letter:
    """`lines` are paragraphs of plain text. `button` is (its words, an address of ours). `small` stands below."""

    subject: str
    lines: tuple[str, ...]
    button: tuple[str, str] | None = None
    small: str = ""


class Post:
    """Sends from the deployment's one verified address."""

    def __init__(self, client: SESV2Client, sender: str, now: Callable[[], datetime]) -> None:
        self._client = client
        self._sender = sender
        self._now = now

    def send(self, to: str, letter: Letter) -> None:
        """One message to one address, dated by our clock."""
        self._client.send_email(
            FromEmailAddress=self._sender,
            Destination={"ToAddresses": [to]},
            Content={"Raw": {"Data": mime(self._sender, to, letter, self._now())}},
        )


def mime(sender: str, to: str, letter: Letter, at: datetime) -> bytes:
    """The message: a text part and an HTML part that say the same."""
    message = EmailMessage(policy=SMTP)
    message["From"] = f"Ledgercast <{sender}>"
    message["To"] = to
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(at)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(letter))
    message.add_alternative(_template().render(letter=letter), subtype="html")
    return message.as_bytes()


def _text(letter: Letter) -> str:
    parts = [*letter.lines]
    if letter.button:
        parts.append(f"{letter.button[0]}:\n{letter.button[1]}")
    if letter.small:
        parts.append(letter.small)
    return "\n\n".join(parts) + "\n"


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("letter.html.j2")
