"""Lambda `fetch`: a metric's facts for one run, or what to wait for (design 9)."""

from __future__ import annotations

from typing import Any

from functions.fetch import compose
from functions.fetch.run import fetch
from ledgercast import clock
from ledgercast.observability import logger, run_of
from ledgercast.store import connect

log = logger("fetch")


def handler(event: dict[str, Any], context: object) -> Any:
    """{workspace, pulse, slot} → one of the outcomes of `functions.fetch.run.fetch`."""
    log.append_keys(**run_of(event))
    outcome = fetch(event, connect.state(), connect.artefacts(), compose.snapshots_of, clock.now)
    told = {name: outcome[name] for name in ("outcome", "reason", "seconds", "empty") if name in outcome}
    log.info("fetched", extra=told)
    return outcome
