"""Two hundred pulses of the same minute: spread inside the window, none lost, one fetch between them (RL-4)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine

from functions.fetch.run import fetch
from functions.fetch.snapshots import MemoryStore
from ledgercast.domain.pulses import Pulse
from ledgercast.domain.schedules import WINDOW_MINUTES
from local.aws.clock import LocalClock
from local.aws.scheduler import Scheduler
from local.aws.targets import Call, Targets
from tests.service.fetch.world import world
from tests.service.pulses.world import Place, pulse

AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)  # a Monday
HOUR_BEFORE = AT - timedelta(hours=1)
STORM = 200


class Noted(Targets):
    """Notes each start with the time of our clock."""

    def __init__(self, clock: LocalClock) -> None:
        super().__init__(lambda _service: None)
        self._clock = clock
        self.starts: list[tuple[datetime, str]] = []

    def deliver(self, call: Call) -> str | None:
        self.starts.append((self._clock.now(), call.payload))
        return None


class State:
    """Every pulse is there, on one connection."""

    def pulse(self, workspace: str, pulse_id: str) -> Pulse | None:
        return pulse(pulse_id)

    def connection(self, workspace: str, connection: str) -> dict[str, Any] | None:
        return {"tenant": "t", "name": "n", "grant": "g", "state": "connected", "scopes": []}


def starts(place: Place, folder: Path) -> list[tuple[datetime, dict[str, Any]]]:
    """What the schedules that the planner made start, and when."""
    with time_machine.travel(HOUR_BEFORE, tick=False):
        for number in range(STORM):
            place.pulses.planner.ensure(pulse(f"p-{number:012x}"))
        made = [place.schedule(f"p-{number:012x}") or {} for number in range(STORM)]
        schedules = [{**one, "LastModificationDate": HOUR_BEFORE.timestamp()} for one in made]
        clock = LocalClock(folder / "clock", HOUR_BEFORE)
        targets = Noted(clock)
        Scheduler(clock, lambda: schedules, lambda _group, _name: None, targets, spread=True).advance(2 * 3600)
    return [(at, json.loads(payload)) for at, payload in targets.starts]


def test_rl4_two_hundred_at_nine_are_spread_and_none_is_lost(place: Place, tmp_path: Path) -> None:
    started = starts(place, tmp_path)

    assert sorted(given["pulse"] for _, given in started) == [f"p-{number:012x}" for number in range(STORM)]
    assert {given["slot"] for _, given in started} == {"2026-11-30T09:00:00Z"}
    late = [(at - AT).total_seconds() for at, _ in started]
    assert 0 <= min(late) <= max(late) < WINDOW_MINUTES * 60
    minutes = [sum(minute * 60 <= one < (minute + 1) * 60 for one in late) for minute in range(WINDOW_MINUTES)]
    assert all(STORM / WINDOW_MINUTES / 2 < one < STORM / WINDOW_MINUTES * 2 for one in minutes), minutes


def calls_of(started: list[tuple[datetime, dict[str, Any]]]) -> int:
    """What a company is asked when these start, each at its time; every one must be ready."""
    with world(AT.date()) as there:
        kept = MemoryStore()
        for at, given in started:
            there.clock.now = at
            assert fetch(given, State(), kept, lambda *_: there.another_run(), there.clock)["outcome"] == "ready"
        return there.asked().total()


def test_rl4_the_storm_costs_one_fetch(place: Place, tmp_path: Path) -> None:
    started = starts(place, tmp_path)

    assert calls_of(started) == calls_of(started[:1]) > 0
