"""Consent, tokens and connections as facts 1 describes them, over HTTP."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import requests

from local.xero.generate import generate
from local.xero.identity import BROAD, Consent
from tests.unit.xero_sandbox.conftest import ALL_SCOPES, REDIRECT, Caller, Open, Time
from tests.unit.xero_sandbox.worlds import TODAY


def claims(token: str) -> dict[str, Any]:
    middle = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return found


def refused(answer: requests.Response) -> str:
    assert answer.status_code == 400
    return str(answer.json()["error"])


def test_a_consent_brings_tokens_and_the_organisation(open_sandbox: Open) -> None:
    caller = open_sandbox(connect=False)
    back = caller.consent()
    assert back["state"] == "s-1"
    tokens = caller.exchange(back["code"]).json()
    assert tokens["expires_in"] == 1800
    assert set(tokens["scope"].split()) == set(ALL_SCOPES.split())
    assert 1_000 < len(tokens["access_token"]) < 2_048
    access = claims(tokens["access_token"])
    assert {"xero_userid", "authentication_event_id", "scope", "exp"} <= set(access)
    assert "authentication_event_id" not in claims(tokens["id_token"])
    caller.tokens = tokens
    event = access["authentication_event_id"]
    (connection,) = caller.request("GET", "/connections", authEventId=event).json()
    assert connection["tenantId"] == caller.xero.books[0].organisation.id
    assert len(connection["createdDateUtc"].split(".")[1]) == 7
    assert caller.request("GET", "/connections", authEventId="another").json() == []


def test_client_credentials_may_come_in_the_body(open_sandbox: Open) -> None:
    caller = open_sandbox(connect=False)
    form = {"grant_type": "authorization_code", "code": caller.consent()["code"], "redirect_uri": REDIRECT}
    form |= {"code_verifier": "v" * 64, "client_id": caller.xero.client_id, "client_secret": caller.xero.client_secret}
    assert requests.post(f"{caller.xero.url}/connect/token", data=form, timeout=5).status_code == 200
    form["client_secret"] = "wrong"
    assert refused(requests.post(f"{caller.xero.url}/connect/token", data=form, timeout=5)) == "invalid_client"


def test_a_code_is_good_once_for_five_minutes_with_its_verifier_and_redirect(open_sandbox: Open, time: Time) -> None:
    caller = open_sandbox(connect=False)
    code = caller.consent()["code"]
    assert caller.exchange(code).status_code == 200
    assert refused(caller.exchange(code)) == "invalid_grant"
    assert refused(caller.exchange(caller.consent()["code"], code_verifier="w" * 64)) == "invalid_grant"
    assert refused(caller.exchange(caller.consent()["code"], redirect_uri="https://else.example")) == "invalid_grant"
    code = caller.consent()["code"]
    time.pass_by(minutes=5)
    assert refused(caller.exchange(code)) == "invalid_grant"


def test_a_person_may_decline(open_sandbox: Open) -> None:
    caller = open_sandbox(connect=False)
    caller.xero.identity.consent = Consent(deny=True)
    assert caller.consent() == {"error": "access_denied", "state": "s-1"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": "openid accounting.everything"},
        {"scope": "accounting.reports.read"},
        {"client_id": "another"},
        {"redirect_uri": "http://127.0.0.1:8080/oauth/xero/callback"},
    ],
)
def test_mistakes_of_the_app_end_on_xeros_own_page(open_sandbox: Open, wrong: dict[str, str]) -> None:
    xero = open_sandbox(connect=False).xero
    params = {
        "response_type": "code",
        "client_id": xero.client_id,
        "redirect_uri": REDIRECT,
        "scope": "openid",
        **wrong,
    }
    answer = requests.get(f"{xero.url}/identity/connect/authorize", params=params, allow_redirects=False, timeout=5)
    assert answer.status_code == 500
    assert "unauthorized_client" in answer.text
    assert "text/html" in answer.headers["Content-Type"]


def test_an_older_app_may_ask_for_broad_scopes(open_sandbox: Open) -> None:
    caller = open_sandbox(connect=False)
    caller.xero.identity.scopes |= BROAD
    caller.connect("offline_access accounting.reports.read accounting.settings.read")
    assert caller.get("Reports/ProfitAndLoss").status_code == 200


def test_refreshing_replaces_both_tokens_and_never_takes_a_scope(open_sandbox: Open) -> None:
    caller = open_sandbox()
    first = caller.tokens
    second = caller.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert "id_token" not in second
    with_scope = caller.token(grant_type="refresh_token", refresh_token=second["refresh_token"], scope="openid")
    assert refused(with_scope) == "invalid_scope"


def test_a_lost_answer_may_be_asked_for_again_for_thirty_minutes(open_sandbox: Open, time: Time) -> None:
    caller = open_sandbox()
    old = caller.tokens["refresh_token"]
    lost = caller.refresh(old).json()["refresh_token"]
    time.pass_by(minutes=29)
    found = caller.refresh(old).json()["refresh_token"]
    assert refused(caller.refresh(lost)) == "invalid_grant"
    time.pass_by(minutes=1)
    assert refused(caller.refresh(old)) == "invalid_grant"
    assert caller.refresh(found).status_code == 200


def test_a_token_whose_successor_was_used_is_dead_at_once(open_sandbox: Open) -> None:
    caller = open_sandbox()
    old = caller.tokens["refresh_token"]
    caller.refresh(caller.refresh(old).json()["refresh_token"])
    assert refused(caller.refresh(old)) == "invalid_grant"


def test_a_refresh_whose_answer_is_dropped_has_rotated_all_the_same(open_sandbox: Open) -> None:
    caller = open_sandbox()
    caller.xero.faults.drop("/connect/token", when="after")
    with pytest.raises(requests.ConnectionError):
        caller.refresh(caller.tokens["refresh_token"])
    assert caller.refresh(caller.tokens["refresh_token"]).status_code == 200


def test_sixty_idle_days_end_a_grant(open_sandbox: Open, time: Time) -> None:
    caller = open_sandbox()
    time.pass_by(days=59)
    token = caller.refresh(caller.tokens["refresh_token"]).json()["refresh_token"]
    time.pass_by(days=60)
    assert refused(caller.refresh(token)) == "invalid_grant"


def test_without_offline_access_there_is_no_refresh_token(open_sandbox: Open) -> None:
    assert "refresh_token" not in open_sandbox(connect=False).connect("openid accounting.settings.read").tokens


def test_an_access_token_lives_thirty_minutes(open_sandbox: Open, time: Time) -> None:
    caller = open_sandbox()
    time.pass_by(minutes=30)
    answer = caller.get("Organisation")
    assert answer.status_code == 401
    assert answer.json()["Detail"] == "TokenExpired: token expired at 11/25/2026 11:00:00"
    caller.tokens = caller.refresh(caller.tokens["refresh_token"]).json()
    assert caller.get("Organisation").status_code == 200


def two(caller: Caller) -> list[str]:
    return [books.organisation.id for books in caller.xero.books]


def test_a_second_consent_of_the_same_user_covers_both_organisations_and_replaces_the_tokens(
    open_sandbox: Open, time: Time
) -> None:
    caller = open_sandbox([generate(TODAY), generate(TODAY, name="Second Example Ltd")])
    one, other = two(caller)
    first = dict(caller.tokens)
    time.pass_by(days=1)
    caller.xero.identity.consent = Consent(organisations=[other])
    caller.connect("offline_access accounting.settings.read")
    assert {c["tenantId"] for c in caller.request("GET", "/connections").json()} == {one, other}
    event = claims(caller.tokens["access_token"])["authentication_event_id"]
    newest = caller.request("GET", "/connections", authEventId=event).json()
    assert [c["tenantId"] for c in newest] == [other]
    assert refused(caller.refresh(first["refresh_token"])) == "invalid_grant"
    assert caller.request("GET", "/api.xro/2.0/Organisation", tenant=one).status_code == 200
    assert "accounting.invoices.read" in caller.tokens["scope"], "scopes only accumulate"


def test_consenting_again_keeps_the_connection_under_a_new_event(open_sandbox: Open) -> None:
    caller = open_sandbox()
    (before,) = caller.request("GET", "/connections").json()
    (after,) = caller.connect().request("GET", "/connections").json()
    assert before["id"] == after["id"]
    assert before["authEventId"] != after["authEventId"]


def test_several_organisations_in_one_consent_unless_the_app_asks_for_one(open_sandbox: Open) -> None:
    caller = open_sandbox([generate(TODAY), generate(TODAY, name="Second Example Ltd")], connect=False)
    caller.xero.identity.consent = Consent(organisations=two(caller))
    caller.consent(acr_values="bulk_connect:false")
    assert len(caller.xero.identity.connections) == 1
    caller.connect()
    assert len(caller.request("GET", "/connections").json()) == 2


def test_deleting_a_connection_leaves_the_others_and_the_token(open_sandbox: Open) -> None:
    caller = open_sandbox([generate(TODAY), generate(TODAY, name="Second Example Ltd")], connect=False)
    caller.xero.identity.consent = Consent(organisations=two(caller))
    first, second = caller.connect().request("GET", "/connections").json()
    gone = caller.request("DELETE", f"/connections/{first['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert caller.request("DELETE", f"/connections/{first['id']}").status_code == 404
    answer = caller.request("GET", "/api.xro/2.0/Organisation", tenant=first["tenantId"])
    assert (answer.status_code, answer.json()["Detail"]) == (403, "AuthenticationUnsuccessful")
    assert caller.request("GET", "/api.xro/2.0/Organisation", tenant=second["tenantId"]).status_code == 200


def test_revocation_ends_everything_of_the_user(open_sandbox: Open) -> None:
    caller = open_sandbox()
    auth = (caller.xero.client_id, caller.xero.client_secret)
    form = {"token": caller.tokens["refresh_token"]}
    answer = requests.post(f"{caller.xero.url}/connect/revocation", data=form, auth=auth, timeout=5)
    assert (answer.status_code, answer.content) == (200, b"")
    assert refused(caller.refresh(form["token"])) == "invalid_grant"
    assert caller.get("Organisation").status_code == 401
    assert caller.xero.identity.connections == []


def test_discovery_names_the_endpoints(open_sandbox: Open) -> None:
    xero = open_sandbox(connect=False).xero
    found = requests.get(f"{xero.url}/.well-known/openid-configuration", timeout=5).json()
    assert found["token_endpoint"] == f"{xero.url}/connect/token"
