"""Lambda `notify`: the state machine's last word about a run, to the owners alone (design 9)."""

from __future__ import annotations

from typing import Any

from functions.notify.compose import dependencies
from functions.notify.notify import notify
from ledgercast.observability import logger, run_of

log = logger("notify")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """{workspace, pulse, slot, machine} → {told, resumes}. It may be called again: nobody is told twice."""
    log.append_keys(**run_of(event))
    answer = notify(event, dependencies())
    log.info("notified", extra=answer)
    return answer
