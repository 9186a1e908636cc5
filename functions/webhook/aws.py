"""Two calls of AWS, signed by botocore and sent by the standard library: the webhook's whole cold start hangs on it.

A client of botocore costs three times what all of this does (design 4), and Xero gives a delivery five seconds.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ledgercast.settings import required

TIMEOUT = 1.5  # seconds for connecting and for each read
TRIES = 2
DEADLINE = 3.0  # seconds for a call with its second try; the function itself has four
MOST_BYTES = 128 * 1024

_VERSIONS = {"sqs": "1.0", "secretsmanager": "1.1"}


class Unavailable(Exception):
    """AWS did not do what it was asked; the message is the status or what was seen, never a body."""


class Aws:
    """One region, one set of credentials. `endpoint` stands for every service's own address where it is given.

    A connection is kept from one invocation to the next. One that has died meanwhile is no news: the call is made once
    more on a new one, and so may have been made twice, which both services bear.
    """

    def __init__(
        self, region: str, credentials: Credentials, endpoint: str = "", now: Callable[[], float] = time.monotonic
    ) -> None:
        self._region = region
        self._credentials = credentials
        self._endpoint = endpoint
        self._now = now
        self._open: dict[str, http.client.HTTPConnection] = {}

    def ask(self, service: str, target: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """One call in the service's JSON protocol. Raises Unavailable."""
        url = self._endpoint or f"https://{service}.{self._region}.amazonaws.com"
        kind = f"application/x-amz-json-{_VERSIONS[service]}"
        body = json.dumps(given).encode()
        request = AWSRequest("POST", f"{url}/", {"Content-Type": kind, "X-Amz-Target": target}, body)
        SigV4Auth(self._credentials, service, self._region).add_auth(request)
        return self._sent(url, dict(request.headers.items()), body)

    def close(self) -> None:
        """End the kept connections."""
        while self._open:
            self._open.popitem()[1].close()

    def _sent(self, url: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        ends = self._now() + DEADLINE
        seen = []
        for _ in range(TRIES):
            left = ends - self._now()
            if left <= 0:
                break
            try:
                status, answer = self._tried(url, headers, body, min(TIMEOUT, left))
            except (OSError, http.client.HTTPException) as failed:
                self._open.pop(url).close()
                seen.append(type(failed).__name__)
                continue
            if status == 200:
                return answer
            seen.append(str(status))
            if status < 500:
                break
        raise Unavailable(", ".join(seen))

    def _tried(self, url: str, headers: dict[str, str], body: bytes, seconds: float) -> tuple[int, dict[str, Any]]:
        connection = self._open.get(url)
        if connection is None:
            connection = self._open[url] = _connection(url, seconds)
        elif connection.sock:
            connection.sock.settimeout(seconds)
        connection.request("POST", "/", body, headers)
        answer = connection.getresponse()
        text = answer.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise http.client.HTTPException("too long an answer")
        return answer.status, json.loads(text or b"{}") if answer.status == 200 else {}


def here() -> Aws:
    """As this function runs: its region, its role's credentials. Raises SettingsError."""
    key, secret = required("AWS_ACCESS_KEY_ID"), required("AWS_SECRET_ACCESS_KEY")
    credentials = Credentials(key, secret, os.environ.get("AWS_SESSION_TOKEN"))
    return Aws(required("AWS_REGION"), credentials, os.environ.get("AWS_ENDPOINT_URL", "").rstrip("/"))


def _connection(url: str, seconds: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host = parts.netloc
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, timeout=seconds, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, timeout=seconds)
