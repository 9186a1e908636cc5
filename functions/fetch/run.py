"""One run's fetch: what to compute for whom, and what became of it, as the outcomes the state machine chooses by.

A wait or a deferral is a value with seconds in it (design 9); an error that may be tried again is raised for Retry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from functions.fetch.compute import compute
from functions.fetch.snapshots import Snapshots, Store
from ledgercast.clock import Clock
from ledgercast.domain.errors import GrantDisconnected, Held, LedgercastError, XeroLimited, XeroOffline
from ledgercast.domain.pulses import Pulse, artefact_key

OPEN = ("connected", "needs_scopes")


class State(Protocol):
    """What is read of ledgercast.store.state.StateStore."""

    def pulse(self, workspace: str, pulse: str) -> Pulse | None: ...

    def connection(self, workspace: str, connection: str) -> dict[str, Any] | None: ...


SnapshotsOf = Callable[[str, str, dict[str, Any]], Snapshots]
"""The snapshots of (workspace, connection id, connection)."""


def fetch(event: dict[str, Any], state: State, artefacts: Store, snapshots_of: SnapshotsOf, clock: Clock) -> Any:
    """{workspace, pulse, slot} → {"outcome", …}: ready, wait, defer, skip or failed. Raises errors for Retry."""
    try:
        return _ready(event, state, artefacts, snapshots_of, clock)
    except Held as held:
        return {"outcome": "skip", "reason": held.code}
    except XeroLimited as limit:
        outcome = "defer" if limit.kind == "day" else "wait"
        return {"outcome": outcome, "seconds": limit.seconds, "reason": limit.reason}
    except XeroOffline as offline:
        return {"outcome": "wait", "seconds": offline.seconds, "reason": offline.code}
    except LedgercastError as error:
        if error.retryable:
            raise
        return {"outcome": "failed", "reason": error.code}


def _ready(
    event: dict[str, Any], state: State, artefacts: Store, snapshots_of: SnapshotsOf, clock: Clock
) -> dict[str, Any]:
    workspace, pulse_id = event["workspace"], event["pulse"]
    pulse = state.pulse(workspace, pulse_id)
    if pulse is None or pulse.state != "active":
        raise Held("The pulse is not active")
    connection = state.connection(workspace, pulse.connection)
    if connection is None or connection["state"] == "held":
        raise Held("The pulse's connection is held")
    if connection["state"] not in OPEN:
        raise GrantDisconnected("The pulse's connection is disconnected")
    facts = compute(pulse.metric, snapshots_of(workspace, pulse.connection, connection), clock())
    key = artefact_key(workspace, pulse_id, event["slot"], "facts.json")
    artefacts.put_json(key, facts.to_json())
    return {
        "outcome": "ready",
        "facts": key,
        "empty": facts.empty,
        "destinations": [{"id": one.id} for one in pulse.destinations],
        "summary": pulse.summary,
    }
