"""What the owners are told of a run once it is recorded, and when a deferred one goes on (design 9).

A run's row says everything; the event only names it. What went wrong opens an incident, one for each thing to be
mended; a later run of the same pulse that is sent closes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.notify.resume import Resumes
from ledgercast.clock import Clock
from ledgercast.domain.errors import code_of
from ledgercast.domain.incidents import CONSENT_ENDED, Incident, cause_of
from ledgercast.slack.errors import DEAD_TOKEN
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.state import StateStore
from ledgercast.store.table import Item

FLAWED = ("failed", "partly_sent", "deferred")


@dataclass(frozen=True)
class Dependencies:
    """`tell` sends what is due to the owners. `slack_broke` notes on an install that its token is dead, and why."""

    state: StateStore
    incidents: IncidentStore
    resumes: Resumes
    tell: Callable[[], int]
    slack_broke: Callable[[str, str], bool]
    now: Clock


def notify(event: dict[str, Any], have: Dependencies) -> dict[str, Any]:
    """{workspace, pulse, slot, machine} → {"told": incidents told, "resumes": instant or null}."""
    pulse, slot = event["pulse"], event["slot"]
    row = have.state.run(event["workspace"], pulse, slot) or {}
    resumes = None
    if row.get("state") == "sent":
        _mended(pulse, have)
    elif row.get("state") in FLAWED:
        resumes = have.resumes.plan(event, row) if row["state"] == "deferred" else None
        _went_wrong(event, row, resumes, have)
        _dead_tokens(event["workspace"], pulse, row, have)
    return {"told": have.tell(), "resumes": resumes and resumes.isoformat()}


def _went_wrong(event: dict[str, Any], row: Item, resumes: datetime | None, have: Dependencies) -> None:
    pulse_id, reason = event["pulse"], code_of(str(row.get("reason") or "internal"))
    pulse = have.state.pulse(event["workspace"], pulse_id)
    connection = pulse.connection if pulse else ""
    if reason in CONSENT_ENDED and _consent_incident(event["workspace"], connection, have):
        return
    kind, subject = cause_of(reason, pulse_id, connection)
    until = resumes.isoformat() if resumes else ""
    about = {"pulse": pulse_id, "slot": event["slot"], "status": row["state"], "until": until}
    have.incidents.open(kind, subject, have.now(), reason=reason, about=about)


def _dead_tokens(workspace: str, pulse_id: str, row: Item, have: Dependencies) -> None:
    """Slack installs that a delivery found dead are shown as broken from now on."""
    pulse = have.state.pulse(workspace, pulse_id)
    for one in row.get("deliveries") or ():
        destination = pulse.destination(one["destination"]) if pulse else None
        if destination and one["reason"] in DEAD_TOKEN:
            have.slack_broke(destination.install, one["reason"])


def _consent_incident(workspace: str, connection: str, have: Dependencies) -> Incident | None:
    """The incident that fetch wrote down when it found the connection shut."""
    row = have.state.connection(workspace, connection) or {}
    found = (have.incidents.get("grant", str(row.get("grant", ""))), have.incidents.get("connection", connection))
    return next((one for one in found if one and one.is_open), None)


def _mended(pulse: str, have: Dependencies) -> None:
    for incident in have.incidents.list():
        if incident.is_open and incident.kind in ("pulse", "cause") and incident.about.get("pulse") == pulse:
            have.incidents.close(incident, have.now())
