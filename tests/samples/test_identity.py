"""Tokens, claims and connections beside Xero's recordings."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from local.xero.generate import generate
from local.xero.identity import Consent, Identity
from tests.samples.test_shapes import shape
from tests.unit.xero_sandbox.conftest import ALL_SCOPES, REDIRECT, Time
from tests.unit.xero_sandbox.worlds import TODAY

pytestmark = pytest.mark.samples


@pytest.fixture
def granted() -> tuple[Identity, dict[str, Any]]:
    identity = Identity(Time(), "app", "secret", [generate(TODAY, empty=True).organisation])
    identity.consent = Consent()
    asked = {"client_id": "app", "response_type": "code", "redirect_uri": REDIRECT, "scope": ALL_SCOPES}
    code = identity.authorise(asked).headers["Location"].split("code=")[1].split("&")[0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    form |= {"client_id": "app", "client_secret": "secret"}
    return identity, json.loads(identity.token(form, None).body)


def test_token_answer_and_claims(sample: Callable[[str], Any], granted: tuple[Identity, dict[str, Any]]) -> None:
    _, tokens = granted
    assert set(shape(sample("auth/token_response"))) == set(shape(tokens))
    middle = tokens["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    assert set(shape(sample("auth/access_token_claims"))) == set(shape(claims))


def test_connections(sample: Callable[[str], Any], granted: tuple[Identity, dict[str, Any]]) -> None:
    identity, tokens = granted
    ours = json.loads(identity.list_connections(f"Bearer {tokens['access_token']}", {}).body)
    for name in ("official/connections", "auth/connections_newest_is_not_the_consented_one"):
        assert set(shape(sample(name))) <= set(shape(ours))


def test_refusals_of_the_token_endpoint(sample: Callable[[str], Any], granted: tuple[Identity, dict[str, Any]]) -> None:
    identity, tokens = granted
    right = {"client_id": "app", "client_secret": "secret", "grant_type": "refresh_token"}
    cases = {
        "errors/400_token_invalid_grant": {**right, "refresh_token": "unknown"},
        "errors/400_token_invalid_client": {**right, "client_secret": "wrong"},
        "errors/400_token_invalid_scope": {**right, "refresh_token": tokens["refresh_token"], "scope": "openid"},
    }
    for name, form in cases.items():
        assert json.loads(identity.token(form, None).body) == sample(name)
