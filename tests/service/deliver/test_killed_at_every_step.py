"""The function dies at every boundary of every call it makes; the run goes on and ends truthfully (RL-1, issue 10).

Each call that has an effect (ledger, stores, every single HTTP call to Slack, SES) is a boundary: just after it is just
before the next. A clean run counts them; then one run per boundary dies there and is asked again until it is done, as
the state machine does.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from functions.deliver.deliver import Dependencies
from ledgercast.parts import Desk
from local.slack.faults import Fault
from tests.service.deliver.world import ADDRESSES, Answer, World

PARTS = ("message", "summary", "table")
READS = ("get", "get_json", "trail", "of_slot", "find", "sender")


class Killed(BaseException):
    """Not an Exception: nothing that handles errors may see it, just as nothing sees SIGKILL."""


@dataclass
class Reaper:
    """Counts boundaries and dies at the given one, or by chance at any."""

    at: int | None = None
    chance: Callable[[], bool] = lambda: False
    passed: list[str] = field(default_factory=list)

    def boundary(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) - 1 == self.at or self.chance():
            raise Killed(name)


class Watched:
    """Any object, each of whose calls with an effect ends in a boundary."""

    def __init__(self, inner: Any, name: str, reaper: Reaper) -> None:
        self._inner, self._name, self._reaper = inner, name, reaper

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._inner, attribute)
        watch = callable(found) and attribute not in READS
        return self._watch(found, f"{self._name}.{attribute}") if watch else found

    def _watch(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            answer = call(*given, **named)
            self._reaper.boundary(name)
            return answer

        return watched


def watched(world: World, reaper: Reaper) -> World:
    """The same world with every collaborator watched; Slack's client too, so each single HTTP call is a step."""
    have: Dependencies = world.have
    wrap: Callable[[Any, str], Any] = lambda inner, name: Watched(inner, name, reaper)  # noqa: E731

    def slack(secret: str) -> Any:
        inner = have.slack(secret)
        inner.client = wrap(inner.client, "slack")
        inner._send_bytes = Watched(inner, "slack", reaper)._watch(inner._send_bytes, "slack.send_bytes")
        return inner

    def mailer() -> Any:
        return wrap(have.mailer(), "ses")

    desk = replace(have.desk, ledger=wrap(have.desk.ledger, "ledger"))
    assert isinstance(desk, Desk)
    return world.with_(
        artefacts=wrap(have.artefacts, "artefacts"),
        uploads=wrap(have.uploads, "uploads"),
        desk=desk,
        slack=slack,
        mailer=mailer,
    )


def run_dying(world: World, reaper: Reaper, destination: str, most: int = 30) -> Answer:
    """Invoked until done; an invocation that dies is retried three seconds later, as the Retry list says."""
    world = watched(world, reaper)
    for _ in range(most):
        try:
            answer = world.ask(destination)
        except Killed:
            world.clock.advance(3)
            continue
        if answer["outcome"] == "done":
            return answer
        world.clock.advance(answer["seconds"])
    raise AssertionError(f"it never came to an end after dying at {reaper.passed[reaper.at or 0]}")


def fresh(world: World, number: int) -> World:
    """A workspace of its own in the same cloud, an empty channel, the same time of day."""
    world.slack.messages.clear()
    world.slack.workspace.calls.clear()
    world.slack.limits._buckets.clear()
    another = replace(world, workspace=f"{world.workspace}-{number}", mails_before=len(world.cloud.mails()))
    another.seed()
    return another


def test_killed_at_any_step_slack_gets_each_message_exactly_once(world: World) -> None:
    clean = Reaper()
    assert run_dying(fresh(world, 0), clean, "d-slack")["complete"]
    assert len(clean.passed) > 15, "the steps are really counted"
    assert any(step == "slack.chat_postMessage" for step in clean.passed)

    for step in range(len(clean.passed)):
        again = fresh(world, step + 1)
        reaper = Reaper(at=step)
        answer = run_dying(again, reaper, "d-slack")
        died = reaper.passed[step]
        assert (answer["status"], answer["complete"]) == ("sent", True), died
        assert [len(again.posted(part)) for part in PARTS] == [1, 1, 1], died


def test_killed_at_any_step_no_address_gets_two_mails_and_a_doubt_is_told(world: World) -> None:
    clean = Reaper()
    assert run_dying(fresh(world, 0), clean, "d-mail")["complete"]
    assert any(step == "ses.send" for step in clean.passed)

    outcomes = set()
    for step in range(len(clean.passed)):
        again = fresh(world, step + 1)
        reaper = Reaper(at=step)
        answer = run_dying(again, reaper, "d-mail")
        died = reaper.passed[step]
        arrived = [str(mail["To"]) for mail in again.mails()]
        assert len(arrived) == len(set(arrived)), f"twice after dying {died}"
        statuses = sorted(answer["parts"].values())
        assert len(statuses) == len(ADDRESSES), died
        assert statuses.count("sent") <= len(arrived), f"told as sent, but it is not there: {died}"
        if not answer["complete"]:
            assert statuses == ["sent", "unconfirmed"], died
        outcomes.add(answer["complete"])
    assert outcomes == {True, False}, "some deaths leave a doubt, most do not"


@pytest.mark.parametrize("seed", range(8))
def test_killed_again_and_again_beside_a_faulty_slack_nothing_is_ever_sent_twice(world: World, seed: int) -> None:
    chance = random.Random(seed)
    kinds = ("drop", "status", "error", "garbage")
    for skip in range(0, 8, 2):
        after = chance.random() < 0.5
        world.slack.faults.add(Fault("chat.postMessage", chance.choice(kinds), after=after, skip=skip))  # type: ignore[arg-type]

    answer = run_dying(world, Reaper(chance=lambda: chance.random() < 0.04), "d-slack", most=200)

    posted = [len(world.posted(part)) for part in PARTS]
    assert max(posted) == 1
    assert (answer["status"], answer["complete"], posted) == ("sent", True, [1, 1, 1])


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_second_copy_of_the_function_sends_nothing_while_the_first_is_sending(world: World, part: int) -> None:
    """Two invocations of one delivery at once: the second meets the first one's attempt and waits."""
    world.ask()
    world.clock.advance(2)
    met: list[Answer] = []
    inner = world.have.slack

    def slack(secret: str) -> Any:
        one = inner(secret)
        post, count = one.post, iter(range(9))

        def while_posting(*given: Any) -> str:
            if next(count) == part:
                met.append(world.ask())
            return str(post(*given))

        one.post = while_posting  # type: ignore[method-assign,assignment]
        return one

    answer = world.with_(slack=slack).ask()

    assert answer["complete"]
    assert met[0]["outcome"] == "wait"
    assert [len(world.posted(name)) for name in PARTS] == [1, 1, 1]
