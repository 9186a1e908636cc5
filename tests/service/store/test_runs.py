"""Runs of all pulses, newest first and page by page, and the order in which they are cleared away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledgercast.domain.runs import Run, is_scheduled, run_id
from ledgercast.store.runs import RunStore
from ledgercast.store.table import Table

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def table(dynamodb: Any) -> Table:
    return Table(dynamodb, "state", lambda: NOON)


@pytest.fixture
def runs(table: Table) -> RunStore:
    return RunStore(table)


def ended(table: Table, pulse: str, minute: int, workspace: str = "main") -> None:
    at = f"2026-11-25T09:{minute:02}:00.000Z"
    row = {"state": "sent", "attempt": 1, "started_at": at, "finished_at": at, "execution": "arn:e"}
    index = {"gsi1pk": f"RUNS#{workspace}", "gsi1sk": at}
    table.put({"pk": f"WS#{workspace}#PULSE#{pulse}", "sk": f"RUN#2026-11-25T09:{minute:02}:00Z", **index, **row})


def walk(runs: RunStore, most: int) -> list[str]:
    found: list[Run] = []
    while True:
        page, more = runs.newest(most, found[-1] if found else None)
        found += page
        if not more:
            return [one.id for one in found]


@pytest.mark.parametrize("most", [1, 3, 7, 50])
def test_every_run_comes_once_though_many_began_at_the_same_moment(runs: RunStore, table: Table, most: int) -> None:
    for pulse in ("p-a", "p-b", "p-c"):
        for minute in (1, 2):
            ended(table, pulse, minute)
    ended(table, "p-theirs", 1, "another")
    seen = walk(runs, most)
    assert len(seen) == len(set(seen)) == 6
    assert [one[-6:-4] for one in seen] == ["02", "02", "02", "01", "01", "01"]


def test_a_slot_that_never_began_stands_among_the_ended_ones(runs: RunStore) -> None:
    assert runs.skip("p1", "2026-11-25T09:00:00Z", "schedule.missed", NOON)
    [one], more = runs.newest(10)
    assert (one.state, one.reason, one.took, more) == ("skipped", "schedule.missed", timedelta(), False)


def test_runs_are_read_in_turn_up_to_an_instant(runs: RunStore, table: Table) -> None:
    for minute in range(5):
        ended(table, "p1", minute)
    until = datetime(2026, 11, 25, 9, 3, tzinfo=UTC)
    assert [one.slot[14:16] for one in runs.ended_between("", until)] == ["00", "01", "02"]
    assert [one.slot[14:16] for one in runs.ended_between("2026-11-25T09:02:00.000Z", until)] == ["02"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("p-0123456789ab~2026-11-25T09:00:00Z", ("p-0123456789ab", "2026-11-25T09:00:00Z")),
        ("revenue~test-1", ("revenue", "test-1")),
        ("revenue", None),
        ("~", None),
        ("a~b~c", None),
        (f"p~{'x' * 65}", None),
        ("p/../q~x", None),
    ],
)
def test_an_id_names_a_pulse_and_a_slot(text: str, parts: tuple[str, str] | None) -> None:
    assert run_id(text) == parts


def test_a_scheduled_slot_is_told_from_a_chosen_key() -> None:
    assert is_scheduled("2026-11-25T09:00:00Z")
    assert not any(map(is_scheduled, ("test-1", "2026-11-25", "2026-11-25T09:00:00Z.1", "key")))
