from __future__ import annotations

from typing import Any

import boto3
import pytest

from tests.service.pulses.world import Place


@pytest.fixture
def place(aws: boto3.Session, dynamodb: Any) -> Place:
    return Place(aws)
