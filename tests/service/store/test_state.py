"""The state table by its access patterns, on a table that refuses as DynamoDB does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledgercast.domain.pulses import Destination, Pulse
from ledgercast.store.pulses import PulseStore
from ledgercast.store.state import StateStore
from ledgercast.store.table import ABSENT, Conflict, Table

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def table(dynamodb: Any) -> Table:
    return Table(dynamodb, "state", now=lambda: NOON)


@pytest.fixture
def store(table: Table) -> StateStore:
    return StateStore(table)


def pulse(pulse_id: str = "p1") -> Pulse:
    destinations = (
        Destination("slack", "slack", channel="C1", install="T1"),
        Destination("email", "email", addresses=("ada@example.com", "max@example.com")),
    )
    return Pulse(pulse_id, "revenue", "c1", destinations, "template", "active", {"every": "week", "at": "09:00"})


def test_a_pulse_comes_back_as_it_was_saved(store: StateStore, table: Table) -> None:
    PulseStore(table).create(pulse())

    assert store.pulse("main", "p1") == pulse()


def test_ids_of_another_workspace_are_not_found(store: StateStore, table: Table) -> None:
    PulseStore(table).create(pulse())

    assert store.pulse("other", "p1") is None
    assert store.pulses("other") == []


def test_expired_items_are_not_there_though_dynamodb_still_has_them(table: Table) -> None:
    table.put({"pk": "a", "sk": "old", "ttl": int(NOON.timestamp()) - 1})
    table.put({"pk": "a", "sk": "new", "ttl": int(NOON.timestamp()) + 1})

    assert table.get("a", "old") is None
    assert [item["sk"] for item in table.query("a")] == ["new"]


def test_every_item_carries_its_shapes_version(table: Table) -> None:
    table.put({"pk": "a", "sk": "b"})

    found = table.get("a", "b")
    assert found is not None
    assert found["v"] == 1


def test_a_put_only_if_absent_is_refused_the_second_time(table: Table) -> None:
    table.put({"pk": "a", "sk": "b", "n": 1}, ABSENT)

    with pytest.raises(Conflict):
        table.put({"pk": "a", "sk": "b", "n": 2}, ABSENT)

    assert (table.get("a", "b") or {})["n"] == 1


def test_an_update_under_a_condition_changes_all_or_nothing(table: Table) -> None:
    table.put({"pk": "a", "sk": "b", "version": 1, "state": "ok"})

    table.update("a", "b", {"version": 2, "state": "new"}, "#version = :seen", seen=1)
    with pytest.raises(Conflict):
        table.update("a", "b", {"version": 3, "state": "late"}, "#version = :seen", seen=1)

    assert (table.get("a", "b") or {})["state"] == "new"


def test_a_lease_is_held_by_one_until_released_or_over(store: StateStore) -> None:
    assert store.acquire_lease("main", "c1", "one", 30, NOON)
    assert not store.acquire_lease("main", "c1", "two", 30, NOON)
    assert store.acquire_lease("main", "c1", "one", 30, NOON), "its holder may renew it"

    store.release_lease("main", "c1", "two")
    assert not store.acquire_lease("main", "c1", "two", 30, NOON), "only its holder gives it back"

    store.release_lease("main", "c1", "one")
    assert store.acquire_lease("main", "c1", "two", 30, NOON)


def test_a_dead_holder_delays_no_longer_than_its_lease(store: StateStore) -> None:
    assert store.acquire_lease("main", "c1", "dead", 30, NOON)

    assert store.acquire_lease("main", "c1", "next", 30, NOON + timedelta(seconds=30))


def test_runs_of_a_pulse_come_newest_first(store: StateStore, table: Table) -> None:
    for slot in ("2026-11-09T09:00:00Z", "2026-11-23T09:00:00Z", "2026-11-16T09:00:00Z"):
        table.put({"pk": "WS#main#PULSE#p1", "sk": f"RUN#{slot}", "state": "sent"})

    assert [run["sk"][4:14] for run in store.runs("main", "p1")] == ["2026-11-23", "2026-11-16", "2026-11-09"]


def test_binary_numbers_and_nested_values_come_back_as_pythons(table: Table) -> None:
    table.put({"pk": "a", "sk": "b", "blob": b"\x00\x01", "n": 7, "rows": [{"k": 1}], "none": None, "flag": True})

    found = table.get("a", "b") or {}

    assert (found["blob"], found["n"], found["rows"], found["none"], found["flag"]) == (
        b"\x00\x01",
        7,
        [{"k": 1}],
        None,
        True,
    )


def test_a_query_reads_every_page(table: Table) -> None:
    for number in range(30):
        table.put({"pk": "many", "sk": f"{number:03}", "blob": b"x" * 60_000})

    assert len(list(table.query("many"))) == 30


def test_the_index_answers_from_a_time_on(table: Table) -> None:
    for hour in (8, 9, 10):
        table.put({"pk": "k", "sk": str(hour), "gsi1pk": "WS#main", "gsi1sk": f"2026-11-25T{hour:02}:00:00Z"})

    found = [item["sk"] for item in table.query("WS#main", index="gsi1", since="2026-11-25T09:00:00Z")]

    assert found == ["9", "10"]


def test_many_items_are_read_a_hundred_at_a_time_without_what_has_expired(table: Table) -> None:
    for number in range(120):
        table.put({"pk": "p", "sk": f"{number}", "ttl": int(NOON.timestamp()) + (1 if number % 2 else -1)})

    found = table.get_many([("p", f"{number}") for number in range(130)] * 2)

    assert sorted(int(sk) for _, sk in found) == list(range(1, 120, 2))
    assert found["p", "7"]["sk"] == "7"
    assert table.get_many([]) == {}


def test_what_one_answer_could_not_hold_is_asked_for_by_itself(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(dynamodb, "state", now=lambda: NOON)
    for sk in "abc":
        table.put({"pk": "p", "sk": sk})
    real = dynamodb.batch_get_item

    def partly(RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        keys = RequestItems["state"]["Keys"]
        answer = real(RequestItems={"state": {**RequestItems["state"], "Keys": keys[:1]}})
        return {**answer, "UnprocessedKeys": {"state": {"Keys": keys[1:]}}}

    monkeypatch.setattr(dynamodb, "batch_get_item", partly)

    assert sorted(sk for _, sk in table.get_many([("p", sk) for sk in "abcd"])) == ["a", "b", "c"]
