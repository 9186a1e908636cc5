"""How often Xero's token endpoint is asked when fifty callers at once find the access token run out (design 15).

moto in this process stands for AWS, the sandbox for Xero. The calls of AWS go one at a time, because moto's conditional
writes are not atomic under threads; Xero's answer is held back until all the others have met the lease.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import boto3
import requests
from moto import mock_aws

from ledgercast.domain.errors import RefreshInProgress
from ledgercast.settings import Addresses
from ledgercast.store.grants import GrantStore
from ledgercast.store.table import Table
from ledgercast.xero.grants import Grants
from ledgercast.xero.identity import Identity, TokenSet
from ledgercast.xero.scopes import GRANULAR
from local.xero.generate import generate
from local.xero.server import XeroSandbox

CALLERS: Final = 50
_REDIRECT = "http://localhost:8080/oauth/xero/callback"
_START = datetime(2026, 11, 25, 9, tzinfo=UTC)
# RFC 7636, appendix B
_VERIFIER, _CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def refresh_calls() -> dict[str, Any]:
    """The row `refresh_calls_50_callers` of out/bench.json."""
    calls, agreed = _measure()
    return {
        "id": "refresh_calls_50_callers",
        "value": calls,
        "unit": "token calls",
        "budget": 1,
        "ok": calls == 1 and agreed,
        "how": f"{CALLERS} threads, each with its own Grants, over one expired grant; all end with the same token",
    }


def _measure() -> tuple[int, bool]:
    """Token calls, and whether every caller ended with the same token."""
    now = [_START]
    with mock_aws(), XeroSandbox(generate(_START.date(), empty=True), lambda: now[0]) as sandbox:
        identity = Identity(addresses_of(sandbox), sandbox.client_id, sandbox.client_secret, local=True)
        with _store(lambda: now[0]) as store:
            grant = Grants(store, identity, lambda: now[0]).create("main", consent_of(identity))
            now[0] += timedelta(minutes=31)
            sandbox.calls.clear()
            tokens = _all_at_once(sandbox, lambda: Grants(store, identity, lambda: now[0]).access_token("main", grant))
        calls = sum(call.path == "/connect/token" for call in sandbox.calls)
    return calls, len(set(tokens)) == 1


def _all_at_once(sandbox: XeroSandbox, ask: Callable[[], str]) -> list[str]:
    """Every caller's token; whoever was told that a refresh is going on asks again after it."""
    gate, told = sandbox.faults.hold("/connect/token"), threading.Semaphore(0)

    def caller() -> str:
        try:
            return ask()
        except RefreshInProgress:
            told.release()
            gate.wait()
        while True:
            try:
                return ask()
            except RefreshInProgress:
                threading.Event().wait(0.01)

    with ThreadPoolExecutor(CALLERS) as pool:
        waiting = [pool.submit(caller) for _ in range(CALLERS)]
        for _ in range(CALLERS - 1):
            if not told.acquire(timeout=10):
                break  # somebody else is at Xero too: the figure will say so
        gate.set()
        return [one.result() for one in waiting]


class _InTurn:
    def __init__(self, client: Any, lock: threading.Lock) -> None:
        self._client = client
        self._lock = lock

    def __getattr__(self, name: str) -> Any:
        def call(**given: Any) -> Any:
            with self._lock:
                return getattr(self._client, name)(**given)

        return call


@contextmanager
def _store(now: Callable[[], datetime]) -> Iterator[GrantStore]:
    session = boto3.Session("testing", "testing", region_name="eu-west-1")
    client: Any = session.client
    dynamodb, secrets, kms = client("dynamodb"), client("secretsmanager"), client("kms")
    dynamodb.create_table(
        TableName="state",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    key = kms.create_key()["KeyMetadata"]["Arn"]
    lock = threading.Lock()
    table = Table(_InTurn(dynamodb, lock), "state", now)  # type: ignore[arg-type]
    yield GrantStore(table, secrets, kms, key=key, prefix="ledgercast/bench")


def addresses_of(sandbox: XeroSandbox) -> Addresses:
    return Addresses(xero_login=sandbox.url, xero_identity=sandbox.url, xero_api=sandbox.url)


def consent_of(identity: Identity) -> TokenSet:
    url = identity.authorise_url(redirect=_REDIRECT, state="bench", challenge=_CHALLENGE, scopes=GRANULAR)
    location = requests.get(url, allow_redirects=False, timeout=10).headers["Location"]
    [code] = parse_qs(urlsplit(location).query)["code"]
    return identity.exchange(code, redirect=_REDIRECT, verifier=_VERIFIER)
