"""The dependencies of the Lambda `deliver`, from its environment; each can be replaced in a test."""

from __future__ import annotations

import os

from functions.deliver.deliver import Dependencies
from functions.deliver.ses import Mailer
from ledgercast import clock
from ledgercast.domain.workspace import own_domains
from ledgercast.parts import Desk
from ledgercast.settings import Addresses, address, required
from ledgercast.slack.api import Slack
from ledgercast.slack.client import slack_client
from ledgercast.store import connect
from ledgercast.store.ledger import Ledger
from ledgercast.store.optouts import OptOuts
from ledgercast.store.uploads import Uploads


def dependencies() -> Dependencies:
    """Raises SettingsError where the deployment lacks a setting."""
    secrets, api = connect.secrets(), Addresses.read().slack_api
    sender = required("LEDGERCAST_SENDER")
    site = address(os.environ, "LEDGERCAST_PUBLIC_URL", required("LEDGERCAST_PUBLIC_URL"))
    return Dependencies(
        state=connect.state(),
        artefacts=connect.artefacts(),
        uploads=Uploads(connect.state_table()),
        desk=Desk(Ledger(connect.ledger_table()), clock.now),
        slack=lambda secret: Slack(slack_client(secrets.get_json(secret)["bot_token"], api)),
        opt_outs=lambda workspace: OptOuts(connect.state_table(), workspace),
        domains=own_domains(os.environ.get("LEDGERCAST_OWNER_EMAIL", "")),
        public_url=site,
        mailer=lambda: Mailer(connect.client("sesv2", sending=True), sender),
    )
