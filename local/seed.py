"""What nobody can do at the front door yet, stored in a fresh local deployment by the product's own stores.

The apps' credentials are the operator's to fill in; a bot token of the environment stands for an installed Slack
workspace, since Slack takes no http redirect.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from ledgercast.domain.accounts import normalise_email
from ledgercast.slack.install import SCOPES, Installed
from ledgercast.store.installs import InstallStore
from ledgercast.store.links import LinkStore
from ledgercast.store.members import MemberStore
from ledgercast.store.table import Table
from local.runtime import Runtime
from local.settings import LocalSettings, XeroApp

TEAM = "T0CONFIGURED"
"""The id under which a bot token of the environment is kept: nobody asks Slack for its workspace's own."""


def app_secret(
    runtime: Runtime, settings: LocalSettings, xero: XeroApp, slack: tuple[str, str], webhook_keys: Sequence[str]
) -> None:
    """`slack` is the sandbox's id and secret, for where none are set. This is what `admin secrets set` fills in."""
    body = {
        "xero_client_id": xero.client_id,
        "xero_client_secret": xero.client_secret,
        "xero_webhook_keys": list(webhook_keys),
        "slack_client_id": settings.slack_client_id or slack[0],
        "slack_client_secret": settings.slack_client_secret or slack[1],
        "slack_signing_secret": settings.slack_signing_secret or "",
    }
    runtime.client("secretsmanager").put_secret_value(
        SecretId=runtime.outputs["AppSecretArn"], SecretString=json.dumps(body)
    )


def slack_install(runtime: Runtime, table: Table, token: str, now: datetime) -> str:
    """The install that a bot token stands for: its id."""
    installs = InstallStore(
        table,
        runtime.client("secretsmanager"),
        key=runtime.outputs["KeyArn"],
        prefix=runtime.outputs["SecretPrefix"],
    )
    given = Installed(TEAM, "Slack of the environment", app_id="", bot_user="", scopes=SCOPES, bot_token=token)
    return installs.save(given, member="", now=now).id


def sign_in_link(table: Table, public_url: str, email: str, now: datetime) -> str:
    """One link for the owner, as `admin sign-in-link` makes it: good once, for a quarter of an hour."""
    members = MemberStore(table)
    address = normalise_email(email) or email
    owner = members.create(address, "owner", "invited", now) or members.by_email(address)
    assert owner is not None
    return f"{public_url}/sign-in/verify?token={LinkStore(table).make(owner, now)}"
