"""The chart as a file of Slack's that nobody sees until a message shows it: uploaded once, then processed.

Nothing here is visible to people, so a doubtful answer is simply asked again; a row keeps the file's id, so that a
retry or a wait goes on with the same file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from ledgercast.clock import Clock
from ledgercast.domain.sending import Limited, NotSent, Unclear, Wait
from ledgercast.slack.api import Slack
from ledgercast.store.ledger import Place
from ledgercast.store.uploads import Upload, Uploads

ASK_AGAIN_SECONDS = 2
TRY_AGAIN_SECONDS = 5
# Slack takes a second or two. A ticket that is still unknown after that was never finished.
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
    """The id of the processed file. Raises Wait while Slack works on it, NotSent when it refuses."""
    try:
        return _processed_file(image, place, slack, uploads, now)
    except Limited as limited:
        raise Wait(min(max(limited.seconds, 1), 60), limited.reason) from None
    except Unclear:
        raise Wait(TRY_AGAIN_SECONDS, "slack.unreachable") from None


def _processed_file(image: Image, place: Place, slack: Slack, uploads: Uploads, now: Clock) -> str:
    upload = uploads.find(place)
    if upload is None:
        upload = _upload(image, place, slack, uploads, now)
    age = now() - upload.at
    try:
        ready = slack.processed(upload.file)
    except NotSent as refused:
        if refused.reason not in ("slack.file_not_found", "slack.file_deleted"):
            raise
        if age < UNFINISHED_AFTER:
            raise Wait(ASK_AGAIN_SECONDS, "slack.file_not_processed") from None
        _upload(image, place, slack, uploads, now)
        raise Wait(ASK_AGAIN_SECONDS, "slack.file_not_processed") from None
    if ready:
        return upload.file
    if age > 2 * PATIENCE:  # a later run of the same slot: that file came to nothing
        _upload(image, place, slack, uploads, now)
    elif age > PATIENCE:
        raise NotSent("slack.file_not_processed")
    raise Wait(ASK_AGAIN_SECONDS, "slack.file_not_processed")


def _upload(image: Image, place: Place, slack: Slack, uploads: Uploads, now: Clock) -> Upload:
    data = image.data()
    file, url = slack.ticket(image.name, len(data), image.alt)
    upload = Upload(file, now())
    uploads.keep(place, upload)
    slack.upload(url, data)
    slack.complete(file, image.title)
    return upload
