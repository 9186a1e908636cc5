"""Processes that share one grant, as warm Lambda workers do: forked after everything was imported, and killed at will.

Run by `processes.py`. Its first line on stdin is JSON: where AWS and the sandbox are. Then one order a line:

    crowd N NOW       N processes ask for the access token at once; whoever is told that another one is renewing it
                      says `busy` and waits for the line `go`, then asks again
    die K NOW         one process asks, and is gone before its K-th line of the grant's two modules; with K = 0 it
                      lives, and says of each line how much had been sent before it
    create K NOW      one process stores the consent of `tokens`, likewise

Every process says one line of JSON for each thing that happens to it. No token is told, only its hash.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import boto3
from botocore.config import Config

from ledgercast.domain.errors import LedgercastError, RefreshInProgress
from ledgercast.settings import Addresses
from ledgercast.store.grants import GrantStore
from ledgercast.store.table import Table
from ledgercast.xero.grants import Grants
from ledgercast.xero.identity import Identity, TokenSet

WATCHED = ("ledgercast/xero/grants.py", "ledgercast/store/grants.py")
WORKSPACE = "main"


@dataclass(frozen=True)
class Where:
    aws: str
    xero: str
    client_id: str
    client_secret: str
    key: str
    grant: str
    tokens: dict[str, Any]

    def clients(self) -> list[Any]:
        """Made before the fork, as imports are; no connection is open yet, so that none is shared."""
        session: Any = boto3.Session("local", "local", region_name="eu-west-1")
        config = Config(proxies={}, retries={"total_max_attempts": 1})
        services = ("dynamodb", "secretsmanager", "kms")
        return [session.client(service, endpoint_url=self.aws, config=config) for service in services]


CLIENTS: list[Any] = []


def grants_of(where: Where, now: int) -> Grants:
    dynamodb, secrets, kms = CLIENTS

    def clock() -> datetime:
        return datetime.fromtimestamp(now, UTC)

    store = GrantStore(Table(dynamodb, "state", clock), secrets, kms, key=where.key, prefix="ledgercast/test")
    addresses = Addresses(xero_login=where.xero, xero_identity=where.xero, xero_api=where.xero)
    return Grants(store, Identity(addresses, where.client_id, where.client_secret, local=True), clock)


def say(**what: Any) -> None:
    """One write, so that lines of several processes never mix."""
    os.write(1, (json.dumps(what) + "\n").encode())


def told(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def forked(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
    except LedgercastError as error:
        say(error=type(error).__name__)
    except BaseException as error:
        say(error=repr(error))
    finally:
        os._exit(0)


def crowd(where: Where, number: int, now: int) -> None:
    start, again = os.pipe(), os.pipe()

    def ask() -> None:
        os.close(start[1])
        os.close(again[1])
        grants = grants_of(where, now)
        os.read(start[0], 1)
        try:
            say(token=told(grants.access_token(WORKSPACE, where.grant)))
        except RefreshInProgress:
            say(busy=True)
        os.read(again[0], 1)
        say(again=told(grants.access_token(WORKSPACE, where.grant)))

    children = [forked(ask) for _ in range(number)]
    os.close(start[1])
    assert sys.stdin.readline() == "go\n"
    os.close(again[1])
    for child in children:
        os.waitpid(child, 0)
    os.close(start[0])
    os.close(again[0])


def dying(at: int, work: Callable[[], None]) -> None:
    """Do the work, and be gone before line number `at` of it."""
    sent = 0
    before: list[int] = []

    def audit(event: str, _args: Any) -> None:
        nonlocal sent
        sent += event == "http.client.send"

    def trace(frame: FrameType, event: str, _arg: Any) -> Any:
        if not frame.f_code.co_filename.endswith(WATCHED):
            return None
        if event == "line":
            before.append(sent)
            if len(before) == at:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.addaudithook(audit)
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(None)
    say(sent_before=before)


def one(where: Where, order: str, at: int, now: int) -> None:
    def work() -> None:
        grants = grants_of(where, now)
        if order == "die":
            dying(at, lambda: say(token=told(grants.access_token(WORKSPACE, where.grant))))
        else:
            tokens = TokenSet(**{**where.tokens, "scopes": tuple(where.tokens["scopes"])})
            dying(at, lambda: say(grant=grants.create(WORKSPACE, tokens)))

    _, status = os.waitpid(forked(work), 0)
    say(killed=os.WIFSIGNALED(status))


def main() -> None:
    where: Where | None = None
    for line in sys.stdin:
        order, _, rest = line.strip().partition(" ")
        if order == "where":
            where = Where(**json.loads(rest))
            CLIENTS[:] = CLIENTS or where.clients()
            continue
        assert where is not None
        first, second = (int(part) for part in rest.split())
        if order == "crowd":
            crowd(where, first, second)
        else:
            one(where, order, first, second)
        say(over=True)


if __name__ == "__main__":
    main()
