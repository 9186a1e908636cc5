"""Reads from Xero's accounting API. It can only GET (XR-2): nothing here could write to anybody's books.

Each call is one bounded request to the configured host. A rejected token is renewed once and the call made once more;
everything else that goes wrong becomes one named error of ledgercast.domain.errors, and who retries, waits or defers
is the state machine's matter. No error carries the request, so the bearer token cannot leave with one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from threading import BoundedSemaphore, Lock
from typing import Any, Final, Protocol

from ledgercast.domain.errors import (
    ConnectionGone,
    GrantDisconnected,
    LedgercastError,
    RoleMissing,
    ScopeMissing,
    XeroOffline,
    XeroRejected,
    XeroUnavailable,
)
from ledgercast.xero.limits import limited, seconds_of
from ledgercast.xero.wire import Answer, Bearer, Wire

ACCOUNTING: Final = "/api.xro/2.0/"
AT_ONCE: Final = 4  # of the five that Xero allows for one organisation (facts.md 4)
TOTAL_SECONDS: Final = 60.0
READ_SECONDS: Final = 30.0
LARGEST_BYTES: Final = 32 * 1024 * 1024  # a full page of 1,000 invoices brings its line items along


class TokenSource(Protocol):
    """Where access tokens come from: a stored grant, or one kept in memory."""

    def access_token(self) -> str:
        """A token that should still be good."""

    def renew(self, rejected: str) -> str:
        """Another token, after Xero refused this one."""


class XeroClient:
    """The accounting API of one organisation.

    `api_url` is scheme, host and port. `local` lets plain http and this machine's addresses pass. Safe to share
    between threads; a fifth call waits for one of four to end.
    """

    def __init__(
        self, api_url: str, tenant: str, tokens: TokenSource, *, local: bool = False, wire: Wire | None = None
    ) -> None:
        self._api = api_url.rstrip("/")
        self._tenant = tenant
        self._tokens = _Renewing(tokens)
        self._wire = wire or Wire(
            local=local, total_seconds=TOTAL_SECONDS, read_seconds=READ_SECONDS, largest_bytes=LARGEST_BYTES
        )
        self._slots = BoundedSemaphore(AT_ONCE)

    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """The JSON of `path` below the accounting API, such as `Reports/BankSummary`; its numbers are Decimal.

        Raises XeroLimited, XeroOffline, XeroUnavailable, XeroUnreachable, XeroTooLarge, XeroRejected (400, 404, 412),
        ScopeMissing, RoleMissing, ConnectionGone, GrantDisconnected and what the token source raises.
        """
        with self._slots:
            token = self._tokens.current()
            answer = self._ask(ACCOUNTING + path, params, token)
            if answer.status == 401 and not _lacks_scope(answer):
                token = self._tokens.after(token)
                answer = self._ask(ACCOUNTING + path, params, token)
            if answer.status == 200:
                return _body(answer, path)
            raise self._refusal(answer, path, token)

    def _ask(self, path: str, params: Mapping[str, str], token: str) -> Answer:
        headers = {"Xero-Tenant-Id": self._tenant}
        return self._wire.ask("GET", self._api + path, Bearer(token), params=params, headers=headers)

    def _refusal(self, answer: Answer, path: str, token: str) -> LedgercastError:
        status = answer.status
        if status == 401:
            if _lacks_scope(answer):
                return ScopeMissing(f"The connection lacks the scope for {path}")
            return GrantDisconnected("Xero refuses an access token that it has just issued")
        if status == 403:
            return self._forbidden(path, token)
        if status == 429:
            return limited(answer.headers)
        if status == 503:
            wait = seconds_of(answer.headers.get("Retry-After"))
            return XeroOffline("Xero or the organisation is offline", **({} if wait is None else {"seconds": wait}))
        if 400 <= status < 500 or status == 501:
            return XeroRejected(f"Xero refused {path} with {status}")
        return XeroUnavailable(f"Xero answered {path} with {status}")

    def _forbidden(self, path: str, token: str) -> LedgercastError:
        """A 403 has two causes, and only the list of connections tells them apart (design 6)."""
        answer = self._wire.ask("GET", f"{self._api}/connections", Bearer(token))
        if answer.status == 401:
            return GrantDisconnected("Xero refuses an access token that it has just accepted")
        if answer.status != 200:
            return self._refusal(answer, "connections", token) if answer.status != 403 else _gone()
        connections = answer.json()
        if not isinstance(connections, list):
            return XeroUnavailable("Xero's list of connections is not a list")
        tenants = {str(one.get("tenantId", "")).casefold() for one in connections if isinstance(one, dict)}
        if self._tenant.casefold() in tenants:
            return RoleMissing(f"The Xero user who connected may not read {path}")
        return _gone()


class _Renewing:
    """One renewal for all threads: whoever comes second with the same refused token takes the winner's."""

    def __init__(self, source: TokenSource) -> None:
        self._source = source
        self._lock = Lock()
        self._token: str | None = None

    def current(self) -> str:
        with self._lock:
            if self._token is None:
                self._token = self._source.access_token()
            return self._token

    def after(self, rejected: str) -> str:
        with self._lock:
            if self._token == rejected:
                self._token = self._source.renew(rejected)
            return self._token or self._source.access_token()


def _body(answer: Answer, path: str) -> dict[str, Any]:
    """A maintenance page can come with status 200, and XML whatever was asked for (facts.md 8)."""
    try:
        body = json.loads(answer.body, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise XeroUnavailable(f"Xero answered {path} with something that is not a JSON object")
    return body


def _lacks_scope(answer: Answer) -> bool:
    """Keys come in two spellings; the header says it too."""
    if "insufficient_scope" in answer.headers.get("WWW-Authenticate", ""):
        return True
    body = answer.json()
    detail = {key.casefold(): value for key, value in body.items()}.get("detail") if isinstance(body, dict) else None
    return isinstance(detail, str) and detail.casefold().startswith("authorizationunsuccessful")


def _gone() -> ConnectionGone:
    return ConnectionGone("The organisation is no longer among the user's connections in Xero")
