"""EventBridge Scheduler says what the pulses' rows say: one schedule for each pulse that is active or held.

Named `pulse-<id>` in the deployment's group; it starts the machine for its slot, at most WINDOW_MINUTES after its time,
so that pulses of the same minute are spread. A held pulse keeps its schedule: its runs are recorded as skipped, with
the reason. A paused or deleted one has none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.cron import InvalidExpression
from ledgercast.domain.pulses import Pulse
from ledgercast.domain.schedules import WINDOW_MINUTES

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

PREFIX = "pulse-"
OLDEST_START_SECONDS = 3600
START_ATTEMPTS = 10
"""An event that could not be delivered is kept for one hour at most, then it goes to the dead letters (design 9)."""


class NotPlanned(Exception):
    """Scheduler could not be told; what it says of the pulse is unknown. The message is a code for the log."""


class Planner:
    """`group` by name; `role` (which Scheduler assumes), `machine` and `dead_letters` by ARN."""

    def __init__(
        self,
        client: EventBridgeSchedulerClient,
        group: str,
        role: str,
        machine: str,
        dead_letters: str,
        workspace: str = WORKSPACE,
    ) -> None:
        self._client, self._group, self._role = client, group, role
        self._machine, self._dead_letters, self._workspace = machine, dead_letters, workspace

    def ensure(self, pulse: Pulse) -> None:
        """Make, change or delete the pulse's schedule; asked again, it does the same once. Raises NotPlanned."""
        with _telling():
            wanted = self._wanted(pulse)
            if wanted is None:
                self._delete(pulse.id)
            else:
                self._write(wanted)

    def agrees(self, pulse: Pulse) -> bool:
        """Whether Scheduler says what the row says. Raises NotPlanned."""
        with _telling():
            wanted = self._wanted(pulse)
            try:
                found: Any = self._client.get_schedule(GroupName=self._group, Name=name_of(pulse.id))
            except self._client.exceptions.ResourceNotFoundException:
                return wanted is None
            return wanted is not None and all(found.get(name) == value for name, value in wanted.items())

    def ids(self) -> list[str]:
        """The pulses that have a schedule, whether there is a row of them or not. Raises NotPlanned."""
        with _telling():
            pages = self._client.get_paginator("list_schedules").paginate(GroupName=self._group, NamePrefix=PREFIX)
            return [one["Name"].removeprefix(PREFIX) for page in pages for one in page["Schedules"]]

    def remove(self, pulse: str) -> None:
        """Delete the schedule of a pulse that has no row. Raises NotPlanned."""
        with _telling():
            self._delete(pulse)

    def _wanted(self, pulse: Pulse) -> dict[str, Any] | None:
        schedule = pulse.when
        if schedule is None or pulse.state not in ("active", "held"):
            return None
        return {
            "GroupName": self._group,
            "Name": name_of(pulse.id),
            "ScheduleExpression": schedule.expression(),
            "ScheduleExpressionTimezone": schedule.timezone,
            "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": WINDOW_MINUTES},
            # An update sets whatever it does not name to its default: all is named each time.
            "State": "ENABLED",
            "Target": {
                "Arn": self._machine,
                "RoleArn": self._role,
                "Input": json.dumps(
                    {
                        "workspace": self._workspace,
                        "pulse": pulse.id,
                        "slot": "<aws.scheduler.scheduled-time>",
                        "resume": False,
                    }
                ),
                "RetryPolicy": {
                    "MaximumEventAgeInSeconds": OLDEST_START_SECONDS,
                    "MaximumRetryAttempts": START_ATTEMPTS,
                },
                "DeadLetterConfig": {"Arn": self._dead_letters},
            },
        }

    def _write(self, wanted: dict[str, Any]) -> None:
        try:
            self._client.create_schedule(**wanted)
        except self._client.exceptions.ConflictException:
            # One that is deleted between the two calls is another's doing, who plans again after it.
            self._client.update_schedule(**wanted)

    def _delete(self, pulse: str) -> None:
        with suppress(self._client.exceptions.ResourceNotFoundException):
            self._client.delete_schedule(GroupName=self._group, Name=name_of(pulse))


def name_of(pulse: str) -> str:
    return f"{PREFIX}{pulse}"


@contextmanager
def _telling() -> Iterator[None]:
    """Whatever keeps Scheduler from being told is NotPlanned."""
    try:
        yield
    except ClientError as error:
        raise NotPlanned(error.response["Error"]["Code"]) from error
    except (BotoCoreError, InvalidExpression) as error:
        raise NotPlanned(type(error).__name__) from error
