from __future__ import annotations

from typing import Any

import boto3
import pytest

from tests.service.mfa.world import Place, place


@pytest.fixture
def here(aws: boto3.Session, dynamodb: Any) -> Place:
    return place(aws, dynamodb)
