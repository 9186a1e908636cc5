"""The chart as a file of Slack's that nobody sees until a message shows it: uploaded once, then processed.

Nothing here is visible to people, so a doubtful answer is simply asked again; a row keeps the file's id, so that a
retry or a wait goes on with the same file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from ledgercast.clock import Clock
from ledgercast.domain.sending import Limited, NotSent, Unclear, Wait
from ledgercast.slack.api import Slack
from ledgercast.store.ledger import Place
from ledgercast.store.uploads import Upload, Uploads

ASK_AGAIN_SECONDS = 2
TRY_AGAIN_SECONDS = 5
# Slack takes a second or two to process an image; an unknown file was then never finished.
UNFINISHED_AFTER = timedelta(seconds=10)
PATIENCE = timedelta(seconds=30)
MOST_ALT = 1000


@dataclass(frozen=True)
class Image:
    """A chart to upload; `data` is called only when it must be."""

    name: str
    title: str
    alt: str
    data: Callable[[], bytes]


def processed_file(image: Image, place: Place, slack: Slack, uploads: Uploads, now: Clock) -> str:
    """The id of the processed file. Raises Wait while Slack works on it or cannot be had, NotSent when it refuses."""
    work = uploads.find(place)
    if work is None or now() - work.at > 2 * PATIENCE:  # the first try, or a later run of the same slot
        work = Upload(work.file if work else "", now())
        uploads.keep(place, work)
    try:
        return _processed_file(image, place, slack, uploads, work, now() - work.at)
    except Limited as limited:
        wait = Wait(min(max(limited.seconds, 1), 60), limited.reason)
    except Unclear:
        wait = Wait(TRY_AGAIN_SECONDS, "slack.unreachable")
    except Wait as waiting:
        wait = waiting
    if now() - work.at > PATIENCE:
        uploads.keep(place, replace(work, file=""))
        raise NotSent(wait.reason)
    raise wait


def _processed_file(image: Image, place: Place, slack: Slack, uploads: Uploads, work: Upload, age: timedelta) -> str:
    file = work.file or _upload(image, place, slack, uploads, work)
    try:
        if slack.processed(file):
            return file
    except NotSent as refused:
        if refused.reason not in ("slack.file_not_found", "slack.file_deleted"):
            raise
        if work.file and age > UNFINISHED_AFTER:
            _upload(image, place, slack, uploads, work)
    raise Wait(ASK_AGAIN_SECONDS, "slack.file_not_processed")


def _upload(image: Image, place: Place, slack: Slack, uploads: Uploads, work: Upload) -> str:
    data = image.data()
    file, url = slack.ticket(image.name, len(data), image.alt)
    uploads.keep(place, replace(work, file=file))
    slack.upload(url, data)
    slack.complete(file, image.title)
    return file
