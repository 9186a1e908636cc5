from __future__ import annotations

from typing import Any

import boto3
import pytest

from tests.service.console.world import Console, console
from tests.service.web.world import world


@pytest.fixture
def desk(dynamodb: Any, aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Console:
    return console(world(dynamodb), aws, monkeypatch)
