from __future__ import annotations

import base64
import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from ledgercast.domain.errors import TokenRejected, XeroUnavailable
from ledgercast.xero.identity import Connection, Identity
from local.consent import Consent, MemoryGrant, NoConsent, consent
from tests.unit.grants.scripted import ScriptedXero, access_token, answer, tokens

START = datetime(2026, 11, 25, 9, tzinfo=UTC)
HARBOUR = {"id": "c1", "tenantId": "t1", "tenantType": "ORGANISATION", "tenantName": "Harbour Tiles"}
ORCHARD = {"id": "c2", "tenantId": "t2", "tenantType": "ORGANISATION", "tenantName": "Orchard\n\x1b[31m Juices"}


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def ask(identity: Identity, port: int, browser: Callable[[dict[str, str]], Any], **changes: Any) -> Consent:
    """The browser acts the moment the address is printed; it is handed the address's parameters."""

    def act(address: str) -> None:
        browser({name: values[0] for name, values in parse_qs(urlsplit(address).query).items()})

    given = {"scopes": ("openid",), "clock": lambda: START, "by_itself": False, **changes}
    return consent(identity, port=port, announce=act, **given)


def call_back(params: dict[str, str], host: str = "127.0.0.1", **changes: str) -> requests.Response:
    """What Xero's redirect makes the browser do."""
    where = urlsplit(params["redirect_uri"])
    query = urlencode({"code": "the-code", "state": params["state"], **changes})
    return requests.get(f"http://{host}:{where.port}{where.path}?{query}", timeout=5)


def test_a_consent_gives_the_tokens_and_its_one_organisation(xero: ScriptedXero, identity: Identity, port: int) -> None:
    """OA-1: state and PKCE; the code leaves the browser's history by a redirect."""
    xero.script = [answer(200, tokens()), answer(200, [HARBOUR])]
    seen: list[dict[str, str]] = []
    pages: list[requests.Response] = []

    def browser(params: dict[str, str]) -> None:
        seen.append(params)
        pages.append(call_back(params))

    given = ask(identity, port, browser)

    assert given.tokens.refresh_token == "refresh-1"
    assert given.connection == Connection("c1", "t1", "Harbour Tiles")
    exchange, connections = xero.asked
    digest = hashlib.sha256(exchange.form["code_verifier"].encode()).digest()
    assert seen[0]["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert seen[0]["redirect_uri"] == exchange.form["redirect_uri"] == f"http://localhost:{port}/oauth/xero/callback"
    assert exchange.form["code"] == "the-code"
    assert connections.path == "/connections?authEventId=event-1"
    assert len(seen[0]["state"]) >= 22  # 128 bits in base64
    assert [one.status_code for one in pages[0].history] == [303]
    assert pages[0].url.endswith("/oauth/xero/done")
    assert "You can close this page" in pages[0].text


def test_the_listener_stands_on_both_loopback_addresses(xero: ScriptedXero, identity: Identity, port: int) -> None:
    host = "[::1]" if has_ipv6() else "127.0.0.1"  # a machine without IPv6 has one alone
    xero.script = [answer(200, tokens()), answer(200, [HARBOUR])]
    assert ask(identity, port, lambda params: call_back(params, host=host)).connection.tenant == "t1"


def test_another_state_is_answered_400_and_does_not_end_the_flow(
    xero: ScriptedXero, identity: Identity, port: int
) -> None:
    xero.script = [answer(200, tokens()), answer(200, [HARBOUR])]
    statuses: list[int] = []

    def browser(params: dict[str, str]) -> None:
        statuses.append(call_back(params, state="another").status_code)
        statuses.append(call_back(params, state="another", error="access_denied").status_code)
        statuses.append(call_back({**params, "redirect_uri": f"http://localhost:{port}/favicon.ico"}).status_code)
        call_back(params)
        statuses.append(call_back(params, code="a-second-one").status_code)

    ask(identity, port, browser)
    assert statuses == [400, 400, 404, 400]
    assert xero.asked[0].form["code"] == "the-code"


def test_a_refusal_in_xero_ends_the_flow(xero: ScriptedXero, identity: Identity, port: int) -> None:
    with pytest.raises(NoConsent, match="refused in Xero"):
        ask(identity, port, lambda params: call_back(params, error="access_denied"))
    assert xero.asked == []


def test_another_error_is_told_only_where_it_is_a_plain_word(identity: Identity, port: int) -> None:
    with pytest.raises(NoConsent, match="invalid_scope"):
        ask(identity, port, lambda params: call_back(params, error="invalid_scope"))
    with pytest.raises(NoConsent, match="an unknown error"):
        ask(identity, port, lambda params: call_back(params, error="\x1b[2Jhello"))


def test_no_answer_within_five_minutes_of_our_clock_ends_the_flow(identity: Identity, port: int) -> None:
    times = iter([START, START + timedelta(minutes=4, seconds=59), START + timedelta(minutes=5)])
    with pytest.raises(NoConsent, match="five minutes"):
        ask(identity, port, lambda params: None, clock=lambda: next(times))
    assert next(times, None) is None


def test_several_organisations_are_named_on_one_printable_line(
    xero: ScriptedXero, identity: Identity, port: int
) -> None:
    xero.script = [answer(200, tokens()), answer(200, [ORCHARD, HARBOUR])]
    with pytest.raises(NoConsent) as raised:
        ask(identity, port, call_back)
    assert str(raised.value).endswith("choose one of: Harbour Tiles, Orchard [31m Juices")


def test_a_consent_that_xero_does_not_name_falls_back_to_the_only_organisation(
    xero: ScriptedXero, identity: Identity, port: int
) -> None:
    xero.script = [answer(200, tokens()), answer(200, []), answer(200, [HARBOUR])]
    assert ask(identity, port, call_back).connection.tenant == "t1"
    xero.script = [answer(200, tokens(event=None)), answer(200, [HARBOUR, ORCHARD])]
    with pytest.raises(NoConsent, match="several"):
        ask(identity, port, call_back)
    xero.script = [answer(200, tokens()), answer(200, [])]
    with pytest.raises(NoConsent, match="no organisation"):
        ask(identity, port, call_back)


def test_a_token_that_names_no_consent_will_do_where_there_is_one_organisation(
    xero: ScriptedXero, identity: Identity, port: int
) -> None:
    xero.script = [answer(200, {**tokens(), "access_token": "opaque"}), answer(200, [HARBOUR])]
    assert ask(identity, port, call_back).connection.tenant == "t1"
    assert xero.asked[-1].path == "/connections"


def test_a_refused_code_is_a_named_error(xero: ScriptedXero, identity: Identity, port: int) -> None:
    xero.script = [answer(400, {"error": "invalid_grant"})]
    with pytest.raises(TokenRejected):
        ask(identity, port, call_back)


@pytest.fixture
def taken(port: int) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", port)):
        yield port


def test_a_taken_port_is_one_clear_line(identity: Identity, taken: int) -> None:
    with pytest.raises(NoConsent, match=rf"Port {taken} cannot be used .* set LEDGERCAST_PORT"):
        ask(identity, taken, lambda params: None)


def test_our_own_sandbox_is_followed_by_the_program(xero: ScriptedXero, identity: Identity, port: int) -> None:
    """The authorise address answers with a redirect to the callback."""

    def redirect(handler: Any) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        handler.send_response(302)
        handler.send_header("Location", f"{query['redirect_uri']}?{urlencode({'code': 'c', 'state': query['state']})}")
        handler.end_headers()

    xero.script = [redirect, answer(200, tokens()), answer(200, [HARBOUR])]
    assert ask(identity, port, lambda params: None, by_itself=True).connection.tenant == "t1"


def test_a_rejected_token_is_renewed_once_for_all_threads(xero: ScriptedXero, identity: Identity) -> None:
    xero.script = [answer(200, tokens(2))]
    grant = MemoryGrant(identity, identity.exchange("c", redirect="r", verifier="v"))
    rejected = grant.access_token()
    xero.script, xero.asked[:] = [answer(200, tokens(3))], []
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(grant.renew(rejected))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert got == [access_token(serial=3)] * 4
    assert [one.form["refresh_token"] for one in xero.asked] == ["refresh-2"]


def test_a_renewal_that_fails_leaves_the_grant_as_it_was(xero: ScriptedXero, identity: Identity) -> None:
    xero.script = [answer(200, tokens())]
    grant = MemoryGrant(identity, identity.exchange("c", redirect="r", verifier="v"))
    xero.script = [answer(500), answer(200, tokens(2))]
    with pytest.raises(XeroUnavailable):
        grant.renew(grant.access_token())
    assert grant.renew(grant.access_token()) == access_token(serial=2)


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False
