"""The use case: a batch of deliveries, told in the channels that want to hear of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from functions.stream.documents import Asking, Known
from functions.stream.fates import LATER, Fates
from functions.stream.gather import Gathered, Member, Task, gather
from functions.stream.letters import Letter, Queue
from functions.stream.posts import Post, Posts
from functions.stream.tell import Channel, Keep, Teller
from ledgercast.counters import count
from ledgercast.domain.sending import Result, Wait
from ledgercast.domain.streams import Route
from ledgercast.observability import logger
from ledgercast.parts import Desk
from ledgercast.slack.api import Slack
from ledgercast.slack.errors import DEAD_TOKEN
from ledgercast.store.installs import InstallStore
from ledgercast.store.organisations import OrganisationStore
from ledgercast.store.rhythm import RhythmStore
from ledgercast.store.settings import SettingsStore
from ledgercast.store.streams import EventStore, RouteStore

log = logger("stream")


@dataclass(frozen=True)
class Dependencies:
    """`slack` opens an install by the name of its secret. `most_receives`: so often a delivery is handed out."""

    routes: RouteStore
    events: EventStore
    organisations: OrganisationStore
    rhythm: RhythmStore
    settings: SettingsStore
    installs: InstallStore
    desk: Desk
    asking: Asking
    queue: Queue
    slack: Callable[[str], Slack]
    keep: Keep
    most_receives: int


def work(letters: Sequence[Letter], have: Dependencies, time_left: Callable[[], float]) -> list[str]:
    """Tell what is to be told: the ids of the messages that must come again."""
    fates = Fates(letters, have.queue, have.most_receives)
    routes = have.routes.list()
    found = gather(letters, have.organisations.of_tenant, routes, fates)
    batch = _Batch(found, {one.id: one for one in letters}, fates, have, time_left)
    batch.tell()
    batch.note(routes)
    again = fates.settle()
    log.info("told a batch", extra={"counts": {**found.counts, "posts": len(batch.teller.sent), "again": len(again)}})
    return again


class _Batch:
    def __init__(
        self,
        found: Gathered,
        letters: Mapping[str, Letter],
        fates: Fates,
        have: Dependencies,
        time_left: Callable[[], float],
    ) -> None:
        self._found, self._letters, self._fates, self._have, self._left = found, letters, fates, have, time_left
        self._settings = cache(have.settings.get)
        self._known = cache(self._look)
        self.teller = Teller(have.routes.workspace, have.desk, have.events, self._of, have.keep)
        self._results: dict[str, Result] = {}

    def tell(self) -> None:
        by_channel = groupby(sorted(self._found.tasks, key=_channel_of), key=_channel_of)
        channels = [(channel, list(tasks)) for channel, tasks in by_channel]
        # In another order each time: where there is not the time for all, it must not always be the same that wait.
        random.shuffle(channels)
        for (install, channel_id), mine in channels:
            try:
                self._tell(mine, self._channel(install, channel_id))
            except Exception as fault:
                # A store that failed, or a mistake of ours: what was told by now is known, the rest comes again.
                more = {"channel": channel_id, "kind": type(fault).__name__}
                log.exception("a channel could not be told", extra=more)
                self._fates.again({letter for task in mine for letter in task.letters}, LATER)

    def note(self, routes: Sequence[Route]) -> None:
        """What the page shows of each route, and the rhythm of events. Softly: what was told stays told."""
        for route in routes:
            changes = dict(self._changes(route))
            if changes:
                self._softly(lambda: self._have.routes.note(route.id, **changes))  # noqa: B023  # called at once
        for connection, events in self._found.heard.items():
            if events:
                self._softly(lambda: self._have.rhythm.heard(connection, events, self._have.desk.now()))  # noqa: B023

    def _tell(self, tasks: Sequence[Task], channel: Channel) -> None:
        posts = Posts(self._have.events, self._fates, self._belongs, self._have.desk.now, self._left)
        for post in posts.of(tasks):
            try:
                result = self.teller.tell(post, channel)
            except Wait as wait:
                self._fates.again(post.letters, wait)
                self._log(post, "waits", wait.reason)
                continue
            self._ended(post, result)

    def _ended(self, post: Post, result: Result) -> None:
        reason = result.reason or ""
        self._log(post, result.status, reason)
        if post.id in self.teller.tried or result.status == "failed":
            self._results |= {member.route: result for member in post.members}
        if result.status == "failed":
            self._fates.failed(post.letters, reason)
            if reason in DEAD_TOKEN:
                self._have.installs.broke(post.route.install, reason)
        if result.status == "unconfirmed" and post.id in self.teller.tried:
            count("EventsUnconfirmed", len(post.members), post=post.id)

    def _belongs(self, task: Task) -> bool:
        """Whether a new event is of the side that its route tells. Xero is asked only where that matters."""
        member, route = task.member, task.route
        if member.test or route.only is None or member.event.family == "contact":
            return True
        side = member.event.side
        if side is None:
            known = self._of(member)
            document = known.documents.get(member.event.resource) if known else None
            side = document.side if document else None
        return route.lets(member.event.family, side)

    def _of(self, member: Member) -> Known | None:
        return self._known(member.event.tenant)

    def _look(self, tenant: str) -> Known | None:
        """One question for each organisation and batch, of all its documents that any channel may hear of."""
        organisation = self._have.organisations.of_tenant(tenant)
        if organisation is None:
            return None
        tasks = [one for one in self._found.tasks if one.member.event.tenant == tenant and not one.member.test]
        return self._have.asking.look(organisation, [one.member.event for one in tasks])

    def _channel(self, install_id: str, channel_id: str) -> Channel:
        install = self._have.installs.get(install_id)
        return Channel(channel_id, self._have.slack(install.secret) if install else None, self._settings())

    def _changes(self, route: Route) -> Iterator[tuple[str, object]]:
        came = [one.member.received for one in self._found.tasks if one.route.id == route.id]
        if came and int(max(came).timestamp()) > route.last_event_at:
            yield "last_event_at", int(max(came).timestamp())
        if any(member.route == route.id for post in self.teller.sent for member in post.members):
            yield "last_posted_at", int(self._have.desk.now().timestamp())
        result = self._results.get(route.id)
        if result and (result.reason or "") != route.failing_reason:
            yield "failing_reason", result.reason or ""

    def _log(self, post: Post, outcome: str, reason: str) -> None:
        """The correlation ids of the deliveries stand beside the post's, from the webhook to the message (LG-1)."""
        deliveries = sorted({self._letters[one].delivery for one in post.letters})
        more = {"post": post.id, "route": post.route.id, "events": len(post.members), "deliveries": deliveries}
        log.info("post", extra={**more, "outcome": outcome, "reason": reason})

    def _softly(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as fault:
            log.error("a note could not be made", extra={"kind": type(fault).__name__})


def _channel_of(task: Task) -> tuple[str, str]:
    return task.route.install, task.route.channel
