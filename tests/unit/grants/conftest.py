from __future__ import annotations

from collections.abc import Iterator

import pytest

from ledgercast.settings import Addresses
from ledgercast.xero.identity import Identity
from tests.unit.grants.scripted import ScriptedXero


@pytest.fixture
def xero() -> Iterator[ScriptedXero]:
    server = ScriptedXero()
    yield server
    server.close()


@pytest.fixture
def identity(xero: ScriptedXero) -> Identity:
    addresses = Addresses(xero_login=xero.url, xero_identity=xero.url, xero_api=xero.url)
    return Identity(addresses, "the-app", "the-app-secret", local=True)
