"""One delivery to a list of email addresses: one message to each, and one bad address fails alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass

from functions.deliver.email_message import Letter, mime
from functions.deliver.job import Job
from functions.deliver.ses import Mailer
from ledgercast.content import Content
from ledgercast.domain.recipients import address_allowed, address_hash
from ledgercast.domain.sending import Result, Wait
from ledgercast.parts import Desk, Part, Ready, settle, untried

# Less than one send may take: then the rest is left to the next invocation.
ENOUGH_SECONDS = 25.0


@dataclass(frozen=True)
class Post:
    """Who it goes to and what it goes with. `domains` is the workspace's allow-list, `opted_out` holds the hashes of
    those who have unsubscribed, `unsubscribe` makes an address's own link; `time_left` in seconds."""

    addresses: tuple[str, ...]
    domains: Collection[str]
    opted_out: Collection[str]
    unsubscribe: Callable[[str], str]
    mailer: Mailer
    chart: bytes | None
    keep: Callable[[str, bytes], None]
    time_left: Callable[[], float]


def deliver(job: Job, content: Content, post: Post, desk: Desk) -> dict[str, Result]:
    """Each address's result, by the address's hash. Raises Wait; what was sent by then stays sent.

    Those who have unsubscribed have no result: to leave them out is no failure. The ledger notes it.
    """
    results: dict[str, Result] = {}
    for address in post.addresses:
        part = address_hash(address)
        if part in results:
            continue
        if part in post.opted_out:
            untried(job.place(part), desk, "deliver.opted_out")
            continue
        if not address_allowed(address, post.domains):
            results[part] = untried(job.place(part), desk, "deliver.not_allowed")
            continue
        if results and post.time_left() < ENOUGH_SECONDS:
            raise Wait(1, "deliver.more")
        results[part] = settle(_part(job, content, post, address, part, desk), desk)
    return results


def _part(job: Job, content: Content, post: Post, address: str, part: str, desk: Desk) -> Part:
    place = job.place(part)
    tag = hashlib.sha256(place.key.encode()).hexdigest()

    def prepare() -> Ready:
        letter = Letter(
            content,
            sender=post.mailer.sender,
            to=address,
            at=desk.now(),
            key=tag,
            chart=post.chart,
            unsubscribe=post.unsubscribe(address),
        )
        raw = mime(letter)
        return Ready(
            content=letter.content_hash,
            send=lambda: post.mailer.send(address, raw, tag),
            keep=lambda n: post.keep(job.sent_key(part, n, "eml"), raw),
        )

    return Part(place, target=part, prepare=prepare)
