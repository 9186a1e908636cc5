from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from moto import mock_aws

from local.slack.server import SlackSandbox
from tests.service.deliver.world import Cloud, MovingClock, World, build

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def cloud() -> Iterator[Cloud]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        yield Cloud()


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def slack(clock: MovingClock) -> Iterator[SlackSandbox]:
    with SlackSandbox(clock) as sandbox:
        yield sandbox


@pytest.fixture
def world(cloud: Cloud, slack: SlackSandbox, clock: MovingClock) -> World:
    world = build(f"ws-{next(_numbers)}", cloud, slack, clock)
    world.seed()
    return world
