"""Whatever goes wrong on the way to Slack: posted once, unconfirmed, or put aside with a reason (WH-7, DL-2)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Any

import pytest

from functions.stream.work import work
from ledgercast.domain.errors import (
    ConnectionGone,
    GrantDisconnected,
    RefreshInProgress,
    ScopeMissing,
    XeroLimited,
    XeroOffline,
    XeroUnavailable,
)
from ledgercast.store.state import StateStore
from local.slack.faults import Fault
from local.slack.server import CHANNEL
from tests.service.streams.test_told import LINK, header, said
from tests.service.streams.world import MOST_RECEIVES, World, event, new_id

POST, HISTORY = "chat.postMessage", "conversations.history"


def one(world: World, **more: Any) -> tuple[str, Any]:
    """A route and a delivery of one event for it: the tenant and the route."""
    tenant, connection = world.organisation()
    route = world.route(connection, **more)
    world.post.deliver(event(tenant))
    return tenant, route


def many(world: World, events: int) -> list[str]:
    """A delivery of many events: their documents."""
    tenant, connection = world.organisation()
    world.route(connection)
    documents = [new_id() for _ in range(events)]
    world.post.deliver(*[event(tenant, document) for document in documents])
    return documents


def told(world: World) -> list[str]:
    """The documents in the channel, as often as they stand there."""
    return [link[-36:] for message in world.posts() for link in set(LINK.findall(said(message)))]


def test_what_slack_puts_off_comes_when_slack_said(world: World) -> None:
    one(world)
    world.slack.faults.add(Fault(POST, "limited", seconds=7))

    (again,) = world.turn()

    assert world.post.waiting[again].visible_at.timestamp() == world.clock().timestamp() + 7
    world.finish()
    assert len(world.posts()) == 1
    assert world.words() == ["1 attempt", "1 outcome not_sent", "2 attempt", "2 outcome sent"]


def test_once_a_channel_is_limited_the_rest_waits_and_other_channels_do_not(world: World) -> None:
    tenant, connection = world.organisation()
    world.route(connection)
    other = world.channel("other")
    world.route(connection, channel=other)
    world.slack.faults.add(Fault(POST, "limited", seconds=30))
    for _ in range(3):
        world.post.deliver(event(tenant))

    assert len(world.turn()) == 3
    asked = [call for call in world.slack.calls if call.method == POST]
    assert len(asked) == 1 + 3
    world.finish()
    assert sorted([len(world.posts()), len(world.posts(other))]) == [3, 3]


def test_a_channel_that_is_limited_for_ever_ends_put_aside_and_a_replay_tells_it(world: World) -> None:
    _, route = one(world)
    world.slack.faults.add(Fault(POST, "limited", times=8))
    world.finish()

    assert [reason for _, reason in world.post.dead] == ["slack.ratelimited"]
    assert not world.posts()
    noted = world.have.routes.get(route.id)
    assert noted and noted.failing_reason == "slack.ratelimited"

    world.post.replay()
    world.finish()
    assert len(world.posts()) == 1 and not world.post.dead
    noted = world.have.routes.get(route.id)
    assert noted and noted.failing_reason == ""


@pytest.mark.parametrize("events", [1, 9])
@pytest.mark.parametrize(
    "fault",
    [
        Fault(POST, "drop"),
        Fault(POST, "drop", after=True),
        Fault(POST, "status", status=500),
        Fault(POST, "status", status=503, after=True),
        Fault(POST, "garbage"),
        Fault(POST, "garbage", after=True),
        Fault(POST, "error", error="internal_error"),
        Fault(POST, "error", error="fatal_error", after=True),
    ],
    ids=lambda one: f"{one.kind} {'after' if one.after else 'before'}" if isinstance(one, Fault) else str(one),
)
def test_an_answer_that_nobody_got_is_looked_up_and_never_posted_twice(world: World, fault: Fault, events: int) -> None:
    """Design 10 holds here too."""
    documents = many(world, events)
    world.slack.faults.add(Fault(**vars(fault)))

    assert world.turn() != []
    world.finish()

    assert sorted(told(world)) == sorted(documents)
    assert len(world.posts()) == 1 and not world.post.dead
    assert any(call.method == HISTORY for call in world.slack.calls)


def test_nothing_is_looked_up_before_ten_seconds_are_over(world: World) -> None:
    one(world)
    world.slack.faults.add(Fault(POST, "drop", after=True))
    (again,) = world.turn()
    assert world.post.waiting[again].visible_at.timestamp() >= world.clock().timestamp() + 10


def test_an_answer_that_cannot_be_looked_up_is_unconfirmed_and_said(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    _, route = one(world)
    world.slack.faults.add(Fault(POST, "drop", after=True), Fault(HISTORY, "error", error="missing_scope"))
    world.finish()

    assert world.words()[-1] == "1 outcome unconfirmed"
    assert len(world.posts()) == 1 and not world.post.dead and not world.post.waiting
    noted = world.have.routes.get(route.id)
    assert noted and noted.failing_reason == "deliver.unconfirmed"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [line["EventsUnconfirmed"] for line in lines if "EventsUnconfirmed" in line] == [1]


def test_a_repetition_of_what_is_unconfirmed_is_not_sent_and_does_not_ring_again(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant, connection = world.organisation()
    route = world.route(connection)
    same = event(tenant)
    world.post.deliver(same)
    world.slack.faults.add(Fault(POST, "drop"), Fault(HISTORY, "error", error="missing_scope"))
    world.finish()
    world.post.deliver(event(tenant))
    world.finish()
    capsys.readouterr()

    world.post.deliver(same)
    world.finish()

    assert len(world.posts()) == 1
    assert "EventsUnconfirmed" not in capsys.readouterr().out
    noted = world.have.routes.get(route.id)
    assert noted and noted.failing_reason == "", "what went wrong then is not wrong now"


@pytest.mark.parametrize(
    ("break_it", "reason", "mend_it"),
    [
        (lambda w: setattr(w.slack.channels[CHANNEL], "archived", True), "slack.is_archived", "archived"),
        (lambda w: setattr(w.slack.channels[CHANNEL], "shared", True), "deliver.shared_channel", "shared"),
        (lambda w: w.slack.channels.pop(CHANNEL), "slack.channel_not_found", "channel"),
        (lambda w: setattr(w.slack.workspace, "revoked", True), "slack.token_revoked", "revoked"),
    ],
)
def test_what_slack_or_the_policy_refuses_is_put_aside_with_the_reason_and_told_after_it_is_mended(
    world: World, break_it: Callable[[World], Any], reason: str, mend_it: str
) -> None:
    """DL-1: at send too"""
    documents = many(world, 5)
    kept = world.slack.channels[CHANNEL]
    break_it(world)
    world.finish()

    assert [why for _, why in world.post.dead] == [reason]
    assert not world.posts()
    (route,) = world.have.routes.list()
    assert route.failing_reason == reason
    install = world.have.installs.get("T1")
    assert install and install.state == ("broken" if mend_it == "revoked" else "connected")

    world.slack.channels[CHANNEL] = kept
    kept.archived = kept.shared = world.slack.workspace.revoked = False
    for _ in range(2):
        world.post.replay()
        world.finish()
    assert sorted(told(world)) == sorted(documents)


def test_a_channel_that_an_owner_took_off_the_list_gets_nothing_more(world: World) -> None:
    """DL-1"""
    one(world)
    StateStore(world.table).save_settings(world.workspace, {"own_channels": False, "slack_channels": []})
    world.finish()
    assert [why for _, why in world.post.dead] == ["deliver.not_allowed"]
    assert not [call for call in world.slack.calls if call.method == POST]


def test_while_nobody_can_say_whether_a_channel_may_be_written_to_nothing_is(world: World) -> None:
    """DL-1: fails closed"""
    one(world)
    world.slack.faults.add(Fault("conversations.info", "status", times=2))
    world.turn()
    assert not world.posts()
    world.finish()
    assert len(world.posts()) == 1


def test_a_workspace_that_was_removed_is_a_reason(world: World) -> None:
    one(world)
    world.have.installs._table.delete(f"WS#{world.workspace}", "SLACK#T1")
    world.finish()
    assert [why for _, why in world.post.dead] == ["slack.not_installed"]


def test_a_dead_channel_keeps_no_other_from_hearing_and_nothing_is_told_twice(world: World) -> None:
    """RL-3"""
    tenant, connection = world.organisation()
    world.route(connection)
    other = world.channel("other")
    world.route(connection, channel=other)
    world.slack.channels[CHANNEL].archived = True
    world.post.deliver(*[event(tenant) for _ in range(6)])
    world.finish()
    world.slack.channels[CHANNEL].archived = False
    world.post.replay()
    world.finish()

    assert [header(m) for m in (*world.posts(), *world.posts(other))] == ["6 invoices updated 🧾"] * 2


def test_a_delivery_that_never_comes_about_is_put_aside_after_so_many_times(world: World) -> None:
    """WH-7"""
    one(world)
    world.slack.faults.add(Fault("conversations.info", "status", times=100))
    world.finish()
    ((letter, why),) = world.post.dead
    assert (why, letter.receives) == ("slack.unreachable", MOST_RECEIVES)


@pytest.mark.parametrize(
    "error",
    [
        XeroLimited("minute", 30),
        XeroLimited("day", 40_000),
        XeroOffline("offline", 300),
        XeroUnavailable("500"),
        RefreshInProgress("busy"),
        GrantDisconnected("gone"),
        ConnectionGone("gone"),
        ScopeMissing("no scope"),
        RuntimeError("a form that nobody foresaw"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_without_xero_the_message_goes_out_bare_and_nothing_waits(world: World, error: Exception) -> None:
    """Refused or slow: never waited for."""
    tenant, connection = world.organisation()
    world.route(connection, only="sales")
    world.xero.fails = [error]
    document = new_id()
    world.xero.knows_invoice(document)
    world.post.deliver(event(tenant, document))

    assert world.turn() == []

    (message,) = world.posts()
    assert header(message) == "🧾 Invoice updated" and "INV-0042" not in said(message)
    assert f"InvoiceID={document}" in said(message) and "09:41 UTC" in said(message)


def test_after_a_limit_xero_is_left_alone_for_as_long_as_it_asked(world: World) -> None:
    tenant, connection = world.organisation(short_code="!x", told_at=int(world.clock().timestamp()))
    world.route(connection)
    world.xero.fails = [XeroLimited("minute", 30)]
    for seconds in (0, 10, 15, 10):
        world.clock.advance(seconds)
        world.post.deliver(event(tenant))
        assert world.turn() == []
    assert len(world.xero.asked) == 2


def test_while_another_asks_about_an_organisation_nobody_waits_for_it(world: World) -> None:
    tenant, connection = world.organisation()
    world.route(connection)
    state = StateStore(world.table)
    assert state.acquire_lease(world.workspace, f"STREAM#{connection}", "another", 30, world.clock())
    world.post.deliver(event(tenant))
    assert world.turn() == []
    assert world.xero.asked == [] and len(world.posts()) == 1

    state.release_lease(world.workspace, f"STREAM#{connection}", "another")
    world.post.deliver(event(tenant))
    world.turn()
    assert world.xero.paths() == ["Organisation", "Invoices"]
    assert state.acquire_lease(world.workspace, f"STREAM#{connection}", "third", 30, world.clock()), "it was given back"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"Invoices": None},
        {"Invoices": "no"},
        {"Invoices": [None, 7, {"InvoiceID": 7}]},
        {"Invoices": [{"Contact": "x", "Total": "NaN", "CurrencyCode": 7, "DueDateString": {}, "Status": []}]},
    ],
)
def test_an_answer_of_xeros_without_sense_spoils_no_message(
    world: World, answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, connection = world.organisation(short_code="!x", told_at=int(world.clock().timestamp()))
    world.route(connection)
    monkeypatch.setattr(world.xero, "get", lambda *_: answer)
    world.post.deliver(event(tenant))
    world.finish()
    assert len(world.posts()) == 1


def test_a_store_that_fails_in_one_channel_leaves_the_others_and_comes_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, connection = world.organisation()
    world.route(connection)
    other = world.channel("other")
    bad = world.route(connection, channel=other)
    real = world.have.events.claim

    def claim(route: str, *given: Any) -> bool:
        if route == bad.id:
            raise OSError("the table did not answer")
        return real(route, *given)

    monkeypatch.setattr(world.have.events, "claim", claim)
    world.post.deliver(event(tenant))
    assert len(world.turn()) == 1
    assert len(world.posts()) == 1 and not world.posts(other)

    monkeypatch.undo()
    world.finish()
    assert len(world.posts()) == len(world.posts(other)) == 1


def test_a_note_that_cannot_be_made_is_no_reason_to_tell_anything_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one(world)

    def fails(*_: Any, **__: Any) -> None:
        raise OSError("the table did not answer")

    monkeypatch.setattr(world.have.routes, "note", fails)
    monkeypatch.setattr(world.have.rhythm, "heard", fails)
    assert world.turn() == []
    assert len(world.posts()) == 1


def test_a_queue_that_cannot_be_asked_leaves_every_delivery_where_it_is(world: World) -> None:
    """WH-7: SQS down, while a delivery is to be put back or aside"""
    one(world)
    world.post.deliver(raw=b"not json")
    world.slack.faults.add(Fault(POST, "limited", seconds=3))
    world.post.broken = True
    assert len(world.turn()) == 2 and not world.post.dead

    world.post.broken = False
    world.finish()
    assert len(world.posts()) == 1 and [why for _, why in world.post.dead] == ["stream.unreadable"]


def test_what_there_is_no_time_for_is_left_to_the_next_invocation_however_often(world: World) -> None:
    documents = many(world, 45)

    def turn(left: Iterator[float]) -> list[str]:
        letters = world.post.receive()
        again = work(letters, world.have, lambda: next(left))
        world.post.delete(one.id for one in letters if one.id not in again)
        return again

    assert turn(chain(repeat(60.0, 25), repeat(1.0))) != []
    partly = len(told(world))
    assert 0 < partly < 45
    for _ in range(MOST_RECEIVES + 3):
        world.clock.advance(1)
        assert turn(repeat(1.0)) != []
    assert not world.post.dead, "nothing is wrong with it"
    world.clock.advance(1)
    world.finish()
    assert sorted(told(world)) == sorted(documents)
