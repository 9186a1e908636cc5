"""Lambda `render`: facts in, a chart and its description out."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from functions.render.chart import render
from functions.render.describe import alt_text, number_table
from functions.render.scene import HEIGHT, WIDTH
from ledgercast.domain.errors import ArtefactMissing
from ledgercast.domain.facts import Facts
from ledgercast.domain.pulses import artefact_key, preview_key
from ledgercast.observability import logger, run_of
from ledgercast.store import connect

log = logger("render")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """{workspace, pulse, slot, facts, theme} → {"chart": key or None, "details": key}. Raises ArtefactMissing.

    {workspace, preview: {metric, connection}, facts, theme} → the same beside the preview's facts. What was drawn of
    the same facts before stays as it is. Without activity there is no chart, and the details say so in words.
    """
    log.append_keys(**run_of(event))
    artefacts = connect.artefacts()
    body = artefacts.get_json(event["facts"])
    if body is None:
        raise ArtefactMissing("The facts of this run are no longer stored")
    picture_key, details_key = _keys(event)
    drawn_of = sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    known = artefacts.get_json(details_key)
    if known and known.get("facts") == drawn_of:
        log.info("rendered before")
        return {"chart": picture_key if "sha256" in known else None, "details": details_key}
    facts = Facts.from_json(body)
    details: dict[str, Any] = {"alt": alt_text(facts), "table": number_table(facts), "facts": drawn_of}
    picture = None if facts.empty else render(facts, theme=event.get("theme", "light"))
    if picture is not None:
        artefacts.put(picture_key, picture, "image/png")
        details |= {"sha256": sha256(picture).hexdigest(), "width": WIDTH, "height": HEIGHT}
    artefacts.put_json(details_key, details)
    log.info("rendered", extra={"bytes": len(picture or b"")})
    return {"chart": picture_key if picture else None, "details": details_key}


def _keys(event: dict[str, Any]) -> tuple[str, str]:
    """Where the chart and its details go."""
    if "preview" not in event:
        run = (event["workspace"], event["pulse"], event["slot"])
        return artefact_key(*run, "chart.png"), artefact_key(*run, "chart.json")
    of = (event["workspace"], event["preview"]["connection"], event["preview"]["metric"])
    theme = event.get("theme", "light")
    return preview_key(*of, f"-{theme}.png"), preview_key(*of, f"-{theme}.json")
