"""Step Functions: to start a run, and whether an execution still runs."""

from __future__ import annotations

import json
import re
import secrets
from typing import TYPE_CHECKING, Literal

from ledgercast.domain.accounts import WORKSPACE

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

Ended = Literal["running", "timed_out", "ended"]


class Executions:
    """`machine` is the ARN of the state machine, which only who starts runs needs to know."""

    def __init__(self, client: SFNClient, machine: str = "") -> None:
        self._client, self._machine = client, machine

    def start(self, pulse: str, slot: str, *, resume: bool = False, workspace: str = WORKSPACE) -> str:
        """The ARN of a new execution for a slot. The same slot twice is two executions, of which one delivers."""
        given = {"workspace": workspace, "pulse": pulse, "slot": slot, "resume": resume}
        # A name for people to find it by; what makes a run happen once is its claim.
        readable = re.sub(r"[^0-9A-Za-z_-]", "", f"{pulse[:32]}_{slot[:28]}")
        return self._client.start_execution(
            stateMachineArn=self._machine, name=f"{readable}_{secrets.token_hex(8)}", input=json.dumps(given)
        )["executionArn"]

    def state(self, arn: str) -> Ended:
        """How it stands; one of which Step Functions knows nothing any more has ended."""
        try:
            status = self._client.describe_execution(executionArn=arn)["status"]
        except self._client.exceptions.ExecutionDoesNotExist:
            return "ended"
        if status in ("RUNNING", "PENDING_REDRIVE"):
            return "running"
        return "timed_out" if status == "TIMED_OUT" else "ended"
