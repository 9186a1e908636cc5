"""Lambda `deliver`: one destination of one run. The state machine waits where the answer says so, and asks again."""

from __future__ import annotations

from typing import Any

from functions.deliver.compose import dependencies
from functions.deliver.deliver import deliver
from functions.deliver.job import Job
from ledgercast.observability import logger, run_of

log = logger("deliver")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """{workspace, pulse, slot, destination, facts, chart, details, summary} → done or wait (deliver.py)."""
    log.append_keys(**run_of(event))
    answer = deliver(Job.from_event(event), dependencies(), lambda: context.get_remaining_time_in_millis() / 1000)
    log.info("delivered" if answer["outcome"] == "done" else "waits", extra={"answer": answer})
    return answer
