"""Lambda `summarise`: facts in, words out. The state machine goes on without them if this fails."""

from __future__ import annotations

from typing import Any

from functions.summarise import compose
from functions.summarise.write import Wish, record, write
from ledgercast.domain.errors import ArtefactMissing
from ledgercast.domain.facts import Facts
from ledgercast.domain.pulses import artefact_key
from ledgercast.observability import logger, run_of
from ledgercast.store import connect

log = logger("summarise")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """{workspace, pulse, slot, facts, summary, names_to_ai} → {"summary": key, "record"}. Raises ArtefactMissing.

    What a slot was once given is kept: whom a retry reaches reads what the others read, and no model is asked twice.
    """
    log.append_keys(**run_of(event))
    artefacts = connect.artefacts()
    key = artefact_key(event["workspace"], event["pulse"], event["slot"], "summary.json")
    summary = artefacts.get_json(key)
    if summary is None:
        body = artefacts.get_json(event["facts"])
        if body is None:
            raise ArtefactMissing("The facts of this run are no longer stored")
        wish = Wish(ai=event.get("summary") == "ai", names=event.get("names_to_ai") is True)
        summary = write(Facts.from_json(body), wish, compose.model() if wish.ai else None)
        artefacts.put_json(key, summary)
    told = record(summary)
    log.info("summarised", extra={"points": len(summary["points"]), "kind": told["kind"], "why": told["why"]})
    return {"summary": key, "record": told}
