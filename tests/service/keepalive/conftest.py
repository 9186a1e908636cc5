from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.service.keepalive.world import House, house


@pytest.fixture
def home(aws: boto3.Session, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with house(aws, monkeypatch) as made:
        yield made
