"""What nobody can do at the front door yet, stored in a fresh local deployment by the product's own stores.

The apps' credentials are the operator's to fill in; a bot token of the environment stands for an installed Slack
workspace, since Slack takes no http redirect; the pulses are real schedules of EventBridge Scheduler.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from ledgercast.domain.accounts import WORKSPACE, normalise_email
from ledgercast.domain.catalogue import METRICS, Metric
from ledgercast.domain.pulses import Destination, Pulse
from ledgercast.slack.install import SCOPES, Installed
from ledgercast.store.installs import InstallStore
from ledgercast.store.links import LinkStore
from ledgercast.store.members import MemberStore
from ledgercast.store.state import StateStore
from ledgercast.store.table import Table
from local.runtime import Runtime
from local.settings import LocalSettings, XeroApp

TEAM = "T0CONFIGURED"
"""The id under which a bot token of the environment is kept: nobody asks Slack for its workspace's own."""
READERS = ("finance@example.com", "board@example.com")
DOMAINS = tuple(sorted({reader.partition("@")[2] for reader in READERS}))
_DAYS = {"daily": "MON-FRI"}  # every other cadence of the catalogue is once a week, on Mondays


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


def pulses(runtime: Runtime, state: StateStore, connection: str, slack: Destination, timezone: str) -> list[Pulse]:
    """One pulse for each metric of the catalogue, to a channel and two mailboxes, each with its schedule."""
    made = [_pulse(metric, connection, slack, timezone) for metric in METRICS]
    for pulse in made:
        state.save_pulse(WORKSPACE, pulse)
        schedule(runtime, pulse)
    return made


def _pulse(metric: Metric, connection: str, slack: Destination, timezone: str) -> Pulse:
    destinations = (slack, Destination("email", "email", addresses=READERS))
    every = "weekday" if metric.cadence in _DAYS else "week"
    schedule = {"every": every, "at": "09:00", "timezone": timezone, **({"days": ["mon"]} if every == "week" else {})}
    return Pulse(metric.id.replace("_", "-"), metric.id, connection, destinations, "template", "active", schedule)


def schedule(runtime: Runtime, pulse: Pulse) -> None:
    """The pulse's schedule in Scheduler: nine o'clock in its time zone, on weekdays or Mondays."""
    days = "MON-FRI" if pulse.schedule["every"] == "weekday" else "MON"
    given = {
        "workspace": WORKSPACE,
        "pulse": pulse.id,
        "slot": "<aws.scheduler.scheduled-time>",
        "resume": False,
    }
    runtime.client("scheduler").create_schedule(
        GroupName=runtime.outputs["ScheduleGroupName"],
        Name=pulse.id,
        ScheduleExpression=f"cron(0 9 ? * {days} *)",
        ScheduleExpressionTimezone=pulse.schedule["timezone"],
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": runtime.outputs["StateMachineArn"],
            "RoleArn": runtime.outputs["SchedulerRoleArn"],
            "Input": json.dumps(given),
            "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10},
            "DeadLetterConfig": {"Arn": runtime.outputs["SchedulerDeadLetterArn"]},
        },
    )
