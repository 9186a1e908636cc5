"""One run's fetch: what to compute for whom, and what became of it, as the outcomes the state machine chooses by.

A wait or a deferral is a value with seconds in it (design 9); an error that may be tried again is raised for Retry.
A preview is the same work for a person who looks at a page: no state machine retries it, so every error is an outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from functions.fetch.compute import compute
from functions.fetch.notes import Notes
from functions.fetch.snapshots import Snapshots, Store
from ledgercast.clock import Clock
from ledgercast.domain.connections import GONE_IN_XERO, GRANT_ENDED, OPEN
from ledgercast.domain.errors import (
    ConnectionGone,
    GrantDisconnected,
    Held,
    InProgress,
    LedgercastError,
    XeroLimited,
    XeroOffline,
)
from ledgercast.domain.facts import Facts, facts_hash
from ledgercast.domain.pulses import Pulse, artefact_key, preview_key
from ledgercast.domain.runs import UNCHANGED, is_scheduled

LOOK_AGAIN_SECONDS = 3
"""How soon a preview is asked for again while another process does its work."""

_WHY_SHUT = {GRANT_ENDED: GrantDisconnected.code, GONE_IN_XERO: ConnectionGone.code}


class State(Protocol):
    """What is read of ledgercast.store.state.StateStore."""

    def pulse(self, workspace: str, pulse: str) -> Pulse | None: ...

    def connection(self, workspace: str, connection: str) -> dict[str, Any] | None: ...


SnapshotsOf = Callable[[str, str, dict[str, Any]], Snapshots]
"""The snapshots of (workspace, connection id, connection)."""

Lost = Callable[[str, dict[str, Any]], None]
"""Told of (connection id, connection as it was read) when Xero says that there is no access any more."""


def _nobody(connection_id: str, connection: dict[str, Any]) -> None:
    """Where nobody keeps account of connections."""


def fetch(
    event: dict[str, Any],
    state: State,
    artefacts: Store,
    snapshots_of: SnapshotsOf,
    clock: Clock,
    lost: Lost = _nobody,
    notes: Notes | None = None,
) -> Any:
    """{workspace, pulse, slot} → {"outcome", …}: ready, wait, defer, skip or failed. Raises errors for Retry.

    {workspace, preview: {metric, connection}} → the same without destinations; raises no named error. `notes` keeps
    account of the run, where there is one.
    """
    try:
        if "preview" in event:
            return _previewed(event, state, artefacts, snapshots_of, clock, lost)
        return _ready(event, state, artefacts, snapshots_of, clock, lost, notes or Notes())
    except Held as held:
        return {"outcome": "skip", "reason": held.code}
    except XeroLimited as limit:
        outcome = "defer" if limit.kind == "day" else "wait"
        return {"outcome": outcome, "seconds": limit.seconds, "reason": limit.reason}
    except XeroOffline as offline:
        return {"outcome": "wait", "seconds": offline.seconds, "reason": offline.code}
    except LedgercastError as error:
        if error.retryable and "preview" not in event:
            raise
        if isinstance(error, InProgress):
            return {"outcome": "wait", "seconds": LOOK_AGAIN_SECONDS, "reason": error.code}
        return {"outcome": "failed", "reason": error.code}


def _ready(
    event: dict[str, Any],
    state: State,
    artefacts: Store,
    snapshots_of: SnapshotsOf,
    clock: Clock,
    lost: Lost,
    notes: Notes,
) -> dict[str, Any]:
    workspace, pulse_id = event["workspace"], event["pulse"]
    pulse = state.pulse(workspace, pulse_id)
    if pulse:
        notes.about = {"connection": pulse.connection, "metric": pulse.metric, "name": pulse.name}
    # A pause is the schedule's: what somebody asks for by hand is sent all the same.
    by_hand = pulse is not None and pulse.state == "paused" and not is_scheduled(event["slot"])
    if pulse is None or not (pulse.state == "active" or by_hand):
        raise Held("The pulse is not active")
    shut = _shut(state.connection(workspace, pulse.connection))
    if shut:
        return {"outcome": "skip", "reason": shut}
    key = artefact_key(workspace, pulse_id, event["slot"], "facts.json")
    # A slot says the same however often it is taken up: whom a retry reaches gets what the others got.
    kept = artefacts.get_json(key)
    facts = (
        Facts.from_json(kept)
        if kept
        else _computed(workspace, pulse.connection, pulse.metric, state, snapshots_of, clock, lost)
    )
    if notes.nothing_new(pulse, event["slot"], facts_hash(facts)):
        return {"outcome": "skip", "reason": UNCHANGED}
    return {
        **_kept(artefacts, key, facts),
        "destinations": [{"id": one.id} for one in pulse.destinations],
        "summary": pulse.summary,
        "names_to_ai": pulse.names_to_ai,
        "theme": pulse.theme,
    }


def _previewed(
    event: dict[str, Any], state: State, artefacts: Store, snapshots_of: SnapshotsOf, clock: Clock, lost: Lost
) -> dict[str, Any]:
    workspace, wanted = event["workspace"], event["preview"]
    facts = _computed(workspace, wanted["connection"], wanted["metric"], state, snapshots_of, clock, lost)
    return _kept(artefacts, preview_key(workspace, wanted["connection"], wanted["metric"]), facts)


def _computed(
    workspace: str,
    connection_id: str,
    metric: str,
    state: State,
    snapshots_of: SnapshotsOf,
    clock: Clock,
    lost: Lost,
) -> Facts:
    """The facts of an open connection. Raises Held and GrantDisconnected for any other, and what `compute` raises."""
    connection = state.connection(workspace, connection_id)
    if connection is None or connection["state"] == "held":
        raise Held("The connection is held")
    if connection["state"] not in OPEN:
        raise GrantDisconnected("The connection is disconnected")
    try:
        return compute(metric, snapshots_of(workspace, connection_id, connection), clock())
    except (GrantDisconnected, ConnectionGone):
        lost(connection_id, connection)
        raise


def _shut(connection: dict[str, Any] | None) -> str:
    """Why the pulses of a disconnected connection are held, so that a run of one is skipped; "" where they are not."""
    if connection is None or connection["state"] != "disconnected":
        return ""
    return _WHY_SHUT.get(connection.get("held_reason") or GRANT_ENDED, Held.code)


def _kept(artefacts: Store, key: str, facts: Facts) -> dict[str, Any]:
    artefacts.put_json(key, facts.to_json())
    return {"outcome": "ready", "facts": key, "empty": facts.empty}
