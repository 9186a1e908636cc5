"""The dependencies of the Lambda `keepalive`, from its environment."""

from __future__ import annotations

import os
from collections.abc import Callable

from functions.keepalive.daily import Dependencies
from functions.keepalive.grants import GrantRound
from functions.keepalive.resets import Resets
from functions.keepalive.runs import MissedSlots, OldRuns, StuckRuns
from functions.keepalive.streams import StreamWatch
from ledgercast import clock, notices, pulses
from ledgercast.connections import Transitions
from ledgercast.keeping import Keeping
from ledgercast.settings import Addresses, required
from ledgercast.store import connect
from ledgercast.store.audit import Audit
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.events import EventQueue
from ledgercast.store.executions import Executions
from ledgercast.store.holds import Holds
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.ledger import Ledger
from ledgercast.store.members import MemberStore
from ledgercast.store.metrics import Metrics
from ledgercast.store.rhythm import RhythmStore
from ledgercast.store.runs import RunStore
from ledgercast.store.settings import SettingsStore
from ledgercast.store.streams import RouteStore
from ledgercast.xero.disconnect import Disconnects
from ledgercast.xero.grants import Grants
from ledgercast.xero.identity import Identity
from ledgercast.xero.tokens import grant_store

NAME = "keepalive"


def dependencies(enough: Callable[[], bool] = lambda: False) -> Dependencies:
    """Raises SettingsError where the deployment lacks a setting. `enough` says when what takes long is broken off."""
    table, ledger = connect.state_table(), connect.ledger_table()
    connections, incidents, runs = ConnectionStore(table), IncidentStore(table), RunStore(table)
    audit = Audit(ledger, clock.now)
    store = grant_store()
    identity = _identity()
    grants = Grants(store, identity, clock.now)
    transitions = Transitions(connections, store, incidents, audit, clock.now, NAME)
    keeping = Keeping(table, connect.artefacts(), enough)
    disconnects = Disconnects(connections, grants, store, identity, keeping)
    return Dependencies(
        grants=store,
        connections=connections,
        disconnects=disconnects,
        round=GrantRound(store, grants, identity, connections, transitions, disconnects, incidents, clock.now),
        stuck=StuckRuns(runs, Executions(connect.client("stepfunctions")), Ledger(ledger), incidents, clock.now),
        missed=MissedSlots(runs, incidents, connect.client("sqs"), required("LEDGERCAST_DEAD_LETTERS"), clock.now),
        resets=Resets(MemberStore(table), connections, Holds(table), incidents, audit, clock.now),
        pulses=pulses.from_environment(),
        old=OldRuns(SettingsStore(table), keeping, clock.now),
        tell=notices.from_environment(NAME).tell,
        now=clock.now,
    )


def stream_watch() -> StreamWatch:
    """Raises SettingsError where the deployment lacks a setting."""
    table = connect.state_table()
    metrics = Metrics(connect.client("cloudwatch"), required("LEDGERCAST_STAGE"))
    return StreamWatch(
        routes=RouteStore(table),
        connections=ConnectionStore(table),
        rhythm=RhythmStore(table),
        incidents=IncidentStore(table),
        dead=EventQueue(connect.client("sqs"), required("LEDGERCAST_EVENTS_DEAD")),
        signatures=metrics.signatures,
        tell=notices.from_environment(NAME).tell,
        now=clock.now,
    )


def _identity() -> Identity:
    app = connect.secrets().get_json(required("LEDGERCAST_APP_SECRET"))
    local = os.environ.get("LEDGERCAST_LOCAL") == "1"
    return Identity(Addresses.read(), app["xero_client_id"], app["xero_client_secret"], local=local)
