"""What is done with pulses, by people, the API, the daily pass and the local runtime alike.

The row first, as the next version; then its schedule; then the row is marked as planned, if that version is still the
newest: who finds a newer one plans that instead. A process that dies in between leaves `planned` behind `version`,
which is repaired when the pulse is next read or saved, and in the daily pass. That pass also compares every schedule
with its row, so that one which was changed by hand, or written late by a process that was overtaken, is set right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

from ledgercast import clock
from ledgercast.clock import Clock
from ledgercast.domain.pulses import Pulse
from ledgercast.domain.schedules import ScheduleInvalid
from ledgercast.observability import logger
from ledgercast.settings import required
from ledgercast.store import connect
from ledgercast.store.planner import NotPlanned, Planner
from ledgercast.store.pulses import PulseStore, Stale, new_id

log = logger("pulses")

_TRIES = 5
"""How often in a row somebody else may save in between before it is left to the next read."""


class Gone(Exception):
    """There is no such pulse, or no more."""


@dataclass(frozen=True)
class Pulses:
    """Every method that changes a pulse gives it back as it is stored; `is_planned` is False where Scheduler could not
    be told yet, which is repaired later.

    `expected_version` is the version that a person saw: Stale is raised where it is no longer the newest. Without it
    the change is made to whatever is newest.
    """

    store: PulseStore
    planner: Planner
    now: Clock

    def get(self, pulse: str) -> Pulse | None:
        """The pulse, repaired where that was owed; None where it is deleted or never was."""
        found = self.store.get(pulse)
        return self.repair(found) if found else None

    def list(self) -> list[Pulse]:
        """All that are not deleted, by name, each repaired where that was owed."""
        return [self.repair(one) for one in self.store.list()]

    def create(self, pulse: Pulse, by: str) -> Pulse:
        """Store and plan a new pulse; without an id it gets one. Raises ScheduleInvalid for one that never comes, and
        Stale where the id is taken."""
        self._comes(pulse)
        at = self._text()
        made = replace(pulse, id=pulse.id or new_id(), created_by=by, created_at=at, updated_at=at)
        return self._planned(self.store.create(made))

    def change(self, pulse: str, expected_version: int | None = None, **changes: Any) -> Pulse:
        """Set attributes of a Pulse. Raises Stale, Gone and ScheduleInvalid."""
        return self._changed(pulse, expected_version, lambda old: replace(old, **changes))

    def duplicate(self, pulse: str, by: str, name: str) -> Pulse:
        """A copy under another name, paused: nobody gets everything twice before it was looked at. Raises Gone."""
        found = self._known(pulse)
        return self.create(replace(found, id="", name=name, state="paused"), by)

    def pause(self, pulse: str, expected_version: int | None = None) -> Pulse:
        return self.change(pulse, expected_version, state="paused")

    def resume(self, pulse: str, expected_version: int | None = None) -> Pulse:
        """Raises ScheduleInvalid where no run would come any more."""
        return self.change(pulse, expected_version, state="active")

    def delete(self, pulse: str, expected_version: int | None = None) -> Pulse:
        """What ran already stays in the activity under the pulse's name. Raises Stale and Gone."""
        return self.change(pulse, expected_version, state="deleted")

    def repair(self, pulse: Pulse) -> Pulse:
        """Plan what a process that died did not; a pulse in order is given back as it is."""
        return pulse if pulse.is_planned else self._planned(pulse)

    def repair_all(self) -> dict[str, int]:
        """The daily pass: every schedule as its row says, none without a row. Counts: planned, orphans, failed."""
        done: Counter[str] = Counter()
        named = set(self.planner.ids())
        rows = self.store.list()
        for pulse in rows:
            done[self._looked_after(pulse)] += 1
        for orphan in sorted(named - {one.id for one in rows}):
            done[self._orphaned(orphan)] += 1
        del done[""]
        return dict(done)

    def _looked_after(self, pulse: Pulse) -> str:
        try:
            if pulse.is_planned and self.planner.agrees(pulse):
                return ""
        except NotPlanned as why:
            return _failed(pulse.id, why)
        return "planned" if self._planned(pulse).is_planned else "failed"

    def _orphaned(self, pulse_id: str) -> str:
        """A schedule whose pulse is not in the list: its tombstone, or nothing at all, says that there is none."""
        tombstone = self.store.get(pulse_id, deleted=True)
        if tombstone:
            return "orphans" if self._planned(tombstone).is_planned else "failed"
        try:
            self.planner.remove(pulse_id)
        except NotPlanned as why:
            return _failed(pulse_id, why)
        return "orphans"

    def _changed(self, pulse: str, expected_version: int | None, change: Callable[[Pulse], Pulse]) -> Pulse:
        for _ in range(_TRIES):
            old = self._known(pulse)
            if expected_version not in (None, old.version):
                raise Stale(pulse)
            new = replace(change(old), updated_at=self._text())
            self._comes(new)
            try:
                return self._planned(self.store.save(new, old.version))
            except Stale:
                if expected_version is not None:
                    raise
        raise Stale(pulse)

    def _planned(self, pulse: Pulse) -> Pulse:
        """Tell Scheduler, then mark the row; the newest version is planned in the end, whoever saved it."""
        for _ in range(_TRIES):
            try:
                self.planner.ensure(pulse)
            except NotPlanned as why:
                _failed(pulse.id, why)
                return pulse
            if self.store.mark_planned(pulse.id, pulse.version):
                return replace(pulse, planned=pulse.version)
            newest = self.store.get(pulse.id, deleted=True)
            if newest is None:
                return pulse
            pulse = newest
        return pulse

    def _known(self, pulse: str) -> Pulse:
        found = self.store.get(pulse)
        if found is None:
            raise Gone(pulse)
        return found

    def _comes(self, pulse: Pulse) -> None:
        schedule = pulse.when
        if pulse.state == "active" and schedule and schedule.next_run(self.now()) is None:
            raise ScheduleInvalid(
                "cron", "No time that this schedule names is still to come. Check its days and years."
            )

    def _text(self) -> str:
        return self.now().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def from_environment() -> Pulses:
    """Raises SettingsError where the deployment lacks a setting."""
    planner = Planner(
        connect.client("scheduler"),
        group=required("LEDGERCAST_SCHEDULE_GROUP"),
        role=required("LEDGERCAST_SCHEDULER_ROLE"),
        machine=required("LEDGERCAST_STATE_MACHINE"),
        dead_letters=required("LEDGERCAST_SCHEDULER_DEAD_LETTERS"),
    )
    return Pulses(PulseStore(connect.state_table()), planner, clock.now)


def _failed(pulse: str, why: NotPlanned) -> str:
    log.error("a pulse could not be planned", extra={"pulse": pulse, "reason": str(why)})
    return "failed"
