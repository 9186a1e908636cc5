from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local.slack.server import SlackSandbox
from tests.service.deliver.world import MovingClock, World, build


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def slack(clock: MovingClock) -> Iterator[SlackSandbox]:
    with SlackSandbox(clock) as sandbox:
        yield sandbox


@pytest.fixture
def world(aws: boto3.Session, dynamodb: Any, slack: SlackSandbox, clock: MovingClock) -> World:
    world = build(aws, slack, clock)
    world.seed()
    return world
