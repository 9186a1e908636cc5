"""The daily pass sees that EventBridge Scheduler says what the pulses' rows say (design 9, RL-4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.keepalive.daily import Incomplete
from ledgercast import pulses
from ledgercast.domain.pulses import Pulse
from ledgercast.store.pulses import PulseStore
from tests.service.keepalive.world import House

GROUP = "ledgercast-test"
WEEKLY = {"every": "week", "days": ["mon"], "at": "09:00", "timezone": "Europe/London"}


@pytest.fixture
def made(home: House) -> Pulse:
    """A pulse that was stored by a process which died before it was planned."""
    [connection] = home.connect()
    return PulseStore(home.state).create(replace(home.pulse(connection, pulse_id="p0"), id="p1", schedule=WEEKLY))


def names(home: House) -> set[str]:
    client: Any = home.session.client("scheduler")
    return {one["Name"] for one in client.list_schedules(GroupName=GROUP)["Schedules"]}


def test_what_was_left_unplanned_is_planned_and_an_orphan_goes(home: House, made: Pulse) -> None:
    pulses.from_environment().planner.ensure(replace(made, id="p-of-nobody"))

    done = home.daily()

    assert done["pulses"] >= 2
    assert names(home) == {"pulse-p1"}
    assert home.daily()["pulses"] == 0


def test_a_schedule_that_was_deleted_by_hand_comes_back(home: House, made: Pulse) -> None:
    home.daily()
    home.session.client("scheduler").delete_schedule(GroupName=GROUP, Name="pulse-p1")

    assert home.daily()["pulses"] == 1
    assert names(home) == {"pulse-p1"}


def test_a_pulse_that_cannot_be_planned_ends_the_pass_with_an_error_and_stops_no_other_part(
    home: House, made: Pulse
) -> None:
    broken = {"every": "cron", "cron": "banana", "timezone": "UTC"}
    PulseStore(home.state).create(replace(made, id="p2", schedule=broken))

    with pytest.raises(Incomplete):
        home.daily()

    assert names(home) == {"pulse-p1"}
    assert home.grant(home.connection()).refreshed_at == int(home.clock().timestamp())
