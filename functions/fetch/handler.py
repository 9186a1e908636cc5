"""Lambda `fetch`: a metric's facts for one run, or what to wait for (design 9)."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from functions.fetch import compose
from functions.fetch.notes import Notes
from functions.fetch.run import fetch
from ledgercast import clock
from ledgercast.domain.connections import Connection
from ledgercast.observability import logger, run_of
from ledgercast.store import connect
from ledgercast.store.runs import RunStore

log = logger("fetch")


def handler(event: dict[str, Any], context: object) -> Any:
    """{workspace, pulse, slot} → one of the outcomes of `functions.fetch.run.fetch`."""
    log.append_keys(**run_of(event))
    asked: list[str] = []
    notes = Notes(RunStore(connect.state_table()))
    try:
        snapshots_of = partial(compose.snapshots_of, asked=asked)
        outcome = fetch(event, connect.state(), connect.artefacts(), snapshots_of, clock.now, _lost, notes)
    finally:
        log.info("asked Xero", extra={"xero_calls": dict(Counter(asked))})
        if "preview" not in event:
            _note(event, notes, len(asked))
    told = {name: outcome[name] for name in ("outcome", "reason", "seconds", "empty") if name in outcome}
    log.info("fetched", extra=told)
    return outcome


def _note(event: dict[str, Any], notes: Notes, calls: int) -> None:
    """Softly: a run is worth more than what is noted of it."""
    try:
        notes.close(event["pulse"], event["slot"], calls)
    except Exception as fault:
        log.error("a run's calls could not be noted", extra={"kind": type(fault).__name__})


def _lost(connection_id: str, connection: dict[str, Any]) -> None:
    """Softly: the run ends by its own reason, and the daily pass finds out what could not be noted here."""
    try:
        compose.transitions().lost(Connection.from_item({**connection, "sk": f"CONN#{connection_id}"}))
    except Exception as fault:
        log.error("a lost connection could not be noted", extra={"kind": type(fault).__name__})
