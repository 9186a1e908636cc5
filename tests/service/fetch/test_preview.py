"""A preview: the pipeline's own fetch for a person who looks at a page, without a pulse and without retries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from functions.fetch.run import LOOK_AGAIN_SECONDS, fetch
from functions.fetch.snapshots import MemoryStore
from tests.service.fetch.world import World, world
from tests.truth import Truth, told

TODAY = date(2026, 11, 25)


class State:
    """One connection and no pulse at all."""

    def __init__(self, state: str = "connected") -> None:
        self._state = state

    def pulse(self, workspace: str, pulse: str) -> None:
        raise AssertionError("a preview has no pulse")

    def connection(self, workspace: str, connection: str) -> dict[str, Any] | None:
        return {"state": self._state} if (workspace, connection) == ("main", "c1") else None


class BusyLease:
    def take(self) -> bool:
        return False

    def release(self) -> None:
        return


@pytest.fixture
def there() -> Iterator[World]:
    with world(TODAY) as made:
        yield made


def preview(
    there: World, *, metric: str = "revenue", connection: str = "c1", state: str = "connected", lease: Any = None
) -> tuple[dict[str, Any], MemoryStore]:
    kept = MemoryStore()
    event = {"workspace": "main", "preview": {"metric": metric, "connection": connection}}
    outcome = fetch(event, State(state), kept, lambda *_: there.another_run(lease), there.clock)
    return outcome, kept


def test_the_facts_are_those_of_a_run_and_lie_at_their_own_place(there: World) -> None:
    outcome, kept = preview(there)
    assert outcome == {"outcome": "ready", "facts": "previews/main/c1/revenue.json", "empty": False}
    assert told(kept.get_json(outcome["facts"])) == Truth(there.books, TODAY).of("revenue")


@pytest.mark.parametrize("state", ["held", "disconnected"])
def test_nothing_is_asked_for_a_connection_that_is_not_open(there: World, state: str) -> None:
    reason = {"held": "pulse.held", "disconnected": "xero.grant.disconnected"}[state]
    outcome, _ = preview(there, state=state)
    assert outcome["reason"] == reason
    assert there.xero.calls == []


def test_another_workspaces_connection_is_none(there: World) -> None:
    assert preview(there, connection="c2")[0] == {"outcome": "skip", "reason": "pulse.held"}


def test_while_another_run_asks_xero_it_is_to_be_asked_for_again_and_not_raised(there: World) -> None:
    outcome, _ = preview(there, lease=BusyLease())
    assert outcome == {"outcome": "wait", "seconds": LOOK_AGAIN_SECONDS, "reason": "snapshot.in_progress"}


def test_a_limit_is_waited_for_and_a_fault_of_xeros_is_named(there: World) -> None:
    limit = {"X-Rate-Limit-Problem": "minute", "Retry-After": "7"}
    there.xero.faults.answer("Organisation", 429, headers=limit)
    assert preview(there)[0] == {"outcome": "wait", "seconds": 7, "reason": "xero.limit.minute"}
    for _ in range(8):
        there.xero.faults.answer("Organisation", 500, "")
    assert preview(there)[0] == {"outcome": "failed", "reason": "xero.unavailable"}


def test_an_unknown_metric_fails_by_name(there: World) -> None:
    assert preview(there, metric="profitability")[0] == {"outcome": "failed", "reason": "metric.unknown"}
