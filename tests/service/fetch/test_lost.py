"""TK-3: fetch tells, once, of a connection to which Xero gives no access any more, and of no other trouble."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from functions.fetch.run import fetch
from functions.fetch.snapshots import MemoryStore
from ledgercast.domain.connections import BY_MEMBER, GONE_IN_XERO, GRANT_ENDED
from tests.service.fetch.test_faults import EVENT, State
from tests.service.fetch.world import World, world

FOLDER = Path(__file__).parents[2] / "fixtures" / "xero"
TODAY = date(2026, 11, 25)


@pytest.fixture
def there() -> Iterator[World]:
    with world(TODAY, empty=True) as made:
        yield made


def lost(there: World, event: dict[str, Any] = EVENT) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []

    def note(connection_id: str, connection: dict[str, Any]) -> None:
        told.append((connection_id, connection["state"]))

    fetch(event, State(), MemoryStore(), lambda *_: there.snapshots, there.clock, note)
    return told


def body(name: str) -> str:
    return (FOLDER / f"{name}.json").read_text()


def test_an_organisation_that_is_gone_is_told_with_its_connection_as_it_was_read(there: World) -> None:
    there.xero.identity.connections.clear()
    assert lost(there) == [("c1", "connected")]


def test_a_preview_tells_as_a_run_does(there: World) -> None:
    there.xero.identity.connections.clear()
    assert lost(there, {"workspace": "main", "preview": {"metric": "revenue", "connection": "c1"}})


def test_a_token_that_xero_refuses_though_it_is_new_is_told(there: World) -> None:
    there.xero.faults.answer("api.xro", 401, body("error_401_unsuccessful"), times=4)
    assert lost(there)


@pytest.mark.parametrize(("status", "answer"), [(429, ""), (503, "offline"), (404, "{}")])
def test_any_other_trouble_is_not(there: World, status: int, answer: str) -> None:
    there.xero.faults.answer("api.xro", status, answer, times=20)
    assert lost(there) == []


def test_a_missing_role_is_not(there: World) -> None:
    there.xero.accounting.without_reports.add(there.xero.identity.consent.user)
    assert lost(there) == []


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        (GRANT_ENDED, "xero.grant.disconnected"),
        (GONE_IN_XERO, "xero.connection.gone"),
        (BY_MEMBER, "pulse.held"),
        ("", "xero.grant.disconnected"),
    ],
)
def test_the_pulses_of_a_disconnected_connection_are_held_and_say_why(there: World, why: str, reason: str) -> None:
    """Skipped, not failed: the owner was told once, and each slot would be another failure."""

    class Shut(State):
        def connection(self, workspace: str, connection: str) -> dict[str, Any]:
            return {"tenant": "t", "name": "n", "grant": "g", "state": "disconnected", "held_reason": why}

    outcome = fetch(EVENT, Shut(), MemoryStore(), lambda *_: there.snapshots, there.clock)
    assert outcome == {"outcome": "skip", "reason": reason}
    assert there.asked().total() == 0
