"""A channel as its members see it, for the demo's index.html: the messages, their images, the replies in threads.

A pure function over the entries of slack.json (contracts.md 5). It draws the blocks that we send and the basics of
mrkdwn: bold, links, code blocks and Slack's three entities.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

Entry = Mapping[str, Any]
ImageSource = Callable[[Entry], str | None]

STYLE = Path(__file__).with_name("page.css")

_LINK = re.compile(r"<(https?://[^|>\s]+)(?:\|([^>]*))?>")
_BOLD = re.compile(r"(?<!\w)\*([^*\n]+)\*(?!\w)")
_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)


def thread_html(entries: Iterable[Entry], image_src: ImageSource) -> str:
    """A fragment with its own style. Entries that never came to stand in the channel (no `ts`) are left out.

    `image_src` gives the address of the image that an entry shows.
    """
    shown = [entry for entry in entries if entry["ts"]]
    threads: dict[str, list[Entry]] = {}
    for entry in shown:
        threads.setdefault(entry["thread_ts"] or entry["ts"], []).append(entry)
    days: dict[str, list[str]] = {}
    for ts in sorted(threads, key=float):
        main, *replies = sorted(threads[ts], key=lambda entry: (entry["thread_ts"] is not None, float(entry["ts"])))
        days.setdefault(_when(main).strftime("%A, %-d %B %Y"), []).append(_thread(main, replies, image_src))
    body = "".join(f'<div class="day"><span>{day}</span></div>{"".join(found)}' for day, found in days.items())
    empty = '<p class="none">Nothing was posted.</p>'
    return f'<style>\n{STYLE.read_text()}</style>\n<div class="lc-slack">{body or empty}</div>\n'


def _thread(main: Entry, replies: list[Entry], image_src: ImageSource) -> str:
    if not replies:
        return _message(main, image_src)
    count = f"{len(replies)} {'reply' if len(replies) == 1 else 'replies'}"
    inside = "".join(_message(reply, image_src) for reply in replies)
    thread = f'<details class="thread" open><summary>{count}</summary>{inside}</details>'
    return f'<section class="post">{_message(main, image_src)}{thread}</section>'


def _message(entry: Entry, image_src: ImageSource) -> str:
    blocks = "".join(_block(block, entry, image_src) for block in entry["blocks"])
    who = f'<b>Ledgercast</b> <span class="app">APP</span> <time>{_when(entry):%H:%M}</time>'
    return (
        f'<div class="msg"><div class="face">L</div><div class="said"><div class="who">{who}</div>{blocks}</div></div>'
    )


def _block(block: Mapping[str, Any], entry: Entry, image_src: ImageSource) -> str:
    kind = block["type"]
    if kind == "header":
        return f'<h3 class="head">{html.escape(block["text"]["text"])}</h3>'
    if kind == "section":
        return f'<div class="sec">{mrkdwn_html(block["text"]["text"])}</div>'
    if kind == "context":
        elements = "".join(f"<span>{mrkdwn_html(one['text'])}</span>" for one in block["elements"])
        return f'<div class="ctx">{elements}</div>'
    if kind == "image":
        source, alt = image_src(entry), html.escape(block["alt_text"])
        return f'<img src="{html.escape(source)}" alt="{alt}" loading="lazy">' if source else f"<p>{alt}</p>"
    return ""


def mrkdwn_html(text: str) -> str:
    """Slack's markup as HTML; everything else in it is text."""
    pieces, end = [], 0
    for fence in _FENCE.finditer(text):
        pieces += [_inline(text[end : fence.start()]), f"<pre>{_plain(fence[1])}</pre>"]
        end = fence.end()
    return "".join([*pieces, _inline(text[end:])])


def _inline(text: str) -> str:
    pieces, end = [], 0
    for link in _LINK.finditer(text):
        label = _plain(link[2] or link[1])
        pieces += [_styled(text[end : link.start()]), f'<a href="{html.escape(link[1])}">{label}</a>']
        end = link.end()
    return "".join([*pieces, _styled(text[end:])])


def _styled(text: str) -> str:
    return _BOLD.sub(r"<b>\1</b>", _plain(text)).replace("\n", "<br>")


def _plain(text: str) -> str:
    """Slack's entities back to signs, then escaped for HTML."""
    return html.escape(html.unescape(text), quote=False)


def _when(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry["at"])
