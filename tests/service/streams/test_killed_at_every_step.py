"""The function dies at every boundary of its calls, and lives on beside its heirs: each event is told once (RL-1).

Each call that has an effect is a boundary: just after it is just before the next. A clean run counts them; then one run
per boundary dies there, its deliveries come again, as the queue brings them, and all ends truthfully.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.stream.work import work
from local.slack.faults import Fault
from tests.service.deliver.test_killed_at_every_step import Killed, Reaper, Watched
from tests.service.streams.test_faults import many, told
from tests.service.streams.world import HIDDEN, STARTS, World, build, event, new_id


def watched(world: World, reaper: Reaper) -> World:
    """The same world with every collaborator watched; Slack's client too, so each single HTTP call is a step."""
    have = world.have
    wrap: Callable[[Any, str], Any] = lambda inner, name: Watched(inner, name, reaper)  # noqa: E731

    def slack(secret: str) -> Any:
        inner = have.slack(secret)
        inner.client = wrap(inner.client, "slack")
        return inner

    asking = replace(have.asking, leases=wrap(have.asking.leases, "leases"))
    changed = replace(
        have,
        events=wrap(have.events, "events"),
        routes=wrap(have.routes, "routes"),
        rhythm=wrap(have.rhythm, "rhythm"),
        desk=replace(have.desk, ledger=wrap(have.desk.ledger, "ledger")),
        asking=asking,
        queue=wrap(have.queue, "queue"),
        slack=slack,
        keep=Watched(None, "artefacts", reaper)._watch(have.keep, "artefacts.put"),
    )
    return replace(world, have=changed)


def run_dying(world: World, reaper: Reaper, again_after: int = HIDDEN, most: int = 80) -> None:
    """Until the queue is empty; what an invocation that died had in hand comes again when its time is over."""
    dying = watched(world, reaper)
    for _ in range(most):
        due = world.post.next_at()
        if due is None:
            return
        world.clock.at = max(world.clock.at, due)
        try:
            dying.turn()
        except Killed:
            for one in world.post.waiting.values():
                one.visible_at = min(one.visible_at, world.clock() + timedelta(seconds=again_after))
    raise AssertionError(f"it never came to an end after dying at {reaper.passed[reaper.at or 0]}")


def fresh(world: World, number: int) -> World:
    """A workspace of its own in the same cloud, an empty channel, the same time of day."""
    world.slack.messages.clear()
    world.slack.workspace.calls.clear()
    world.slack.limits._buckets.clear()
    world.clock.at = STARTS
    return build(f"{world.workspace}-{number}", world.have.events._table._client, world.slack, world.clock)


def boundaries(world: World, events: int, faults: list[Fault]) -> list[str]:
    clean, own = Reaper(), fresh(world, 0)
    many(own, events)
    own.slack.faults.add(*[replace(one) for one in faults])
    run_dying(own, clean)
    return clean.passed


@pytest.mark.parametrize(
    ("events", "again_after"), [(1, HIDDEN), (4, 3)], ids=["alone, when its time is over", "in a list, at once"]
)
def test_killed_at_any_step_each_event_is_told_exactly_once(world: World, events: int, again_after: int) -> None:
    steps = boundaries(world, events, [])
    for number in range(len(steps)):
        own = fresh(world, number + 1)
        documents = many(own, events)
        run_dying(own, Reaper(at=number), again_after)
        assert sorted(told(own)) == sorted(documents), f"died after {steps[number]}"
        assert not own.post.dead, steps[number]


@pytest.mark.parametrize("after", [False, True], ids=["lost", "posted"])
def test_killed_at_any_step_beside_an_answer_that_never_came(world: World, after: bool) -> None:
    faults = [Fault("chat.postMessage", "drop", after=after)]
    steps = boundaries(world, 4, faults)
    for number in range(0, len(steps), 4):  # the test above dies at each; here it is about the look-up
        own = fresh(world, number + 1)
        documents = many(own, 4)
        own.slack.faults.add(*[replace(one) for one in faults])
        run_dying(own, Reaper(at=number))
        own.slack.faults.clear()
        assert sorted(told(own)) == sorted(documents), f"died after {steps[number]}"


def test_dying_by_chance_again_and_again_with_repetitions_in_between(world: World) -> None:
    for seed in range(3):
        chance = random.Random(seed)
        own = fresh(world, seed)
        tenant, connection = own.organisation()
        own.route(connection)
        events = [event(tenant, new_id()) for _ in range(8)]
        for _ in range(4):
            own.post.deliver(*chance.sample(events, 3))
        own.post.deliver(*events)
        deaths = iter(range(6))
        reaper = Reaper(chance=lambda chance=chance, deaths=deaths: chance.random() < 0.1 and next(deaths, 9) < 9)  # type: ignore[misc]
        run_dying(own, reaper, again_after=chance.choice([3, 70, HIDDEN]))
        assert sorted(told(own)) == sorted(one["resourceId"] for one in events), seed
        assert not own.post.dead


def test_who_was_taken_for_dead_and_lives_tells_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two invocations have the same delivery: the first stalls between its claims and its note until it is buried."""
    documents = many(world, 5)
    real = world.have.events.keep_post
    letters = world.post.receive()

    def stall(*given: Any) -> bool:
        monkeypatch.setattr(world.have.events, "keep_post", real)
        world.clock.advance(HIDDEN + 1)
        world.finish()
        assert sorted(told(world)) == sorted(documents), "the heir told it"
        return real(*given)

    monkeypatch.setattr(world.have.events, "keep_post", stall)
    again = work(letters, world.have, lambda: 60.0)

    assert set(again) == {one.id for one in letters}
    assert sorted(told(world)) == sorted(documents)


def test_two_at_once_over_the_same_events_tell_each_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repetition is in the hands of a second invocation while the first is just about to post."""
    documents = many(world, 5)
    repetition = next(iter(world.post.waiting.values())).letter
    real = world.have.events.keep_post
    nested: list[int] = []

    def meanwhile(*given: Any) -> bool:
        if not nested:
            nested.append(1)
            world.post.deliver(raw=repetition.body)
            assert world.turn() != [], "it waits for whoever holds the events"
        return real(*given)

    monkeypatch.setattr(world.have.events, "keep_post", meanwhile)
    world.turn()
    world.finish()

    assert sorted(told(world)) == sorted(documents)
    assert not world.post.dead
