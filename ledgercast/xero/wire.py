"""One bounded request to Xero's identity side: timeouts, a size cap, no redirects, no retries (SX-1, SX-2).

`requests` keeps the whole request, credentials included, in its exceptions. So a failure is noted inside the handler
and raised outside it: an error of ours has no such exception behind it, not even as its context.
"""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from ledgercast.domain.errors import SettingsError, XeroTooLarge, XeroUnreachable

CONNECT_SECONDS: Final = 3.05
READ_SECONDS: Final = 10.0
TOTAL_SECONDS: Final = 15.0
LARGEST_BYTES: Final = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None where it is something else, such as a maintenance page."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Bearer(AuthBase):
    """The access token. As `auth` rather than a header, so that a .netrc entry cannot replace it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Wire:
    """Asks the configured hosts. `local` lets plain http and this machine's own addresses pass."""

    def __init__(
        self,
        *,
        local: bool = False,
        total_seconds: float = TOTAL_SECONDS,
        read_seconds: float = READ_SECONDS,
        largest_bytes: int = LARGEST_BYTES,
    ) -> None:
        self._local = local
        self._total = total_seconds
        self._read = read_seconds
        self._largest = largest_bytes

    def ask(
        self,
        method: str,
        url: str,
        auth: AuthBase | tuple[str, str],
        data: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Whatever Xero answered, redirects and errors included.

        Raises XeroUnreachable (no connection, a dropped one, too slow), XeroTooLarge and SettingsError (plain http).
        """
        host = urlsplit(url).netloc
        if urlsplit(url).scheme != "https" and not self._local:
            raise SettingsError(f"The address of {host} must begin with https://")
        try:
            return self._ask(method, url, auth, data, params, headers)
        except (requests.RequestException, HTTPError, OSError) as error:
            failure = type(error).__name__
        raise XeroUnreachable(f"{host} did not answer ({failure})")

    def _ask(
        self,
        method: str,
        url: str,
        auth: AuthBase | tuple[str, str],
        data: Mapping[str, str] | None,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> Answer:
        ends = time.monotonic() + self._total
        with requests.Session() as session:
            session.headers.update({"Accept": "application/json", "Accept-Encoding": "identity"})
            if url.startswith("http:"):
                session.trust_env = False  # a proxy of the environment cannot reach this machine's own servers
            if not self._local:
                session.mount("https://", _PublicAdapter())
            timeout = (min(CONNECT_SECONDS, self._total), min(self._read, self._total))
            with session.request(
                method,
                url,
                auth=auth,
                data=data,
                params=params,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return Answer(answer.status_code, answer.headers, _bounded(answer, ends, self._largest))


def _bounded(answer: requests.Response, ends: float, largest: int) -> bytes:
    """The body, read as it comes: a server that drips a byte a second must not outlast the whole call's time."""
    body = bytearray()
    while chunk := answer.raw.read1(65_536):
        body += chunk
        if len(body) > largest:
            raise XeroTooLarge(f"Xero's answer is above {largest} bytes")
        if time.monotonic() > ends:
            raise TimeoutError
    return bytes(body)


class _PublicConnection(HTTPSConnection):
    """Refuses private addresses where it counts: on the connection made, so no second look-up can differ."""

    def connect(self) -> None:
        super().connect()
        peer = self.sock.getpeername()[0]
        if not ipaddress.ip_address(peer).is_global:
            self.close()
            raise ConnectionRefusedError("the host's name leads to an address that is not public")


class _PublicPool(HTTPSConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": HTTPConnectionPool, "https": _PublicPool}
