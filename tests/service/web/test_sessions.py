"""SE-1: sessions live on our side, for as long as the limits say, under ids that are new whenever rights grow."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ledgercast.web.sessions import SessionEnded
from tests.service.web.world import World


def test_an_id_has_256_random_bits_and_is_stored_hashed_se_1(edge_world: World, dynamodb: Any) -> None:
    member = edge_world.member()
    values = {edge_world.edge.sessions.start(member)[0] for _ in range(20)}
    assert len(values) == 20
    assert {len(base64.urlsafe_b64decode(value + "=")) for value in values} == {32}
    stored = str(dynamodb.scan(TableName="state")["Items"])
    assert not any(value in stored for value in values)


@pytest.mark.parametrize(("idle", "lives"), [(1.99, True), (2, False)])
def test_a_session_ends_two_hours_after_its_last_use_se_1(edge_world: World, idle: float, lives: bool) -> None:
    value, _ = edge_world.edge.sessions.start(edge_world.member())
    edge_world.clock.advance(hours=1)
    assert edge_world.edge.sessions.find(value)
    edge_world.clock.advance(hours=idle)
    assert bool(edge_world.edge.sessions.find(value)) is lives


def test_a_session_ends_twelve_hours_after_signing_in_however_it_is_used_se_1(edge_world: World) -> None:
    sessions = edge_world.edge.sessions
    value, session = sessions.start(edge_world.member())
    for _ in range(11):
        edge_world.clock.advance(hours=1)
        session = sessions.find(value) or pytest.fail("ended early")
    # not even the rotation after the second factor prolongs it
    value, session = sessions.rotate(session)
    edge_world.clock.advance(minutes=59)
    assert sessions.find(value)
    edge_world.clock.advance(minutes=1)
    assert sessions.find(value) is None
    assert sessions.list(session.member) == []


def test_rotation_gives_a_new_id_and_csrf_value_and_kills_the_old_se_1(edge_world: World) -> None:
    sessions, member = edge_world.edge.sessions, edge_world.member()
    edge_world.edge.members.update(member.id, {"totp": "on"})
    old, session = sessions.start(edge_world.edge.members.get(member.id) or member)
    assert (session.stage, session.has_second_factor) == ("link", False)
    new, fresh = sessions.rotate(session)
    assert old != new and session.csrf != fresh.csrf
    assert (fresh.stage, fresh.has_second_factor) == ("full", True)
    assert sessions.find(old) is None
    assert sessions.find(new) == fresh


def test_of_two_rotations_of_one_session_one_wins_se_1(edge_world: World) -> None:
    _, session = edge_world.edge.sessions.start(edge_world.member())
    edge_world.edge.sessions.rotate(session)
    with pytest.raises(SessionEnded):
        edge_world.edge.sessions.rotate(session)


def test_an_ended_session_is_not_revived_by_its_use_se_1(edge_world: World, dynamodb: Any) -> None:
    value, session = edge_world.edge.sessions.start(edge_world.member())
    edge_world.edge.sessions.end(session)
    edge_world.clock.advance(minutes=5)
    assert edge_world.edge.sessions.find(value) is None
    assert "SESSION#" not in str(dynamodb.scan(TableName="state")["Items"])


def test_all_sessions_of_a_member_end_but_the_named_one_se_1(edge_world: World) -> None:
    sessions, ada, bob = edge_world.edge.sessions, edge_world.member(), edge_world.member("bob@example.com")
    kept_value, kept = sessions.start(ada)
    others = [sessions.start(ada)[0] for _ in range(3)]
    bobs, _ = sessions.start(bob)
    assert sessions.end_all(ada.id, but=kept) == 3
    assert [sessions.find(value) for value in others] == [None] * 3
    assert sessions.find(kept_value) and sessions.find(bobs)


@pytest.mark.parametrize("value", ["", "x", "A" * 43, "A" * 5000, "\x00", "é" * 43])
def test_a_value_that_is_nobody_s_is_no_session_se_1(edge_world: World, value: str) -> None:
    assert edge_world.edge.sessions.find(value) is None


def test_a_session_of_another_workspace_is_refused(edge_world: World) -> None:
    value, session = edge_world.edge.sessions.start(edge_world.member())
    edge_world.state.update(f"SESSION#{session.key}", "SESSION", {"workspace": "other"})
    assert edge_world.edge.sessions.find(value) is None
