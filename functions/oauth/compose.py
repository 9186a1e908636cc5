"""The dependencies of the Lambda `oauth`, from its environment; each can be replaced in a test."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from functions.oauth.reasons import Refused
from ledgercast.connections import Transitions
from ledgercast.keeping import Keeping
from ledgercast.settings import Addresses, required
from ledgercast.slack.install import SlackApp
from ledgercast.store import connect
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.consents import ConsentStore
from ledgercast.store.incidents import IncidentStore
from ledgercast.store.installs import InstallStore
from ledgercast.web.edge import Edge, from_environment
from ledgercast.xero.disconnect import Disconnects
from ledgercast.xero.grants import Grants
from ledgercast.xero.identity import Identity
from ledgercast.xero.scopes import wanted
from ledgercast.xero.tokens import grant_store
from ledgercast.xero.wire import Wire

NAME = "oauth"

DELETING_SECONDS = 20.0
"""When, from the beginning on, a disconnect leaves the rest of what is to be deleted to the daily pass."""

CALL_SECONDS = 9.0
"""The longest call of Xero: a callback makes up to three of them, and API Gateway waits for thirty seconds in all."""


@dataclass(frozen=True)
class XeroSide:
    """One Xero app and what is kept of its consents."""

    identity: Identity
    grants: Grants
    disconnects: Disconnects


@dataclass(frozen=True)
class Dependencies:
    """`xero` and `slack` read the app's secret when they are called, and raise Refused where no app is set up.
    `settle` makes the incidents agree with the connections, after these were changed."""

    edge: Edge
    consents: ConsentStore
    connections: ConnectionStore
    installs: InstallStore
    scopes: tuple[str, ...]
    xero: Callable[[], XeroSide]
    slack: Callable[[], SlackApp]
    settle: Callable[[], None]


def dependencies() -> Dependencies:
    """Raises SettingsError where the deployment lacks a setting."""
    table, edge = connect.state_table(), from_environment()
    connections, incidents = ConnectionStore(table), IncidentStore(table)
    key, prefix = required("LEDGERCAST_KEY"), required("LEDGERCAST_SECRET_PREFIX")
    return Dependencies(
        edge=edge,
        consents=ConsentStore(table),
        connections=connections,
        installs=InstallStore(table, connect.client("secretsmanager"), key=key, prefix=prefix),
        scopes=wanted(os.environ.get("LEDGERCAST_XERO_SCOPES") or "granular"),
        xero=_xero,
        slack=_slack,
        settle=Transitions(connections, grant_store(), incidents, edge.audit, edge.now, NAME).settle,
    )


def _xero() -> XeroSide:
    app_id, secret = _credentials("xero")
    local = os.environ.get("LEDGERCAST_LOCAL") == "1"
    wire = Wire(local=local, total_seconds=CALL_SECONDS, read_seconds=CALL_SECONDS)
    identity, store = Identity(Addresses.read(), app_id, secret, wire=wire), grant_store()
    grants = Grants(store, identity)
    table, until = connect.state_table(), time.monotonic() + DELETING_SECONDS
    keeping = Keeping(table, connect.artefacts(), lambda: time.monotonic() > until)
    return XeroSide(identity, grants, Disconnects(ConnectionStore(table), grants, store, identity, keeping))


def _slack() -> SlackApp:
    return SlackApp(Addresses.read().slack_api, *_credentials("slack"))


def _credentials(provider: str) -> tuple[str, str]:
    app = connect.secrets().get_json(required("LEDGERCAST_APP_SECRET"))
    app_id, secret = (str(app.get(f"{provider}_client_{part}") or "") for part in ("id", "secret"))
    if not (app_id and secret):
        raise Refused("not_configured")
    return app_id, secret
