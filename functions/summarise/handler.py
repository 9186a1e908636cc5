"""Lambda `summarise`: facts in, the computed words out. The state machine goes on without them if this fails."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from functions.summarise.summary import summarise
from ledgercast.domain.errors import ArtefactMissing
from ledgercast.domain.facts import Facts
from ledgercast.domain.pulses import artefact_key
from ledgercast.observability import logger, run_of
from ledgercast.store import connect

log = logger("summarise")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """{workspace, pulse, slot, facts} → {"summary": key}. Raises ArtefactMissing."""
    log.append_keys(**run_of(event))
    artefacts = connect.artefacts()
    body = artefacts.get_json(event["facts"])
    if body is None:
        raise ArtefactMissing("The facts of this run are no longer stored")
    summary = summarise(Facts.from_json(body))
    key = artefact_key(event["workspace"], event["pulse"], event["slot"], "summary.json")
    artefacts.put_json(key, {"kind": "template", **asdict(summary)})
    log.info("summarised", extra={"points": len(summary.points)})
    return {"summary": key}
