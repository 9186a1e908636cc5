"""A moto server that takes one request of DynamoDB at a time, the sandbox, and processes sharing one grant."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local.aws.clock import LocalClock
from local.aws.hooks import Hooks, server
from local.xero.generate import generate
from local.xero.server import XeroSandbox
from tests.service.conftest import create_table
from tests.service.grants.conftest import START, WORKSPACE, Clock, World

ROOT = Path(__file__).parents[3]


class _Session:
    """A boto3 session whose clients go to one endpoint."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._session: Any = boto3.Session("local", "local", region_name="eu-west-1")

    def client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self._endpoint, config=Config(proxies={}))


class Processes:
    """The world of one grant, and a process without threads that forks others from itself."""

    def __init__(self, world: World, endpoint: str) -> None:
        self.world = world
        self.endpoint = endpoint
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._running = subprocess.Popen(
            [sys.executable, "-m", "tests.service.grants.callers"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def close(self) -> None:
        assert self._running.stdin and self._running.stdout
        self._running.stdin.close()
        self._running.wait(timeout=20)
        self._running.stdout.close()

    def order(self, text: str) -> None:
        assert self._running.stdin
        self._running.stdin.write(text + "\n")

    def line(self) -> dict[str, Any]:
        assert self._running.stdout
        return dict(json.loads(self._running.stdout.readline()))

    def lines(self) -> list[dict[str, Any]]:
        """Everything until the order is carried out."""
        told = []
        while not (line := self.line()).get("over"):
            told.append(line)
        return told

    def place(self, grant: str, tokens: Any = None) -> None:
        """Tell the process where everything is."""
        sandbox = self.world.sandbox
        given = {
            "aws": self.endpoint,
            "xero": sandbox.url,
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
            "key": self.world.key,
            "grant": grant,
            "tokens": {
                "access_token": tokens.access_token,
                "refresh_token": tokens.refresh_token,
                "expires_in": tokens.expires_in,
                "scopes": tokens.scopes,
            }
            if tokens
            else {},
        }
        self.order(f"where {json.dumps(given)}")

    def run(self, order: str, at: int) -> list[dict[str, Any]]:
        self.order(f"{order} {at} {self.now}")
        return self.lines()

    @property
    def now(self) -> int:
        return int(self.world.clock().timestamp())

    def expired_grant(self) -> str:
        """A fresh consent whose access token has just run out."""
        grant = self.world.grants().create(WORKSPACE, self.world.consent())
        self.world.clock.advance(minutes=31)
        self.world.sandbox.calls.clear()
        return grant


@contextmanager
def processes(folder: Path) -> Iterator[Processes]:
    clock = Clock()
    hooks = Hooks("eu-west-1", LocalClock(folder / "clock"), lambda _arn, payload, _waits: (payload, False))
    running = server()
    running.start()
    try:
        host, port = running.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        session: Any = _Session(endpoint)
        with XeroSandbox(generate(START.date(), empty=True), clock) as sandbox:
            made = Processes(World(session, create_table(session, "state"), sandbox, clock), endpoint)
            try:
                yield made
            finally:
                sandbox.faults.clear()
                made.close()
    finally:
        running.stop()
        hooks.close()
