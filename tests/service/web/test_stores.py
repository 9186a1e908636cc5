"""Members, links, throttles and the audit on real tables."""

from __future__ import annotations

import threading
from typing import Any

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.store.links import LinkStore
from ledgercast.store.members import MemberStore
from tests.service.web.world import World


def test_one_address_is_one_member_even_at_once(edge_world: World) -> None:
    members, made = edge_world.edge.members, list[Any]()
    together = threading.Barrier(8)

    def create() -> None:
        together.wait()
        made.append(members.create("ada@example.com", "owner", "invited", edge_world.clock()))

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in made if one]) == 1
    assert len(members.list()) == 1


def test_members_of_another_workspace_are_nobody_here(edge_world: World) -> None:
    other = MemberStore(edge_world.state, workspace="other")
    ada = other.create("ada@example.com", "owner", "active", edge_world.clock())
    assert ada
    assert WORKSPACE == "main"
    assert edge_world.edge.members.get(ada.id) is None
    assert edge_world.edge.members.by_email("ada@example.com") is None
    assert edge_world.edge.members.list() == []
    assert not edge_world.edge.members.set_state(ada.id, "removed")


def test_a_link_of_another_workspace_is_none_here_and_stays(edge_world: World) -> None:
    here, other = LinkStore(edge_world.state), LinkStore(edge_world.state, workspace="other")
    token = other.make(edge_world.member(), edge_world.clock())
    assert here.consume(token, edge_world.clock()) is None
    assert other.consume(token, edge_world.clock())


def test_a_link_s_token_is_stored_hashed(edge_world: World, dynamodb: Any) -> None:
    token = LinkStore(edge_world.state).make(edge_world.member(), edge_world.clock())
    assert token not in str(dynamodb.scan(TableName="state")["Items"])


def test_an_update_never_makes_a_member_and_keeps_its_condition(edge_world: World) -> None:
    members, ada = edge_world.edge.members, edge_world.member()
    assert not members.update("m-nobody", {"totp": "on"})
    assert members.item("m-nobody") is None
    assert members.update(ada.id, {"last_step": 5}, "attribute_not_exists(last_step) OR #last_step < :step", step=5)
    assert not members.update(ada.id, {"last_step": 5}, "attribute_not_exists(last_step) OR #last_step < :step", step=5)


def test_a_window_counts_tells_the_wait_and_ends_by_itself(edge_world: World) -> None:
    throttles = edge_world.edge.throttles
    assert [throttles.window("x", "a", 3, 60) for _ in range(4)] == [0, 0, 0, 60]
    edge_world.clock.advance(seconds=59)
    assert throttles.window("x", "a", 3, 60) == 1
    assert throttles.window("x", "b", 3, 60) == 0
    edge_world.clock.advance(seconds=1)
    assert throttles.window("x", "a", 3, 60) == 0


def test_attempts_that_fail_wait_longer_and_longer_up_to_a_bound_mf_4(edge_world: World) -> None:
    throttles, waits = edge_world.edge.throttles, list[int]()
    for _ in range(12):
        assert throttles.attempt("totp", "m-1") == 0
        wait = throttles.attempt("totp", "m-1") if len(waits) >= 4 else 0
        waits.append(wait)
        edge_world.clock.advance(seconds=wait)
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_a_success_and_a_day_without_attempts_forget_the_failed_ones_mf_4(edge_world: World) -> None:
    throttles = edge_world.edge.throttles
    for _ in range(5):
        throttles.attempt("totp", "m-1")
    assert throttles.attempt("totp", "m-1") > 0
    throttles.forget("totp", "m-1")
    assert throttles.attempt("totp", "m-1") == 0
    for _ in range(4):
        throttles.attempt("totp", "m-1")
    edge_world.clock.advance(days=2)
    assert [throttles.attempt("totp", "m-1") for _ in range(5)] == [0] * 5


def test_a_hundred_attempts_at_once_get_no_further_than_a_hundred_in_a_row_mf_4(edge_world: World) -> None:
    answers: list[int] = []
    together = threading.Barrier(20)

    def attempt() -> None:
        together.wait()
        answers.extend(edge_world.edge.throttles.attempt("totp", "m-1") for _ in range(5))

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(0) <= 5


def test_the_audit_keeps_who_whence_what_and_how_in_order_lg_2(edge_world: World, dynamodb: Any) -> None:
    audit = edge_world.edge.audit
    audit.note("sign_in.ok", "m-1", "203.0.113.7")
    edge_world.clock.advance(seconds=1)
    audit.note("xero.connected", "m-1", "203.0.113.7", "xero-1")
    edge_world.clock.advance(seconds=1)
    audit.note("totp.refused", "m-2", "198.51.100.9", outcome="replayed")
    newest, more = audit.newest(2)
    assert [(one.act, one.subject, one.outcome) for one in newest] == [
        ("totp.refused", "", "replayed"),
        ("xero.connected", "xero-1", "ok"),
    ]
    rest, end = audit.newest(2, before=more)
    assert [(one.act, one.actor, one.origin) for one in rest] == [("sign_in.ok", "m-1", "203.0.113.7")]
    assert end is None
    rows = dynamodb.scan(TableName="ledger")["Items"]
    kept = [int(row["ttl"]["N"]) - edge_world.clock().timestamp() for row in rows]
    assert min(kept) > 365 * 86_400
