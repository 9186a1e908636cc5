"""Puts a connected workspace into a fresh local deployment, by the stores that the product itself uses.

The grant is a real one, from the token endpoint; the pulses are real schedules of EventBridge Scheduler.
"""

from __future__ import annotations

import json

from ledgercast.domain.catalogue import METRICS, Metric
from ledgercast.domain.pulses import Destination, Pulse
from ledgercast.store.grants import GrantStore
from ledgercast.store.state import StateStore
from ledgercast.store.table import Table
from ledgercast.xero.grants import Grants
from ledgercast.xero.identity import Identity
from local.consent import Consent
from local.runtime import Runtime
from local.settings import LocalSettings, XeroApp

WORKSPACE = "main"
CONNECTION = "xero-1"
INSTALL = "slack-1"
READERS = ("finance@example.com", "board@example.com")
_DAYS = {"daily": "MON-FRI"}  # every other cadence of the catalogue is once a week, on Mondays


def app_secret(runtime: Runtime, settings: LocalSettings, app: XeroApp) -> None:
    """What `admin secrets set` fills in: the ids and secrets of the Xero and Slack apps."""
    body = {
        "xero_client_id": app.client_id,
        "xero_client_secret": app.client_secret,
        "xero_webhook_keys": list(settings.xero_webhook_keys),
        "slack_client_id": settings.slack_client_id or "",
        "slack_client_secret": settings.slack_client_secret or "",
        "slack_signing_secret": settings.slack_signing_secret or "",
    }
    runtime.client("secretsmanager").put_secret_value(
        SecretId=runtime.outputs["AppSecretArn"], SecretString=json.dumps(body)
    )


def connection(runtime: Runtime, state: StateStore, identity: Identity, given: Consent) -> None:
    """The consented organisation, and the grant it belongs to."""
    store = GrantStore(
        Table(runtime.client("dynamodb"), runtime.outputs["StateTable"], runtime.clock.now),
        runtime.client("secretsmanager"),
        runtime.client("kms"),
        key=runtime.outputs["KeyArn"],
        prefix=runtime.outputs["SecretPrefix"],
    )
    grant = Grants(store, identity, runtime.clock.now).create(WORKSPACE, given.tokens)
    item = {
        "tenant": given.connection.tenant,
        "name": given.connection.name,
        "grant": grant,
        "state": "connected",
        "scopes": list(given.tokens.scopes),
    }
    state.save_connection(WORKSPACE, CONNECTION, item)


def slack_install(runtime: Runtime, state: StateStore, token: str, channel: str) -> None:
    """The bot's token, and who may be written to."""
    secret = runtime.client("secretsmanager").create_secret(
        Name=f"{runtime.outputs['SecretPrefix']}/slack/{INSTALL}",
        KmsKeyId=runtime.outputs["KeyArn"],
        SecretString=json.dumps({"bot_token": token}),
    )
    state.save_slack_install(WORKSPACE, INSTALL, {"secret": secret["ARN"]})
    domains = sorted({reader.partition("@")[2] for reader in READERS})
    state.save_settings(WORKSPACE, {"mail_domains": domains, "slack_channels": [channel]})


def pulses(runtime: Runtime, state: StateStore, channel: str, timezone: str) -> list[Pulse]:
    """One pulse for each metric of the catalogue, each with its schedule in Scheduler."""
    made = [_pulse(metric, channel, timezone) for metric in METRICS]
    for pulse in made:
        state.save_pulse(WORKSPACE, pulse)
        _schedule(runtime, pulse)
    return made


def _pulse(metric: Metric, channel: str, timezone: str) -> Pulse:
    destinations = (
        Destination("slack", "slack", channel=channel, install=INSTALL),
        Destination("email", "email", addresses=READERS),
    )
    every = "weekday" if metric.cadence in _DAYS else "week"
    schedule = {"every": every, "at": "09:00", "timezone": timezone, **({"days": ["mon"]} if every == "week" else {})}
    return Pulse(metric.id.replace("_", "-"), metric.id, CONNECTION, destinations, "template", "active", schedule)


def _schedule(runtime: Runtime, pulse: Pulse) -> None:
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
