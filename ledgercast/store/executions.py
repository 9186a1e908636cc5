"""Step Functions: whether an execution still runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

Ended = Literal["running", "timed_out", "ended"]


class Executions:
    def __init__(self, client: SFNClient) -> None:
        self._client = client

    def state(self, arn: str) -> Ended:
        """How it stands; one of which Step Functions knows nothing any more has ended."""
        try:
            status = self._client.describe_execution(executionArn=arn)["status"]
        except self._client.exceptions.ExecutionDoesNotExist:
            return "ended"
        if status in ("RUNNING", "PENDING_REDRIVE"):
            return "running"
        return "timed_out" if status == "TIMED_OUT" else "ended"
