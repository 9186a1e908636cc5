from __future__ import annotations

import base64
import contextlib
import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from urllib3.connection import HTTPSConnection

from ledgercast.domain.errors import (
    InvalidClient,
    LedgercastError,
    SettingsError,
    TokenRejected,
    XeroLimited,
    XeroOffline,
    XeroRejected,
    XeroTooLarge,
    XeroUnavailable,
    XeroUnreachable,
)
from ledgercast.settings import Addresses
from ledgercast.xero import wire
from ledgercast.xero.identity import Claims, Connection, Identity, claims
from ledgercast.xero.scopes import GRANULAR
from tests.unit.grants.scripted import Respond, ScriptedXero, access_token, answer, tokens

SECRETS = ("the-app-secret", "the-refresh-token", "the-verifier", "the-code", "the-access-token")


def test_the_authorise_address_asks_for_the_frozen_scopes_with_state_and_pkce() -> None:
    """OA-1, OA-4; the login host is another one than the token endpoint's."""
    identity = Identity(Addresses(), "the-app", "the-app-secret")
    url = identity.authorise_url(redirect="http://localhost:8080/cb", state="s", challenge="c", scopes=GRANULAR)
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith("https://login.xero.com/identity/connect/authorize?")
    assert query == {
        "response_type": "code",
        "client_id": "the-app",
        "redirect_uri": "http://localhost:8080/cb",
        "scope": " ".join(GRANULAR),
        "state": "s",
        "code_challenge": "c",
        "code_challenge_method": "S256",
    }


def test_a_code_is_exchanged_with_its_verifier_and_basic_authentication(xero: ScriptedXero, identity: Identity) -> None:
    xero.script = [answer(200, tokens())]
    given = identity.exchange("the-code", redirect="http://localhost:8080/cb", verifier="the-verifier")
    [asked] = xero.asked
    assert (asked.method, asked.path) == ("POST", "/connect/token")
    assert asked.form == {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": "http://localhost:8080/cb",
        "code_verifier": "the-verifier",
    }
    assert asked.headers["Authorization"] == "Basic " + base64.b64encode(b"the-app:the-app-secret").decode()
    assert (given.refresh_token, given.expires_in, given.scopes) == ("refresh-1", 1800, ("openid", "a.read"))
    assert given.access_token not in repr(given)
    assert given.refresh_token not in repr(given)


def test_a_refresh_never_sends_scope(xero: ScriptedXero, identity: Identity) -> None:
    xero.script = [answer(200, tokens(2))]
    identity.refresh("the-refresh-token")
    assert xero.asked[0].form == {"grant_type": "refresh_token", "refresh_token": "the-refresh-token"}


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (answer(400, {"error": "invalid_grant"}), TokenRejected),
        (answer(400, {"error": "<script>"}), TokenRejected),
        (answer(400, {"error": "invalid_client"}), InvalidClient),
        (answer(400, {"error": "unauthorized_client"}), InvalidClient),
        (answer(401), InvalidClient),
        (answer(404, b"nothing here"), XeroRejected),
        (answer(302, b"", Location="http://127.0.0.1:9/elsewhere"), XeroRejected),
        (answer(429, b"", Retry_After="17"), XeroLimited),
        (answer(500, b"<html>oops</html>"), XeroUnavailable),
        (answer(503, b"maintenance", Retry_After="120"), XeroOffline),
        (answer(200, b"<html>proxy</html>"), XeroUnavailable),
        (answer(200, {**tokens(), "refresh_token": None}), XeroUnavailable),
        (answer(200, {**tokens(), "expires_in": "soon"}), XeroUnavailable),
        (answer(200, b'{"access_token":"a","refresh_token":"b","expires_in":1e999}'), XeroUnavailable),
        (answer(200, {**tokens(), "access_token": "the-access-token\r\nX: y"}), XeroUnavailable),
        (answer(200, {**tokens(), "refresh_token": "réfraîchi"}), XeroUnavailable),
        (answer(200, b"[" * 100_000), XeroUnavailable),
        (answer(429, b"", Retry_After="\xb2"), XeroLimited),
        (answer(503, b"", Retry_After="9" * 5000), XeroOffline),
        (answer(200, b"x" * (wire.LARGEST_BYTES + 1)), XeroTooLarge),
    ],
)
def test_every_failure_of_the_token_endpoint_has_a_name_and_is_asked_once(
    xero: ScriptedXero, identity: Identity, response: Respond, error: type[LedgercastError]
) -> None:
    """TK-1: no retry hides in here, and no redirect is followed (SX-1)."""
    xero.script = [response]
    with pytest.raises(error) as raised:
        identity.refresh("the-refresh-token")
    assert type(raised.value) is error
    assert len(xero.asked) == 1
    assert no_secrets_in(raised.value)


def test_the_reason_and_the_wait_travel_with_the_error(xero: ScriptedXero, identity: Identity) -> None:
    xero.script = [answer(400, {"error": "invalid_grant"}), answer(429, b"", Retry_After="17")]
    with pytest.raises(TokenRejected) as rejected:
        identity.refresh("the-refresh-token")
    with pytest.raises(XeroLimited) as limited:
        identity.refresh("the-refresh-token")
    assert rejected.value.reason == "invalid_grant"
    assert limited.value.seconds == 17


def dropped(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def silent(_: BaseHTTPRequestHandler) -> None:
    time.sleep(0.6)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """Always within the read timeout, never done."""
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):
        for _ in range(1_000):
            handler.wfile.write(b" ")
            time.sleep(0.02)


@pytest.mark.parametrize("failure", [dropped, silent, dripping])
def test_a_dropped_silent_or_endless_answer_ends_in_time_without_its_secrets(
    xero: ScriptedXero, failure: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    """SX-2. `requests` keeps the request in its exceptions; nothing of it may hang on ours."""
    xero.script = [failure]
    addresses = Addresses(xero_identity=xero.url)
    identity = Identity(addresses, "the-app", "the-app-secret", wire=wire.Wire(local=True, total_seconds=0.3))
    began = time.monotonic()
    with pytest.raises(XeroUnreachable) as raised:
        identity.refresh("the-refresh-token")
    assert time.monotonic() - began < 10
    assert raised.value.__context__ is None
    assert no_secrets_in(raised.value)


def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    identity = Identity(Addresses(xero_identity=f"http://127.0.0.1:{port}"), "a", "the-app-secret", local=True)
    with pytest.raises(XeroUnreachable, match=f"127.0.0.1:{port} did not answer") as raised:
        identity.refresh("the-refresh-token")
    assert no_secrets_in(raised.value)


@pytest.mark.parametrize("url", ["http://identity.xero.com", "http://127.0.0.1:1", "http://169.254.169.254"])
def test_plain_http_is_refused_in_a_deployment(url: str) -> None:
    """SX-1."""
    with pytest.raises(SettingsError):
        Identity(Addresses(xero_identity=url), "a", "s").refresh("r")


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fe80::1", "fd00::1"])
def test_a_name_that_leads_to_a_private_address_is_refused_on_the_connection(
    monkeypatch: pytest.MonkeyPatch, peer: str
) -> None:
    """SX-1: judged by the peer of the connection made, so a second answer of the name server changes nothing."""
    sent: list[bytes] = []

    class Socket:
        def getpeername(self) -> tuple[str, int]:
            return peer, 443

        def sendall(self, data: bytes) -> None:
            sent.append(data)

        def close(self) -> None:
            """Nothing to close."""

    def connect(self: HTTPSConnection) -> None:
        self.sock = Socket()

    monkeypatch.setattr(HTTPSConnection, "connect", connect)
    with pytest.raises(XeroUnreachable):
        Identity(Addresses(), "the-app", "the-app-secret").refresh("the-refresh-token")
    assert sent == []


def test_connections_are_those_of_the_consent_and_organisations_only(xero: ScriptedXero, identity: Identity) -> None:
    listed = [
        {"id": "c1", "tenantId": "t1", "tenantType": "ORGANISATION", "tenantName": "Harbour Tiles"},
        {"id": "c2", "tenantId": "t2", "tenantType": "PRACTICE", "tenantName": "An accountant"},
        {"id": "c3", "tenantId": "t3", "tenantType": "ORGANISATION", "tenantName": None},
        {"id": "c4", "tenantId": "t4", "tenantType": "ORGANISATION"},
    ]
    xero.script = [answer(200, listed)]
    found = identity.connections("the-access-token", "event 1")
    assert found == [
        Connection("c1", "t1", "Harbour Tiles"),
        Connection("c3", "t3", "Unnamed organisation"),
        Connection("c4", "t4", "Unnamed organisation"),
    ]
    assert xero.asked[0].path == "/connections?authEventId=event+1"
    assert xero.asked[0].headers["Authorization"] == "Bearer the-access-token"


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (answer(401, {"title": "Unauthorized"}), TokenRejected),
        (answer(403), XeroRejected),
        (answer(500), XeroUnavailable),
        (answer(200, b"<html>"), XeroUnavailable),
        (answer(200, [{"tenantType": "ORGANISATION"}]), XeroUnavailable),
        (answer(200, ["?"]), XeroUnavailable),
        (answer(200, b"[" * 100_000), XeroUnavailable),
        (answer(200, [{"id": "c1", "tenantId": "../t1?x#y", "tenantType": "ORGANISATION"}]), XeroUnavailable),
        (answer(200, [{"id": "..", "tenantId": "t1", "tenantType": "ORGANISATION"}]), XeroUnavailable),
        (answer(200, [{"id": {"$": 1}, "tenantId": "t1\r\nX: y", "tenantType": "ORGANISATION"}]), XeroUnavailable),
    ],
)
def test_every_failure_of_connections_has_a_name(
    xero: ScriptedXero, identity: Identity, response: Respond, error: type[LedgercastError]
) -> None:
    """SX-1: an id that cannot be Xero's becomes a part of no request."""
    xero.script = [response]
    with pytest.raises(error) as raised:
        identity.connections("the-access-token")
    assert no_secrets_in(raised.value)


def test_what_a_row_could_not_hold_is_cut_to_what_it_can(xero: ScriptedXero, identity: Identity) -> None:
    named = {"id": "c1", "tenantId": "t1", "tenantType": "ORGANISATION", "tenantName": "\ud800" + "n" * 450_000}
    xero.script = [answer(200, [named]), answer(200, {**tokens(), "expires_in": 10**40})]
    [found] = identity.connections("the-access-token")
    assert found.name == "?" + "n" * 499
    assert identity.refresh("the-refresh-token").expires_in == 24 * 3600


def test_claims_are_read_from_the_access_token() -> None:
    assert claims(access_token("u", "e")) == Claims("u", "e")
    assert claims(access_token("u", None)) == Claims("u", None)


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "a.e30.c", "a.W10.c", "a.é.c", "a.bnVsbA.c"])
def test_a_token_of_another_form_is_a_named_error(token: str) -> None:
    with pytest.raises(TokenRejected):
        claims(token)


def no_secrets_in(error: BaseException) -> bool:
    """Neither in the error nor in what hangs on it; `requests` errors hold the request, so none may hang there."""
    chain: list[BaseException] = []
    one: BaseException | None = error
    while one is not None:
        chain.append(one)
        one = one.__cause__ or one.__context__
    told = "".join(f"{one!r} {vars(one)!r}" for one in chain)
    return not any(secret in told for secret in SECRETS) and not any(
        isinstance(one, requests.RequestException) for one in chain
    )


@pytest.mark.parametrize(("status", "gone"), [(204, True), (200, True), (404, False)])
def test_one_connection_is_deleted_and_one_that_is_gone_is_as_good(
    xero: ScriptedXero, identity: Identity, status: int, gone: bool
) -> None:
    """OA-6: DELETE /connections/{id}; its id is one segment of the path, whatever it holds."""
    xero.script = [answer(status)]
    assert identity.delete_connection("the-access-token", "c1/../../evil?x") is gone
    assert (xero.asked[0].method, xero.asked[0].path) == ("DELETE", "/connections/c1%2F..%2F..%2Fevil%3Fx")
    assert xero.asked[0].headers["Authorization"] == "Bearer the-access-token"


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (answer(401), TokenRejected),
        (answer(403), XeroRejected),
        (answer(429, b"", Retry_After="17"), XeroLimited),
        (answer(500), XeroUnavailable),
        (answer(302, b"", Location="http://127.0.0.1:9/elsewhere"), XeroRejected),
    ],
)
def test_every_failure_of_a_deletion_has_a_name(
    xero: ScriptedXero, identity: Identity, response: Respond, error: type[LedgercastError]
) -> None:
    xero.script = [response]
    with pytest.raises(error) as raised:
        identity.delete_connection("the-access-token", "c1")
    assert no_secrets_in(raised.value)
