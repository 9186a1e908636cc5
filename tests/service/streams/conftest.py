from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.slack.limits import Limits
from local.slack.server import CHANNEL, SlackSandbox
from local.slack.workspace import Channel
from tests.service.conftest import create_table
from tests.service.streams.world import STARTS, MovingClock, World, build

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def tables(session: boto3.Session) -> Iterator[Any]:
    """Made once: every test has a workspace of its own."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        create_table(session, "ledger")
        yield create_table(session, "state")


@pytest.fixture(scope="package")
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture(scope="package")
def workspace_of_slack(clock: MovingClock) -> Iterator[SlackSandbox]:
    with SlackSandbox(clock) as sandbox:
        yield sandbox


@pytest.fixture
def slack(workspace_of_slack: SlackSandbox, clock: MovingClock) -> SlackSandbox:
    """An empty workspace, at the same time of day."""
    clock.at = STARTS
    sandbox = workspace_of_slack
    sandbox.messages.clear()
    sandbox.workspace.calls.clear()
    sandbox.faults.clear()
    sandbox.limits = Limits()
    sandbox.workspace.revoked = False
    sandbox.channels.clear()
    sandbox.channels[CHANNEL] = Channel(CHANNEL, "finance")
    return sandbox


@pytest.fixture
def world(tables: Any, slack: SlackSandbox, clock: MovingClock) -> World:
    return build(f"streams-{next(_numbers)}", tables, slack, clock)
