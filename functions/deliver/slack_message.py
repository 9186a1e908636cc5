"""The Slack messages of one delivery in Block Kit: the chart's message, and the replies in its thread.

Each is {"text", "blocks"}; `text` is what notifications and screen readers say. Nothing from Xero can mention
anybody, make a link or change the formatting (ledgercast/slack/escape.py), and every limit of Slack's is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from functions.deliver.table import as_text
from ledgercast.content import TEST_WORDS, Content, Words
from ledgercast.slack.blocks import MOST_SECTION, Message, context, header, link, section
from ledgercast.slack.escape import code, mrkdwn
from ledgercast.table import Sheet, Table
from ledgercast.text import shorten

MOST_ALT = 2000
MOST_ROWS = 60
MOST_REMARKS = 8
MOST_TABLES = 12_000
CODE_WIDTH = 76


def main_message(content: Content, file: str | None) -> Message:
    """Headline, change, chart, context and a link; without activity (no file) words alone."""
    blocks = [header(content.heading), section(_headline(content))]
    if file:
        blocks.append({"type": "image", "slack_file": {"id": file}, "alt_text": shorten(content.alt, MOST_ALT)})
    blocks.append(context(_context(content)))
    spoken = f"{content.organisation} · {content.headline}"
    return {"text": mrkdwn(shorten(spoken, 1000)), "blocks": blocks}


def _headline(content: Content) -> str:
    if content.table is None:
        words = content.notes[0] if content.notes else "No activity"
        return mrkdwn(shorten(words, 1000))
    lines = [f"*{mrkdwn(content.value)}*  {mrkdwn(shorten(content.label, 200))}".rstrip()]
    if content.change:
        lines.append(mrkdwn(f"{content.arrow} {content.change}".strip()))
    return "\n".join(lines)


def _context(content: Content) -> Iterator[str]:
    if content.test:
        yield f"*{TEST_WORDS}*"
    yield f"*{mrkdwn(shorten(content.organisation, 200))}* · {mrkdwn(' · '.join(content.context))}"
    if content.check:
        sign = "⚠" if content.check_failed else "✓" if content.check.startswith("Ties") else "–"
        yield f"{sign} {mrkdwn(shorten(content.check, 500))}"
    yield mrkdwn(content.as_of)
    if content.link:
        yield link(content.link, "Open in Xero")


def summary_message(words: Words) -> Message:
    """The summary: its headline, then a line per point, and who wrote it where a model did."""
    lines = [f"*{mrkdwn(shorten(words.headline, 600))}*"]
    room = MOST_SECTION - len(lines[0])
    for point in words.points:
        line = f"• {mrkdwn(shorten(point, 600))}"
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    blocks = [section("\n".join(lines))]
    if words.label:
        blocks.append(context([mrkdwn(shorten(words.label, 300))]))
    return {"text": mrkdwn(shorten(words.headline, 1000)), "blocks": blocks}


def table_message(content: Content, table: Table) -> Message:
    """The figures in code blocks, wide tables in several; what does not fit is said to be left out."""
    blocks: list[Message] = []
    room = MOST_TABLES
    for lines in as_text(_head(table.shown), width=CODE_WIDTH):
        for piece in _pieces([code(line) for line in lines]):
            room -= len(piece)
            if room >= 0:
                blocks.append(section(piece))
    remarks = [shorten(note, 500) for note in (table.remark, *content.notes) if note]
    left_out = len(table.shown.rows) - MOST_ROWS
    if left_out > 0:
        remarks.insert(0, f"{left_out} more rows are not shown here")
    if room < 0:
        remarks.insert(0, "Not every column fits here; the chart shows them all")
    if remarks:
        blocks.append(context(mrkdwn(one) for one in remarks[:MOST_REMARKS]))
    return {"text": mrkdwn(f"The numbers of {content.title}"), "blocks": blocks}


def _head(table: Sheet) -> Sheet:
    """The first rows, and the totals where there are some."""
    if len(table.rows) <= MOST_ROWS:
        return table
    totals = table.rows[-1:] if table.totalled else ()
    return Sheet(table.columns, (*table.rows[: MOST_ROWS - len(totals)], *totals), table.totalled)


def _pieces(lines: list[str]) -> Iterator[str]:
    """Code blocks of at most Slack's length; a long table goes on in the next block."""
    piece: list[str] = []
    used = 8
    for line in lines:
        if piece and used + len(line) + 1 > MOST_SECTION:
            yield _fenced(piece)
            piece, used = [], 8
        piece.append(line)
        used += len(line) + 1
    yield _fenced(piece)


def _fenced(lines: list[str]) -> str:
    return "```\n" + "\n".join(lines) + "\n```"
