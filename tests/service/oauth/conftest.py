from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local.slack.server import SlackSandbox
from local.xero.generate import generate
from local.xero.server import XeroSandbox
from tests.service.oauth.world import Place, place
from tests.service.web.world import START, world


@pytest.fixture(scope="session")
def books() -> Any:
    """Three organisations of one Xero user."""
    return [
        generate(START.date(), seed=seed, name=name, empty=True)
        for seed, name in ((1, "Harbour Tiles"), (2, "Upland Joinery"), (3, "Meadow Bakery"))
    ]


@pytest.fixture
def here(aws: boto3.Session, dynamodb: Any, books: Any) -> Iterator[Place]:
    web = world(dynamodb)
    with XeroSandbox(books, web.clock) as xero, SlackSandbox(web.clock) as slack:
        yield place(aws, web, xero, slack)
        xero.faults.clear()
