"""Lambda `stream`: Xero's events in Slack. What is not finished comes again; the rest of its batch does not."""

from __future__ import annotations

from typing import Any

from functions.stream.compose import dependencies
from functions.stream.letters import Letter
from functions.stream.work import work


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A batch of SQS → {"batchItemFailures": [{"itemIdentifier": id of a message}]}."""
    letters = [Letter.from_record(record) for record in event["Records"]]
    again = work(letters, dependencies(), lambda: context.get_remaining_time_in_millis() / 1000)
    return {"batchItemFailures": [{"itemIdentifier": one} for one in again]}
