from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.slack.server import SlackSandbox
from tests.service.streams.world import MovingClock


@pytest.fixture
def slack() -> Iterator[SlackSandbox]:
    with SlackSandbox(MovingClock()) as sandbox:
        yield sandbox
