from __future__ import annotations

import boto3
import pytest

from tests.service.conftest import REGION
from tests.service.ops.world import World, deployed


@pytest.fixture
def world(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> World:
    """The commands share the test's session of boto3: a new one for each costs more than all that they do with it."""
    real = boto3.Session

    def session(region_name: str | None) -> boto3.Session:
        return aws if region_name in (None, REGION) else real(region_name=region_name)

    monkeypatch.setattr("ledgercast.ops.deployment.Session", session)
    return deployed(aws)
