"""The dependencies of the Lambda `console`, from its environment; each can be replaced in a test."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from functions.console.evenly import evenly
from ledgercast import clock, pulses
from ledgercast.destinations import Destinations
from ledgercast.domain.accounts import normalise_email
from ledgercast.incident_letters import Letters
from ledgercast.mail import Post
from ledgercast.pulses import Pulses
from ledgercast.settings import Addresses, required
from ledgercast.slack.finding import Finding, Seen
from ledgercast.store import connect
from ledgercast.store.artefacts import Artefacts
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.events import EventQueue
from ledgercast.store.executions import Executions
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.installs import Install, InstallStore
from ledgercast.store.invoke import Function
from ledgercast.store.ledger import Ledger
from ledgercast.store.links import LinkStore
from ledgercast.store.optouts import OptOuts
from ledgercast.store.rhythm import RhythmStore
from ledgercast.store.runs import RunStore
from ledgercast.store.settings import SettingsStore
from ledgercast.store.state import StateStore
from ledgercast.store.streams import RouteStore
from ledgercast.web.edge import Edge, from_environment
from ledgercast.xero.scopes import wanted


@dataclass(frozen=True)
class Dependencies:
    """`owner_email`: who becomes the first owner, "" where the deployment names nobody. `evenly` runs a piece of work
    whose length must tell a stranger nothing. `letters` has the words of an incident. `fetch` is the pipeline's
    function, which computes previews, `render` the one that draws them. `executions` starts runs. `run_days` is how
    long what was sent may be kept at most. `channels` looks for channels in the workspace of an install; `xero_scopes`
    are those that a consent asks for."""

    edge: Edge
    state: StateStore
    links: LinkStore
    post: Post
    owner_email: str
    evenly: Callable[[Callable[[], None]], None]
    connections: ConnectionStore
    settings: SettingsStore
    opt_outs: OptOuts
    installs: InstallStore
    incidents: IncidentStore
    letters: Letters
    artefacts: Artefacts
    fetch: Function
    render: Function
    runs: RunStore
    ledger: Ledger
    run_days: int
    pulses: Pulses
    executions: Executions
    routes: RouteStore
    rhythm: RhythmStore
    events: EventQueue
    channels: Callable[[Install], Finding]
    xero_scopes: tuple[str, ...]

    def destinations(self) -> Destinations:
        """What may be written to at this moment."""
        return Destinations(self.settings.get(), self.installs.list(), self.channels)


def dependencies() -> Dependencies:
    """Raises SettingsError where the deployment lacks a setting."""
    state = connect.state_table()
    # The console reads installs and makes none, so it needs neither the key nor the prefix of new secrets.
    installs = InstallStore(state, connect.client("secretsmanager"), key="", prefix="")
    edge, connections = from_environment(), ConnectionStore(state)
    return Dependencies(
        edge=edge,
        state=connect.state(),
        links=LinkStore(state),
        post=Post(connect.client("sesv2", sending=True), required("LEDGERCAST_SENDER"), clock.now),
        owner_email=normalise_email(os.environ.get("LEDGERCAST_OWNER_EMAIL", "")) or "",
        evenly=evenly,
        connections=connections,
        settings=SettingsStore(state, owner_email=os.environ.get("LEDGERCAST_OWNER_EMAIL", "")),
        opt_outs=OptOuts(state),
        installs=installs,
        incidents=IncidentStore(state),
        letters=Letters(connect.state(), connections, edge.members, edge.settings.public_url),
        artefacts=connect.artefacts(),
        fetch=Function(connect.client("lambda", sending=True), required("LEDGERCAST_FETCH_FUNCTION")),
        render=Function(connect.client("lambda", sending=True), required("LEDGERCAST_RENDER_FUNCTION")),
        runs=RunStore(state),
        ledger=Ledger(connect.ledger_table()),
        run_days=int(required("LEDGERCAST_RUN_DAYS")),
        pulses=pulses.from_environment(),
        executions=Executions(connect.client("stepfunctions"), required("LEDGERCAST_STATE_MACHINE")),
        routes=RouteStore(state),
        rhythm=RhythmStore(state),
        events=EventQueue(connect.client("sqs"), required("LEDGERCAST_EVENTS_QUEUE")),
        channels=lambda install: _channels(installs, install),
        xero_scopes=wanted(os.environ.get("LEDGERCAST_XERO_SCOPES") or "granular"),
    )


_SEEN: Seen = {}
"""Outlives the request, as the function's instance does: the next save may ask about the same channel."""


def _channels(installs: InstallStore, install: Install) -> Finding:
    """Imported only when channels are looked for: Slack's library takes a tenth of a second to load."""
    from functions.console.finder import Finder

    return Finder(installs, install, Addresses.read().slack_api, _SEEN)
