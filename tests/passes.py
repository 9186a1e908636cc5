"""Keepalive's passes left out, where our clock is to move over weeks of them and a test is about something else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from local.runtime import Runtime

_KEPT = ("GroupName", "Name", "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target")


@contextmanager
def without(runtime: Runtime, *passes: str) -> Iterator[None]:
    """No "Daily" or "Streams" from here to the end of the block."""
    scheduler, group = runtime.client("scheduler"), runtime.outputs["ScheduleGroupName"]
    names = [one["Name"] for one in scheduler.list_schedules(GroupName=group)["Schedules"]]
    found = [scheduler.get_schedule(GroupName=group, Name=name) for name in names if any(one in name for one in passes)]
    assert len(found) == len(passes), names
    given = [{name: one[name] for name in _KEPT} for one in found]
    for one in given:
        scheduler.update_schedule(**one, State="DISABLED")
    yield
    for one in given:
        scheduler.update_schedule(**one, State="ENABLED")
