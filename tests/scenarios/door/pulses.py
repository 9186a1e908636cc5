"""Sending a chart in these tests: a pulse to Slack and a mailbox, started and waited for."""

from __future__ import annotations

import time
import uuid

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.pulses import Destination, Pulse
from ledgercast.store.installs import InstallStore
from local.aws.scheduler import text_of
from tests.scenarios.door.conftest import Door

READER = "reader-of-charts@example.com"


def install_of(door: Door) -> str:
    """The id of the Slack workspace that is connected."""
    outputs = door.runtime.outputs
    secrets = door.runtime.client("secretsmanager")
    [install] = InstallStore(door.system.table, secrets, key=outputs["KeyArn"], prefix=outputs["SecretPrefix"]).list()
    return install.id


def run(door: Door, metric: str, connection: str) -> str:
    """How the run ended. Our clock is moved past every wait on the way, so there may be one run at a time."""
    destinations = (
        Destination("slack", "slack", channel=door.system.channel, install=install_of(door)),
        Destination("email", "email", addresses=(READER,)),
    )
    name, slot = uuid.uuid4().hex[:10], text_of(door.runtime.clock.now())
    pulse = Pulse(name, metric, connection, destinations, "template", "active", {"every": "day", "at": "09:00"})
    door.system.pulses.store.create(pulse)
    arn = door.runtime.helpers.start(name, slot)
    while door.runtime.client("stepfunctions").describe_execution(executionArn=arn)["status"] == "RUNNING":
        if _waits(door, arn):
            door.runtime.scheduler.advance(300)
        time.sleep(0.05)
    return str((door.system.state.run(WORKSPACE, name, slot) or {})["state"])


def _waits(door: Door, arn: str) -> bool:
    history = door.runtime.client("stepfunctions").get_execution_history(executionArn=arn, maxResults=1000)["events"]
    types = [one["type"] for one in history]
    return types.count("WaitStateEntered") > types.count("WaitStateExited")
