"""Bringing one post to its end, by the rule of every message of ours: the ledger before and after (design 10)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.stream.documents import Known
from functions.stream.gather import Member
from functions.stream.message import Telling, message_of
from functions.stream.posts import Post
from ledgercast.destinations import refused_at_send
from ledgercast.domain.pulses import artefact_key
from ledgercast.domain.sending import Limited, NotSent, Result, Unclear, Wait
from ledgercast.domain.workspace import Settings
from ledgercast.parts import Desk, Part, Ready, bounded, settle, untried
from ledgercast.slack.api import Slack
from ledgercast.slack.blocks import Message
from ledgercast.slack.channels import look_up
from ledgercast.store.streams import EventStore

ASK_AGAIN_SECONDS = 5
NOT_INSTALLED = "slack.not_installed"

Keep = Callable[[str, dict[str, Any]], None]


@dataclass
class Channel:
    """One channel during one batch. `slack` is None where the workspace was removed. Once Slack has refused for now,
    nothing more is tried here: `wait` holds for the rest."""

    id: str
    slack: Slack | None
    settings: Settings
    wait: Wait | None = None
    allowed: bool = False

    def may_post(self, slack: Slack) -> None:
        """Asked once a batch (DL-1). Raises NotSent, and Wait while nobody can tell: that is no yes."""
        if self.allowed:
            return
        try:
            refused = refused_at_send(self.id, self.settings, lambda one: look_up(slack, one))
        except Limited as limited:
            raise Wait(bounded(limited.seconds), limited.reason) from None
        except Unclear:
            raise Wait(ASK_AGAIN_SECONDS, "slack.unreachable") from None
        if refused:
            raise NotSent(refused)
        self.allowed = True


@dataclass(frozen=True)
class Teller:
    """`known` finds the organisation and documents of a member; `keep` stores what is sent, for people to read.

    `sent` are the posts that went out this time, `tried` the ids of those for which anything was done at all: of the
    others the ledger knew the end already.
    """

    workspace: str
    desk: Desk
    events: EventStore
    known: Callable[[Member], Known | None]
    keep: Keep
    sent: list[Post] = field(default_factory=list)
    tried: set[str] = field(default_factory=set)

    def tell(self, post: Post, channel: Channel) -> Result:
        """How it ended. Raises Wait; then all that belongs to the post comes again."""
        if channel.wait:
            raise channel.wait
        place, slack = post.place(self.workspace), channel.slack
        if slack is None:
            return untried(place, self.desk, NOT_INSTALLED)
        part = Part(
            place,
            target=channel.id,
            prepare=lambda: self._ready(post, channel, slack),
            look_up=lambda oldest: self._found(post, channel, slack, oldest),
        )
        try:
            result = settle(part, self.desk)
        except Wait as wait:
            if wait.reason.startswith("slack."):
                channel.wait = wait
            raise
        if result.status == "sent":
            self._remember(post)
        if result.status in ("sent", "unconfirmed"):
            self.events.end(post.route.id, post.id, self.desk.now())
        return result

    def _found(self, post: Post, channel: Channel, slack: Slack, oldest: float) -> str | None:
        self.tried.add(post.id)
        return slack.find(channel.id, post.place(self.workspace).key, oldest)

    def _ready(self, post: Post, channel: Channel, slack: Slack) -> Ready:
        self.tried.add(post.id)
        channel.may_post(slack)
        message, place = message_of(self._tellings(post.members, channel.settings)), post.place(self.workspace)
        marks = {"key": place.key, "part": place.part, "route": post.route.id, "events": len(post.members)}
        told = {"part": place.part, "channel": channel.id, **message}

        def send() -> str:
            receipt = slack.post(channel.id, message, marks)
            self.sent.append(post)
            return receipt

        return Ready(
            content=_hash(message),
            send=send,
            keep=lambda n: self.keep(self._kept_as(post, n), told),
            far_time=slack.time_there(),
        )

    def _tellings(self, members: Sequence[Member], settings: Settings) -> list[Telling]:
        tellings = []
        newest = self.events.newest_of((one.route, one.event.resource) for one in members)
        for member in members:
            known = self.known(member)
            if known is None:
                raise NotSent("xero.connection.gone")
            document = known.documents.get(member.event.resource)
            earlier = _earlier(member, newest.get((member.route, member.event.resource), ""))
            tellings.append(Telling(member, known.organisation, document, earlier, settings.timezone))
        return tellings

    def _remember(self, post: Post) -> None:
        """Of each document the newest event; a post that comes again has nothing to add, and costs one question."""
        newest: dict[tuple[str, str], str] = {}
        for member in post.members:
            if member.event.at:
                document = (member.route, member.event.resource)
                newest[document] = max(newest.get(document, ""), member.event.at.isoformat())
        known = self.events.newest_of(newest)
        for document, at in newest.items():
            if known.get(document, "") < at:
                self.events.posted(*document, at, self.desk.now())

    def _kept_as(self, post: Post, n: int) -> str:
        """Where the content of an attempt lies, as that of a pulse's does."""
        name = f"sent/{post.route.id}-stream-{n}.json"
        return artefact_key(self.workspace, post.route.pulse, post.id, name)


def _earlier(member: Member, newest: str) -> bool:
    """Whether a newer event of its document was posted before (WH-6)."""
    at = member.event.at
    return at is not None and newest > at.isoformat()


def _hash(message: Message) -> str:
    return hashlib.sha256(json.dumps(message, sort_keys=True).encode()).hexdigest()
