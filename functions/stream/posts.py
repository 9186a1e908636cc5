"""From tasks to posts: each event belongs to one message for good, before anything is sent (LG, design 10 and 12).

An event that is alone, or one of a few, has a message under its own key, so that whoever comes to it next goes on where
it stands. More than three for a channel become lists. A list has an id that nobody else has; its events are claimed for
it one by one, and then it is written down what it stands for, once and for all, before it is sent. Whoever dies in
between leaves claims without such a note: the next one writes an empty note in its place, its grave, so that it could
not go on even if it lived, and claims the events anew. Nothing here depends on anybody's clock being right.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from functions.stream.fates import MORE, Fates
from functions.stream.gather import Member, Task
from functions.stream.message import MOST_LINES
from ledgercast.clock import Clock
from ledgercast.domain.sending import Wait
from ledgercast.domain.streams import Route
from ledgercast.store.ledger import Place
from ledgercast.store.streams import Claim, EventStore

FEW = 3
"""So many events of one batch have a message each."""

NOT_HERE = ""
"""The post of an event that was found not to belong here: a bill where only sales are told."""

ENOUGH_SECONDS = 10.0
"""Less than one message may take: then the rest is left to the next invocation."""

GRACE_SECONDS = 5
BUSY = Wait(5, "deliver.in_progress")


@dataclass(frozen=True)
class Post:
    """One message. `route` leads: its channel is where it goes, and under its name it stands in the ledger."""

    route: Route
    id: str
    members: tuple[Member, ...]
    letters: set[str] = field(hash=False, compare=False)

    def place(self, workspace: str) -> Place:
        return Place(workspace, self.route.pulse, self.id, self.route.id, "stream")


@dataclass
class _Sorted:
    """The tasks of one channel by where they stand. `new` has the claim of somebody dead beside the task."""

    resumed: list[tuple[Task, Claim]] = field(default_factory=list)
    new: list[tuple[Task, Claim | None]] = field(default_factory=list)


class Posts:
    """`belongs`: whether a new event is to be told by its route after all. `time_left` in seconds."""

    def __init__(
        self,
        events: EventStore,
        fates: Fates,
        belongs: Callable[[Task], bool],
        now: Clock,
        time_left: Callable[[], float],
    ) -> None:
        self._events = events
        self._fates = fates
        self._belongs = belongs
        self._now = now
        self._left = time_left
        self._me = uuid.uuid4().hex

    def of(self, tasks: Sequence[Task]) -> Iterator[Post]:
        """The messages of one channel, each to be sent before the next is asked for; what another holds comes again."""
        found = self._sort(sorted(tasks, key=lambda one: one.member.order))
        yield from self._resume(found)
        yield from self._begin(found.new)

    def _sort(self, tasks: Sequence[Task]) -> _Sorted:
        found = _Sorted()
        if not self._enough(tasks):
            return found
        claims = self._events.find_all((task.route.id, task.member.event.key) for task in tasks)
        for task in tasks:
            claim = claims.get((task.route.id, task.member.event.key))
            if claim is None:
                found.new.append((task, None))
            elif claim.post != NOT_HERE:
                found.resumed.append((task, claim))
        return found

    def _resume(self, found: _Sorted) -> Iterator[Post]:
        """What was begun before and has not ended. A list is told once, whichever of its events came again."""
        lists: dict[str, list[tuple[Task, Claim]]] = {}
        ended = self._events.ended(_named(task, claim) for task, claim in found.resumed)
        for task, claim in found.resumed:
            if _named(task, claim) in ended:
                continue
            if claim.post == task.member.event.key:
                yield Post(task.route, claim.post, (task.member,), task.letters)
            else:
                lists.setdefault(claim.post, []).append((task, claim))
        for name, claimed in lists.items():
            post = self._list(name, claimed)
            if post:
                yield post
            else:
                self._wait_or_bury(name, claimed, found)

    def _list(self, name: str, claimed: Sequence[tuple[Task, Claim]]) -> Post | None:
        """A list that was written down."""
        lead, _, post = name.partition("/")
        members = self._events.post(lead, post)
        if not members:
            return None
        route = next((task.route for task, _ in claimed if task.route.id == lead), None)
        # The route that led may not have brought any of it this time; the channel is the same.
        from_another = claimed[0][0].route
        leading = route or Route(lead, from_another.connection, from_another.channel, from_another.install, "", ())
        letters = {letter for task, _ in claimed for letter in task.letters}
        return Post(leading, post, tuple(map(Member.from_json, members)), letters)

    def _wait_or_bury(self, name: str, claimed: Sequence[tuple[Task, Claim]], found: _Sorted) -> None:
        """Claims without a note: by somebody who is still at it, or who died."""
        lead, _, post = name.partition("/")
        alive = max(claim.until for _, claim in claimed) - self._now().timestamp()
        buried = self._events.post(lead, post) == []
        if not buried and alive > 0:
            self._again(claimed, Wait(min(math.ceil(alive), 60), BUSY.reason))
        elif buried or self._events.keep_post(lead, post, [], self._now()):
            found.new += claimed
        else:
            self._again(claimed, BUSY)

    def _begin(self, new: Sequence[tuple[Task, Claim | None]]) -> Iterator[Post]:
        mine = []
        for task, before in new:
            if self._belongs(task):
                mine.append((task, before))
            else:
                self._claim(task, NOT_HERE, before)
        mine.sort(key=lambda one: one[0].member.order)
        if len(mine) <= FEW:
            for task, before in mine:
                yield from self._alone(task, before)
            return
        for chunk in _evenly(mine):
            yield from self._together(chunk)

    def _alone(self, task: Task, before: Claim | None) -> Iterator[Post]:
        key = task.member.event.key
        if self._enough([task]) and self._claim(task, key, before):
            yield Post(task.route, key, (task.member,), task.letters)

    def _together(self, chunk: Sequence[tuple[Task, Claim | None]]) -> Iterator[Post]:
        if not self._enough([task for task, _ in chunk]):
            return
        lead, post = chunk[0][0].route, uuid.uuid4().hex
        held = [task for task, before in chunk if self._claim(task, f"{lead.id}/{post}", before)]
        members = [task.member.to_json() for task in held]
        letters = {letter for task in held for letter in task.letters}
        if not held:
            return
        if self._events.keep_post(lead.id, post, members, self._now()):
            yield Post(lead, post, tuple(task.member for task in held), letters)
        else:
            self._fates.again(letters, BUSY)

    def _claim(self, task: Task, post: str, before: Claim | None) -> bool:
        """Whether the event is this post's now. One that somebody else took meanwhile comes again, to go on there."""
        now = self._now()
        claim = Claim(post, self._me, math.ceil(now.timestamp() + self._left()) + GRACE_SECONDS)
        if self._events.claim(task.route.id, task.member.event.key, claim, now, before):
            return True
        self._fates.again(task.letters, BUSY)
        return False

    def _enough(self, tasks: Sequence[Task]) -> bool:
        """Whether there is time for one more message."""
        enough = self._left() >= ENOUGH_SECONDS
        if not enough:
            self._fates.again({letter for task in tasks for letter in task.letters}, MORE)
        return enough

    def _again(self, claimed: Sequence[tuple[Task, Claim]], wait: Wait) -> None:
        self._fates.again({letter for task, _ in claimed for letter in task.letters}, wait)


def _named(task: Task, claim: Claim) -> tuple[str, str]:
    """The route under whose name a claimed event's post stands, and the post."""
    lead, _, post = claim.post.rpartition("/")
    return lead or task.route.id, post


def _evenly(new: Sequence[tuple[Task, Claim | None]]) -> Iterator[Sequence[tuple[Task, Claim | None]]]:
    """As few lists as the length of one allows, all about as long."""
    lists = math.ceil(len(new) / MOST_LINES)
    size = math.ceil(len(new) / lists)
    for start in range(0, len(new), size):
        yield new[start : start + size]
