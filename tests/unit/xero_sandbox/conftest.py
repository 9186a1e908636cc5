"""A caller of the sandbox that goes through the whole consent over HTTP, and a clock that only a test moves."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from local.xero.books import Books
from local.xero.generate import generate
from local.xero.server import XeroSandbox

NOW = datetime(2026, 11, 25, 10, 30, tzinfo=UTC)
REDIRECT = "http://localhost:8080/oauth/xero/callback"
VERIFIER = "v" * 64
ALL_SCOPES = (
    "openid profile email offline_access accounting.settings.read accounting.contacts.read accounting.invoices.read "
    "accounting.payments.read accounting.reports.profitandloss.read accounting.reports.banksummary.read "
    "accounting.reports.aged.read accounting.reports.balancesheet.read"
)


@dataclass
class Time:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class Caller:
    """An app that calls the sandbox with one grant."""

    xero: XeroSandbox
    session: requests.Session = field(default_factory=requests.Session)
    tokens: dict[str, Any] = field(default_factory=dict)

    def consent(self, scope: str = ALL_SCOPES, **more: str) -> dict[str, str]:
        """Follows the authorise address; gives what came back in the redirect's query."""
        digest = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        params = {"response_type": "code", "client_id": self.xero.client_id, "redirect_uri": REDIRECT, "scope": scope}
        params |= {"state": "s-1", "code_challenge": digest, "code_challenge_method": "S256", **more}
        address = f"{self.xero.url}/identity/connect/authorize"
        answer = self.session.get(address, params=params, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        assert answer.headers["Location"].startswith(REDIRECT)
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def token(self, **form: str) -> requests.Response:
        auth = (self.xero.client_id, self.xero.client_secret)
        return self.session.post(f"{self.xero.url}/connect/token", data=form, auth=auth, timeout=5)

    def exchange(self, code: str, **more: str) -> requests.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        return self.token(**{**form, **more})

    def refresh(self, token: str) -> requests.Response:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def connect(self, scope: str = ALL_SCOPES) -> Caller:
        self.tokens = self.exchange(self.consent(scope)["code"]).json()
        return self

    def request(self, method: str, path: str, tenant: str = "", **params: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}", "Accept": "application/json"}
        headers["Xero-Tenant-Id"] = tenant or self.xero.books[0].organisation.id
        return self.session.request(method, f"{self.xero.url}{path}", params=params, headers=headers, timeout=5)

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.request("GET", f"/api.xro/2.0/{path}", **params)

    def read(self, path: str, **params: Any) -> dict[str, Any]:
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


@pytest.fixture
def time() -> Time:
    return Time()


Open = Callable[..., Caller]


@pytest.fixture
def open_sandbox(time: Time) -> Iterator[Open]:
    """Starts a sandbox with the books of these switches (or these books) and connects a caller to it."""
    callers: list[Caller] = []

    def start(books: Books | list[Books] | None = None, *, connect: bool = True, **switches: Any) -> Caller:
        xero = XeroSandbox(books or generate(time.now.date(), **switches), time).start()
        caller = Caller(xero)
        callers.append(caller)
        return caller.connect() if connect else caller

    yield start
    for caller in callers:
        caller.session.close()
        caller.xero.stop()
