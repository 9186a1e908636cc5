"""Lambda `render`: facts in, a chart and its description out."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from functions.render.chart import render
from functions.render.describe import alt_text, number_table
from functions.render.scene import HEIGHT, WIDTH
from ledgercast.domain.errors import ArtefactMissing
from ledgercast.domain.facts import Facts
from ledgercast.domain.pulses import artefact_key
from ledgercast.observability import logger, run_of
from ledgercast.store import connect

log = logger("render")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """{workspace, pulse, slot, facts} → {"chart": key or None, "details": key}. Raises ArtefactMissing.

    Without activity there is no chart, and the details say so in words.
    """
    log.append_keys(**run_of(event))
    artefacts = connect.artefacts()
    body = artefacts.get_json(event["facts"])
    if body is None:
        raise ArtefactMissing("The facts of this run are no longer stored")
    facts = Facts.from_json(body)
    run = (event["workspace"], event["pulse"], event["slot"])
    details: dict[str, Any] = {"alt": alt_text(facts), "table": number_table(facts)}
    chart = None
    if not facts.empty:
        picture = render(facts)
        chart = artefact_key(*run, "chart.png")
        artefacts.put(chart, picture, "image/png")
        details |= {"sha256": sha256(picture).hexdigest(), "width": WIDTH, "height": HEIGHT}
    key = artefact_key(*run, "chart.json")
    artefacts.put_json(key, details)
    log.info("rendered", extra={"bytes": len(picture) if chart else 0})
    return {"chart": chart, "details": key}
