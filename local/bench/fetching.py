"""How often the metrics ask Xero's accounting API (design 15): cold, again, in the hour, with many invoices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from functions.fetch.compute import compute
from functions.fetch.snapshots import MemoryStore, Snapshots
from ledgercast.domain.catalogue import METRICS
from ledgercast.xero.client import XeroClient
from ledgercast.xero.identity import Identity
from local.bench.grants import addresses_of, consent_of
from local.consent import MemoryGrant
from local.xero.books import Books
from local.xero.generate import generate
from local.xero.server import XeroSandbox

Row = dict[str, Any]

ALL: Final = tuple(one.id for one in METRICS)
_START: Final = datetime(2026, 11, 25, 9, tzinfo=UTC)


def rows() -> list[Row]:
    cold, again, hour = _calls(generate(_START.date()), ALL, (0, 9, 50))
    many = max(_calls(generate(_START.date(), many_invoices=True), (one,), (0,))[0] for one in ALL[-2:])
    eleven = "eleven metrics of one organisation one after the other, snapshots shared"
    return [
        _row("xero_calls_cold", cold, 24, f"{eleven}; nothing kept before"),
        _row("xero_calls_again", again, 0, f"{eleven}; nine minutes later"),
        _row("xero_calls_hour", hour, 10, f"{eleven}; fifty minutes later"),
        _row("xero_calls_ageing_1500", many, 7, "an ageing metric alone, nothing kept before, 1,500 open invoices"),
    ]


def _calls(books: Books, metrics: tuple[str, ...], minutes: tuple[int, ...]) -> list[int]:
    """The accounting calls of each round, that many minutes after the start."""
    now = [_START]
    counted = []
    with XeroSandbox(books, lambda: now[0]) as sandbox:
        identity = Identity(addresses_of(sandbox), sandbox.client_id, sandbox.client_secret, local=True)
        tokens = consent_of(identity)
        grant = MemoryGrant(identity, tokens)
        [connection] = identity.connections(tokens.access_token)
        xero = XeroClient(sandbox.url, connection.tenant, grant, local=True)
        store = MemoryStore()
        for minute in minutes:
            now[0] = _START + timedelta(minutes=minute)
            before = len(sandbox.calls)
            for metric in metrics:
                compute(metric, Snapshots(store, "bench", xero, lambda: now[0]), now[0])
            # A call made once more with a renewed token is a retry, and not counted.
            counted.append(sum(call.accounting and call.status == 200 for call in sandbox.calls[before:]))
    return counted


def _row(name: str, value: int, budget: int, how: str) -> Row:
    return {"id": name, "value": value, "unit": "calls", "budget": budget, "ok": value <= budget, "how": how}
