"""Block Kit in words: the pieces that every message of ours is made of, so that all look like one product.

A message is {"text", "blocks"}; `text` is what notifications and screen readers say. The lengths are Slack's. What
comes from Xero has to be escaped before it is given here (ledgercast/slack/escape.py); a title is plain text to Slack.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ledgercast.text import shorten

Message = dict[str, Any]

MOST_HEADER = 150
MOST_SECTION = 3000


def header(title: str) -> Message:
    """The title, cut to Slack's length. Signs such as :tada: in it stay letters."""
    return {"type": "header", "text": {"type": "plain_text", "text": shorten(title, MOST_HEADER), "emoji": False}}


def section(text: str) -> Message:
    return {"type": "section", "text": mrkdwn_object(text)}


def context(lines: Iterable[str]) -> Message:
    """Small print: a line for each; Slack takes ten at most."""
    return {"type": "context", "elements": [mrkdwn_object(line) for line in lines]}


def link(address: str, words: str) -> str:
    """`words` escaped already."""
    return f"<{address}|{words}>"


def mrkdwn_object(text: str) -> Message:
    """With `verbatim`, so that Slack turns nothing into a link or a mention by itself."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
