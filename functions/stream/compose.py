"""What the Lambda works with, put together from its environment for each batch."""

from __future__ import annotations

import uuid

from functions.stream.documents import SECONDS, Asking
from functions.stream.letters import Queue
from functions.stream.work import Dependencies
from ledgercast import clock
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.parts import Desk
from ledgercast.settings import Addresses, required
from ledgercast.slack.api import Slack
from ledgercast.slack.client import slack_client
from ledgercast.store import connect
from ledgercast.store.installs import InstallStore
from ledgercast.store.ledger import Ledger
from ledgercast.store.organisations import Organisation, OrganisationStore
from ledgercast.store.rhythm import RhythmStore
from ledgercast.store.settings import SettingsStore
from ledgercast.store.streams import EventStore, RouteStore
from ledgercast.xero.client import XeroClient
from ledgercast.xero.tokens import StoredTokens, is_local
from ledgercast.xero.wire import Wire

LARGEST_BYTES = 4 * 1024 * 1024


def dependencies() -> Dependencies:
    """Raises SettingsError where the deployment lacks a setting."""
    table, addresses, secrets = connect.state_table(), Addresses.read(), connect.secrets()
    organisations = OrganisationStore(table)

    def xero(organisation: Organisation) -> XeroClient:
        local = is_local()
        wire = Wire(local=local, total_seconds=SECONDS, read_seconds=SECONDS, largest_bytes=LARGEST_BYTES)
        tokens = StoredTokens(WORKSPACE, organisation.grant)
        return XeroClient(addresses.xero_api, organisation.tenant, tokens, local=local, wire=wire)

    return Dependencies(
        routes=RouteStore(table),
        events=EventStore(table),
        organisations=organisations,
        rhythm=RhythmStore(table),
        settings=SettingsStore(table),
        # It reads no token and makes no secret: only the install's row is touched.
        installs=InstallStore(table, connect.client("secretsmanager"), key="", prefix=""),
        desk=Desk(Ledger(connect.ledger_table()), clock.now),
        asking=Asking(WORKSPACE, uuid.uuid4().hex, connect.state(), xero, organisations.told, clock.now),
        queue=Queue(connect.client("sqs"), required("LEDGERCAST_EVENTS_QUEUE"), required("LEDGERCAST_EVENTS_DEAD")),
        slack=lambda secret: Slack(slack_client(secrets.get_json(secret)["bot_token"], addresses.slack_api)),
        keep=connect.artefacts().put_json,
        most_receives=int(required("LEDGERCAST_MOST_RECEIVES")),
    )
