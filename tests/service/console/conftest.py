from __future__ import annotations

from typing import Any

import pytest

from tests.service.console.world import Console, console
from tests.service.web.world import world


@pytest.fixture
def desk(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Console:
    return console(world(dynamodb), monkeypatch)
