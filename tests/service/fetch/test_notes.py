"""What a run's row is told while it is fetched, what a retry says, and a pulse that leaves out what is not new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from functions.fetch.notes import Notes
from functions.fetch.run import fetch
from functions.fetch.snapshots import MemoryStore
from ledgercast.domain.facts import Facts, facts_hash
from ledgercast.domain.pulses import Destination, Pulse
from ledgercast.domain.runs import Run, RunState
from ledgercast.store.runs import RunStore
from ledgercast.store.state import StateStore
from ledgercast.store.table import Table
from tests.service.fetch.world import World, world
from tests.service.pulses.keeping import keep

TODAY = date(2026, 11, 25)
MONDAY, TUESDAY, WEDNESDAY = (f"2026-11-{day}T09:00:00Z" for day in (23, 24, 25))


class Deployed:
    """The function's use case over a real table; a run is recorded as the state machine does it."""

    def __init__(self, xero: World, table: Table) -> None:
        self.xero, self.table = xero, table
        self.state, self.runs, self.kept = StateStore(table), RunStore(table), MemoryStore()
        self.pulse(skip_unchanged=True)
        connection = {"tenant": xero.books.organisation.id, "name": "n", "grant": "g", "state": "connected"}
        self.state.save_connection("main", "c1", {**connection, "scopes": []})

    def pulse(self, **changes: Any) -> None:
        where = Destination("d1", "slack", channel="C1", install="T1")
        made = Pulse("p1", "cash_position", "c1", (where,), "off", "active", {}, name="Cash")
        keep(self.table, replace(made, **changes))

    def fetch(self, slot: str, calls: int = 0) -> Any:
        notes = Notes(self.runs, self.xero.clock)
        event = {"workspace": "main", "pulse": "p1", "slot": slot}
        keys = {"pk": "WS#main#PULSE#p1", "sk": f"RUN#{slot}"}
        self.table.update(keys["pk"], keys["sk"], {"state": "running", "started_at": slot})
        outcome = fetch(event, self.state, self.kept, lambda *_: self.xero.another_run(), self.xero.clock, notes=notes)
        notes.close("p1", slot, calls)
        return outcome

    def run(self, slot: str, ends: RunState = "sent") -> str:
        """The outcome, and the reason where it is a skip."""
        outcome = self.fetch(slot)
        skipped = outcome["outcome"] == "skip"
        self.table.update("WS#main#PULSE#p1", f"RUN#{slot}", {"state": "skipped" if skipped else ends})
        return str(outcome.get("reason") or outcome["outcome"])

    def row(self, slot: str) -> Run:
        found = self.runs.get("p1", slot)
        assert found
        return found


@pytest.fixture
def deployed(dynamodb: Any) -> Iterator[Deployed]:
    with world(TODAY) as there:
        yield Deployed(there, Table(dynamodb, "state", there.clock))


def test_a_runs_row_is_told_what_it_is_about_and_how_often_xero_was_asked(deployed: Deployed) -> None:
    outcome = deployed.fetch(MONDAY, calls=3)
    deployed.fetch(MONDAY, calls=2)  # the step is tried again, or another attempt takes the slot up
    row = deployed.row(MONDAY)
    assert (row.connection, row.metric, row.name, row.xero_calls) == ("c1", "cash_position", "Cash", 5)
    assert row.facts_hash == facts_hash(Facts.from_json(deployed.kept.get_json(outcome["facts"])))


def test_a_run_that_could_not_be_fetched_has_its_calls_too(deployed: Deployed) -> None:
    deployed.xero.xero.faults.answer("Organisation", 429, headers={"X-Rate-Limit-Problem": "day", "Retry-After": "9"})
    assert deployed.fetch(MONDAY, calls=1)["outcome"] == "defer"
    assert (deployed.row(MONDAY).xero_calls, deployed.row(MONDAY).facts_hash) == (1, "")


def test_nothing_is_noted_of_a_run_that_there_is_not(deployed: Deployed) -> None:
    deployed.runs.note("p1", "never-began", 4, {"metric": "revenue"}, deployed.xero.clock())
    assert deployed.runs.get("p1", "never-began") is None


def test_whatever_takes_a_slot_up_again_says_the_same(deployed: Deployed) -> None:
    """RL-3: whom a retry reaches gets the numbers that the others got."""
    first = deployed.kept.get_json(deployed.fetch(MONDAY)["facts"])
    deployed.xero.clock.pass_by(days=2)
    deployed.xero.xero.calls.clear()
    assert deployed.kept.get_json(deployed.fetch(MONDAY)["facts"]) == first
    assert deployed.xero.xero.calls == []


def test_what_says_nothing_new_is_left_out_until_it_does(deployed: Deployed) -> None:
    assert deployed.run(MONDAY) == "ready"
    assert deployed.run(TUESDAY) == "pulse.unchanged"
    assert deployed.run(WEDNESDAY) == "pulse.unchanged"
    deployed.pulse(skip_unchanged=True, metric="aged_receivables")
    assert deployed.run("2026-11-26T09:00:00Z") == "ready"


def test_without_the_option_everything_is_sent(deployed: Deployed) -> None:
    deployed.pulse(skip_unchanged=False)
    assert [deployed.run(slot) for slot in (MONDAY, TUESDAY)] == ["ready", "ready"]


@pytest.mark.parametrize("ends", ["failed", "partly_sent", "running"])
def test_figures_that_did_not_reach_everybody_are_sent_again(deployed: Deployed, ends: RunState) -> None:
    deployed.run(MONDAY, ends)
    assert deployed.run(TUESDAY) == "ready"


def test_a_changed_pulse_is_sent_even_where_its_figures_are_not_new(deployed: Deployed) -> None:
    deployed.run(MONDAY)
    deployed.pulse(skip_unchanged=True, version=2)
    assert deployed.run(TUESDAY) == "ready"
    assert deployed.run(WEDNESDAY) == "pulse.unchanged"


def test_what_somebody_asked_for_by_hand_is_always_sent_and_counts(deployed: Deployed) -> None:
    deployed.run(MONDAY)
    assert deployed.run("once-more") == "ready"
    assert deployed.run(TUESDAY) == "pulse.unchanged"


def test_a_test_is_sent_and_does_not_count(deployed: Deployed) -> None:
    assert deployed.run("test-1") == "ready"
    assert deployed.run(MONDAY) == "ready"
    assert deployed.run("test-2") == "ready"


def test_a_retried_step_does_not_take_its_own_run_for_an_earlier_one(deployed: Deployed) -> None:
    assert deployed.fetch(MONDAY)["outcome"] == "ready"
    assert deployed.fetch(MONDAY)["outcome"] == "ready"


def test_the_same_figures_have_one_hash_whenever_they_were_read(deployed: Deployed) -> None:
    first = deployed.xero.facts("cash_position")
    deployed.xero.clock.pass_by(minutes=30)
    later = deployed.xero.facts("cash_position")
    assert first.as_of != later.as_of and facts_hash(first) == facts_hash(later)
    assert facts_hash(replace(first, total="1.00")) != facts_hash(first)
    assert facts_hash(replace(first, category_keys=("a",), categories=("A",))) != facts_hash(first)
