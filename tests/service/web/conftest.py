"""An edge over tables in memory with a clock that the test moves, and a small app behind it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service.web.world import World, world


@pytest.fixture
def edge_world(dynamodb: Any) -> World:
    return world(dynamodb)
