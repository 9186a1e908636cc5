"""A message exactly as it went out, made readable: Slack's from its blocks, a mail from its own source.

The kept object is what `deliver` handed over. Nothing of it is run or loaded: a mail's HTML is not shown, its text is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from ledgercast.text import one_line, plain_lines

_HEADERS = ("From", "To", "Subject", "Date")
_UNSUBSCRIBE = re.compile(r"(/unsubscribe/)[A-Za-z0-9_-]+")
"""Its reader's alone: who looks at what was sent must not be able to unsubscribe others by it."""


@dataclass(frozen=True)
class Message:
    """`head` names and values; `text` in lines; `attached` (name, kind, bytes); `picture`: the chart was part of it."""

    head: tuple[tuple[str, str], ...]
    text: str
    attached: tuple[tuple[str, str, int], ...]
    picture: bool


def of_slack(kept: dict[str, Any]) -> Message:
    """From the JSON that was kept beside a post: {part, channel, thread_ts, file, text, blocks}."""
    where = [("Channel", str(kept["channel"]))]
    if kept.get("thread_ts"):
        where.append(("In the thread of", str(kept["thread_ts"])))
    lines = [plain_lines(html.unescape(one)) for block in kept["blocks"] for one in _texts(block)]
    return Message(tuple(where), "\n\n".join(filter(None, lines)), (), picture=bool(kept.get("file")))


def of_mail(raw: bytes) -> Message:
    """From the MIME source."""
    mail = message_from_bytes(raw, policy=default)
    body = mail.get_body(("plain",))
    attached = [_attached(one) for one in mail.walk() if one.get_filename()]
    return Message(
        head=tuple((name, one_line(str(mail[name] or ""))) for name in _HEADERS),
        text=_UNSUBSCRIBE.sub(r"\1…", plain_lines(str(body.get_content()))) if body else "",
        attached=tuple(attached),
        picture=any(kind == "image/png" for _, kind, _ in attached),
    )


def _attached(part: EmailMessage) -> tuple[str, str, int]:
    content = part.get_payload(decode=True)
    return one_line(part.get_filename() or ""), part.get_content_type(), len(content or b"")


def _texts(block: Any) -> Iterator[str]:
    """Whatever a block says, in its order; of a picture, what is said in its place."""
    if isinstance(block, list):
        for one in block:
            yield from _texts(one)
    elif isinstance(block, dict):
        if block.get("type") == "image":
            yield f"[Picture: {block.get('alt_text', '')}]"
            return
        text = block.get("text")
        if isinstance(text, str):
            yield text
        for name, one in block.items():
            if name != "text" or not isinstance(text, str):
                yield from _texts(one) if isinstance(one, list | dict) else ()
