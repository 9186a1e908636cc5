"""One delivery to a Slack channel: the chart's message first, then the summary and the numbers in its thread."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from functions.deliver.ask_first import ask_first, once
from functions.deliver.job import Job
from functions.deliver.slack_message import main_message, summary_message, table_message
from functions.deliver.upload import MOST_ALT, Image, processed_file
from ledgercast.clock import Clock
from ledgercast.content import Content
from ledgercast.domain.sending import Result
from ledgercast.parts import Desk, Part, Ready, settle, untried
from ledgercast.slack.api import Slack
from ledgercast.slack.blocks import Message
from ledgercast.store.uploads import Uploads
from ledgercast.text import shorten

MAIN, SUMMARY, TABLE = "message", "summary", "table"

Keep = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True)
class Channel:
    """Where one delivery goes and what it goes with. `chart` gives the image's bytes; None without activity.

    `may_post` returns where the channel may be written to at this moment (ledgercast/slack/gate.py).
    """

    id: str
    slack: Slack
    uploads: Uploads
    may_post: Callable[[], None]
    chart: Callable[[], bytes] | None
    keep: Keep


def deliver(job: Job, content: Content, channel: Channel, desk: Desk) -> dict[str, Result]:
    """Each part's result, the main message's first. Replies are not tried where it did not arrive. Raises Wait."""
    channel = replace(channel, may_post=once(channel.may_post))
    main = settle(_main(job, content, channel, desk.now), desk)
    results = {MAIN: main}
    for part, message in _replies(content):
        if main.status == "sent" and main.receipt:
            reply = _reply(job, content, channel, part, message, main.receipt, desk.now)
            results[part] = settle(reply, desk)
        else:
            results[part] = untried(job.place(part), desk, "deliver.no_thread", "failed")
    return results


def _replies(content: Content) -> Iterator[tuple[str, Message]]:
    if content.summary:
        yield SUMMARY, summary_message(content.summary)
    if content.table:
        yield TABLE, table_message(content, content.table)


def _main(job: Job, content: Content, channel: Channel, now: Clock) -> Part:
    """The chart's message; its image must be processed before the message may show it."""
    place = job.place(MAIN)

    def prepare() -> Ready:
        ask_first(channel.may_post, place, channel.uploads, now)
        file = None
        if channel.chart:
            image = Image(_name(job, content), content.title, shorten(content.alt, MOST_ALT), channel.chart)
            file = processed_file(image, place, channel.slack, channel.uploads, now)
        return _ready(job, content, channel, MAIN, main_message(content, file), None)

    return Part(place, channel.id, prepare, lambda oldest: channel.slack.find(channel.id, place.key, oldest))


def _reply(
    job: Job, content: Content, channel: Channel, part: str, message: Message, thread_ts: str, now: Clock
) -> Part:
    place = job.place(part)

    def prepare() -> Ready:
        ask_first(channel.may_post, place, channel.uploads, now)
        return _ready(job, content, channel, part, message, thread_ts)

    return Part(place, channel.id, prepare, lambda oldest: channel.slack.find(channel.id, place.key, oldest, thread_ts))


def _ready(job: Job, content: Content, channel: Channel, part: str, message: Message, thread_ts: str | None) -> Ready:
    slack, key = channel.slack, job.place(part).key
    marks = {"key": key, "pulse": job.pulse, "slot": job.slot, "metric": content.metric, "part": part}
    images = [block for block in message["blocks"] if block["type"] == "image"]
    file = {"name": _name(job, content), "alt_text": content.alt, **images[0]["slack_file"]} if images else None
    told = {"part": part, "metric": content.metric, "channel": channel.id, "thread_ts": thread_ts, "file": file}
    return Ready(
        content=hashlib.sha256(json.dumps(message, sort_keys=True).encode()).hexdigest(),
        send=lambda: slack.post(channel.id, message, marks, thread_ts),
        keep=lambda n: channel.keep(job.sent_key(part, n, "json"), {**told, **message}),
        far_time=slack.time_there(),
    )


def _name(job: Job, content: Content) -> str:
    return "-".join(filter(None, (content.metric, job.day))) + ".png"
