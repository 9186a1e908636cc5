"""A process dies before or after each of its writes: the next read, the next save or the daily pass sets it right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ledgercast.domain.pulses import Pulse
from ledgercast.pulses import Pulses
from tests.service.pulses.world import Fuse, Place, dies, pulse

DAILY = {"every": "day", "at": "07:30", "timezone": "America/New_York"}
Act = Callable[[Pulses], Any]

# What is done to a pulse, and what each store is told for it, in order.
ACTS: dict[str, tuple[Act, list[str]]] = {
    "create": (lambda all_: all_.create(pulse("p-2"), by="m-1"), ["put_item", "create_schedule", "update_item"]),
    "change": (
        lambda all_: all_.change("p-1", schedule=DAILY),
        ["put_item", "create_schedule", "update_schedule", "update_item"],
    ),
    "pause": (lambda all_: all_.pause("p-1"), ["put_item", "delete_schedule", "update_item"]),
    "delete": (lambda all_: all_.delete("p-1"), ["put_item", "delete_schedule", "update_item"]),
}
DEATHS = [
    pytest.param(name, step, after, id=f"{name} {'after' if after else 'before'} {step}. {calls[step - 1]}")
    for name, (_, calls) in ACTS.items()
    for step in range(1, len(calls) + 1)
    for after in (False, True)
]


def right(place: Place) -> bool:
    """Every row as its schedule, every schedule as its row."""
    rows: list[Pulse] = place.store.list()
    wanted = {f"pulse-{one.id}" for one in rows if one.state in ("active", "held")}
    return (
        place.names() == wanted
        and all(one.is_planned for one in rows)
        and all(place.pulses.planner.agrees(one) for one in rows)
    )


@pytest.fixture
def home(place: Place) -> Place:
    place.pulses.create(pulse("p-1"), by="m-1")
    return place


def died(home: Place, name: str, step: int, after: bool) -> Fuse:
    act, calls = ACTS[name]
    fuse = Fuse(step, after)
    with dies():
        act(home.another(fuse))
    assert fuse.done == calls[:step]
    return fuse


def test_the_steps_are_these_and_in_this_order(home: Place) -> None:
    for name in ("create", "change", "pause", "delete"):
        fuse = Fuse()
        act, calls = ACTS[name]
        act(home.another(fuse))
        assert fuse.done == calls, name
        assert right(home)
        if name == "pause":
            home.pulses.resume("p-1")


@pytest.mark.parametrize(("name", "step", "after"), DEATHS)
def test_the_next_read_sets_it_right(home: Place, name: str, step: int, after: bool) -> None:
    died(home, name, step, after)

    home.pulses.list()

    # A pulse that was deleted is never read again: its schedule is left to the daily pass.
    assert right(home) or (name == "delete" and home.names() == {"pulse-p-1"})


@pytest.mark.parametrize(("name", "step", "after"), DEATHS)
def test_the_daily_pass_sets_it_right_and_then_has_nothing_to_do(
    home: Place, name: str, step: int, after: bool
) -> None:
    died(home, name, step, after)

    done = home.pulses.repair_all()

    assert right(home)
    assert done in ({}, {"planned": 1}, {"orphans": 1})
    assert home.pulses.repair_all() == {}


@pytest.mark.parametrize("name", ["change", "pause"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_the_next_save_sets_it_right(home: Place, name: str, step: int) -> None:
    died(home, name, step, True)

    saved = home.pulses.change("p-1", name="Renamed", state="active")

    assert saved.is_planned
    assert right(home)


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_two_who_save_at_once_end_with_the_plan_of_the_second(home: Place, step: int) -> None:
    """The first stops before one of its writes, the second does its whole work, and the first goes on."""
    second: list[Pulse] = []

    class Slow(Fuse):
        def call(self, name: str, send: Any, **given: Any) -> Any:
            if len(self.done) + 1 == step and not second:
                second.append(home.pulses.change("p-1", schedule={**DAILY, "at": "18:00"}))
            return super().call(name, send, **given)

    home.another(Slow()).change("p-1", schedule=DAILY)

    newest = home.store.get("p-1")
    assert newest
    # Before its own save the first is simply the later one.
    assert newest.schedule["at"] == ("07:30" if step == 1 else "18:00")
    assert right(home)


def test_who_was_overtaken_and_died_is_set_right_by_the_daily_pass(home: Place) -> None:
    """The one plan that no version tells of: written late, by a process that did not live to look again."""

    class Overtaken(Fuse):
        def call(self, name: str, send: Any, **given: Any) -> Any:
            if name == "create_schedule":
                home.pulses.change("p-1", schedule={**DAILY, "at": "18:00"})
            return super().call(name, send, **given)

    with dies():
        home.another(Overtaken(3, after=True)).change("p-1", schedule=DAILY)
    assert home.expression("p-1") == "cron(30 7 * * ? *)"

    assert home.pulses.repair_all() == {"planned": 1}

    assert home.expression("p-1") == "cron(0 18 * * ? *)"
    assert right(home)


def test_a_schedule_without_a_row_is_taken_away(home: Place) -> None:
    home.pulses.planner.ensure(pulse("p-nobodys"))

    assert home.pulses.repair_all() == {"orphans": 1}
    assert right(home)


def test_one_that_cannot_be_planned_keeps_no_other_from_its_turn(home: Place) -> None:
    home.store.create(pulse("p-0", schedule={"every": "cron", "cron": "banana", "timezone": "UTC"}))
    home.store.create(pulse("p-9"))

    assert home.pulses.repair_all() == {"failed": 1, "planned": 1}
    assert home.names() == {"pulse-p-1", "pulse-p-9"}
