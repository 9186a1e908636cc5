"""What people do with pulses: the row, its version, its schedule, and who is told when two edit at once."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ledgercast.domain.pulses import shown_state
from ledgercast.domain.schedules import ScheduleInvalid
from ledgercast.pulses import Gone
from ledgercast.store.pulses import PulseStore, Stale
from tests.service.pulses.world import WEEKLY, Fuse, Place, Refusing, pulse

DAILY = {"every": "day", "at": "07:30", "timezone": "America/New_York"}


def test_a_new_pulse_gets_an_id_a_version_and_its_schedule(place: Place) -> None:
    made = place.pulses.create(pulse(""), by="m-1")

    assert re.fullmatch(r"p-[0-9a-f]{12}", made.id)
    assert (made.version, made.planned, made.created_by) == (1, 1, "m-1")
    assert made.created_at == made.updated_at == "2026-11-25T12:00:00Z"
    assert place.pulses.get(made.id) == made
    assert place.names() == {f"pulse-{made.id}"}


def test_an_id_that_is_taken_is_not_taken_twice(place: Place) -> None:
    place.pulses.create(pulse(), by="m-1")

    with pytest.raises(Stale):
        place.pulses.create(pulse(name="Another"), by="m-2")
    assert place.store.list()[0].name == "Weekly revenue"


def test_another_zone_and_time_are_planned_anew(place: Place) -> None:
    """RL-4: zone change."""
    place.pulses.create(pulse(), by="m-1")

    changed = place.pulses.change("p-1", 1, schedule=DAILY)

    assert (changed.version, changed.is_planned) == (2, True)
    found = place.schedule("p-1")
    assert found
    assert (found["ScheduleExpression"], found["ScheduleExpressionTimezone"]) == (
        "cron(30 7 * * ? *)",
        "America/New_York",
    )


def test_the_last_writer_is_told_and_nothing_of_the_first_is_lost(place: Place) -> None:
    place.pulses.create(pulse(), by="m-1")
    place.pulses.change("p-1", 1, name="First")

    with pytest.raises(Stale):
        place.pulses.change("p-1", 1, name="Second", schedule=DAILY)

    kept = place.pulses.get("p-1")
    assert kept
    assert (kept.name, kept.version, kept.schedule) == ("First", 2, WEEKLY)
    assert place.expression("p-1") == "cron(0 9 ? * MON *)"


def test_a_change_without_a_version_is_made_to_the_newest(place: Place) -> None:
    place.pulses.create(pulse(), by="m-1")
    others = iter(["dark"])

    class Interrupted(PulseStore):
        """Somebody else saves between this one's reading and saving, once."""

        def save(self, changed: Any, expected_version: int) -> Any:
            for theme in others:
                place.pulses.change("p-1", theme=theme)
            return super().save(changed, expected_version)

    process = place.another(Fuse())
    object.__setattr__(process, "store", Interrupted(process.store._table, now=lambda: place.now))
    changed = process.change("p-1", name="Renamed")

    assert (changed.name, changed.theme, changed.version) == ("Renamed", "dark", 3)


def test_paused_it_has_no_schedule_and_resumed_it_has_one(place: Place) -> None:
    place.pulses.create(pulse(), by="m-1")

    assert place.pulses.pause("p-1").state == "paused"
    assert place.names() == set()
    assert place.pulses.resume("p-1").state == "active"
    assert place.names() == {"pulse-p-1"}


def test_a_copy_is_paused_until_somebody_looked_at_it(place: Place) -> None:
    place.pulses.create(pulse(), by="m-1")

    copy = place.pulses.duplicate("p-1", by="m-2", name="Copy of Weekly revenue")

    assert (copy.state, copy.name, copy.created_by, copy.version) == ("paused", "Copy of Weekly revenue", "m-2", 1)
    assert copy.destinations == pulse().destinations
    assert place.names() == {"pulse-p-1"}


def test_a_deleted_pulse_is_gone_but_past_runs_keep_its_name(place: Place) -> None:
    place.pulses.create(pulse(), by="m-1")

    place.pulses.delete("p-1", 1)

    assert (place.pulses.get("p-1"), place.pulses.list(), place.names()) == (None, [], set())
    tombstone = place.store.get("p-1", deleted=True)
    assert tombstone
    assert tombstone.name == "Weekly revenue"
    row = place.dynamodb.get_item(TableName="state", Key={"pk": {"S": "WS#main"}, "sk": {"S": "PULSE#p-1"}})["Item"]
    assert int(row["ttl"]["N"]) == int(place.now.timestamp()) + 400 * 86_400
    for act in (place.pulses.pause, place.pulses.resume, place.pulses.delete):
        with pytest.raises(Gone):
            act("p-1")


def test_a_schedule_that_never_comes_is_refused_before_anything_is_written(place: Place) -> None:
    past = {"every": "cron", "cron": "0 9 1 1 ? 2021", "timezone": "UTC"}

    with pytest.raises(ScheduleInvalid, match="still to come"):
        place.pulses.create(pulse(schedule=past), by="m-1")
    assert (place.store.list(), place.names()) == ([], set())

    place.pulses.create(pulse(), by="m-1")
    with pytest.raises(ScheduleInvalid):
        place.pulses.change("p-1", schedule=past)
    assert place.pulses.change("p-1", schedule=past, state="paused").state == "paused"
    with pytest.raises(ScheduleInvalid):
        place.pulses.resume("p-1")


def test_lists_are_by_name_and_leave_the_deleted_out(place: Place) -> None:
    for number, name in enumerate(("zebra", "Apple", "mango")):
        place.pulses.create(pulse(f"p-{number}", name=name), by="m-1")
    place.pulses.delete("p-2")

    assert [one.name for one in place.pulses.list()] == ["Apple", "zebra"]


def test_while_scheduler_refuses_the_row_stands_and_says_that_it_is_not_planned(place: Place) -> None:
    busy = place.another(Refusing())

    made = busy.create(pulse(), by="m-1")

    assert (made.is_planned, made.planned) == (False, 0)
    assert busy.get("p-1") == made
    assert busy.repair_all() == {"failed": 1}
    found = place.pulses.get("p-1")
    assert found
    assert found.is_planned
    assert place.names() == {"pulse-p-1"}


def test_a_row_from_before_there_were_versions_is_read_planned_and_changed(place: Place) -> None:
    old = pulse().to_item()
    for name in ("version", "planned", "name", "theme", "skip_unchanged", "names_to_ai", "created_by", "created_at"):
        del old[name]
    old["destinations"] = [{"id": "d1", "kind": "slack", "channel": "C1", "install": "T1"}]
    place.store._table.put({"pk": "WS#main", "sk": "PULSE#p-1", **old})

    found = place.pulses.get("p-1")
    assert found
    assert (found.version, found.is_planned, found.name, found.theme) == (1, True, "", "light")
    assert place.names() == {"pulse-p-1"}
    assert place.pulses.change("p-1", 1, name="Named").version == 2


@pytest.mark.parametrize(
    ("state", "connection", "shown"),
    [
        ("active", "connected", "active"),
        ("active", "needs_scopes", "active"),
        ("active", "held", "held"),
        ("active", "disconnected", "held"),
        ("active", None, "held"),
        ("paused", "disconnected", "paused"),
        ("held", "connected", "held"),
    ],
)
def test_a_pulse_is_shown_as_held_while_its_connection_is_shut(state: str, connection: str | None, shown: str) -> None:
    assert shown_state(pulse(state=state), connection) == shown
