from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from ledgercast.domain.errors import TokenRejected, TokenTooLong
from ledgercast.xero.identity import claims
from tests.service.grants.conftest import WORKSPACE, World

ROOT = Path(__file__).parents[3]


def test_a_consent_is_stored_with_its_tokens_encrypted_apart(world: World) -> None:
    tokens = world.consent()
    grant_id = world.grants().create(WORKSPACE, tokens)
    grant = world.stored(grant_id)
    assert world.grants().access_token(WORKSPACE, grant_id) == tokens.access_token
    assert grant.client_id == world.sandbox.client_id
    assert grant.xero_user == claims(tokens.access_token).xero_user
    assert set(grant.scopes) == set(tokens.scopes)
    assert grant.expires_at - grant.refreshed_at == 1800
    told = repr(world.dynamodb.scan(TableName="state"))
    assert tokens.access_token not in told
    assert tokens.refresh_token not in told
    [secret] = world.secrets.list_secrets()["SecretList"]
    assert secret["Name"].startswith(f"ledgercast/test/grant/{grant_id}/")
    assert secret["KmsKeyId"] == world.key


def test_the_access_token_opens_under_its_own_grant_alone(world: World) -> None:
    grant_id = world.grants().create(WORKSPACE, world.consent())
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        world.store().unseal(replace(world.stored(grant_id), id="another"))


def test_one_users_consents_share_one_grant_and_the_last_one_stands(world: World) -> None:
    """Xero has one token set per user and app; the consent before it has no secret left."""
    first = world.grants().create(WORKSPACE, world.consent())
    before = world.stored(first)
    second = world.grants().create(WORKSPACE, world.consent())
    after = world.stored(second)
    assert first == second
    assert after.version == before.version + 1
    assert [one["ARN"] for one in world.secrets.list_secrets()["SecretList"]] == [after.secret]


def test_a_consent_connects_a_disconnected_grant_again(world: World, grant: str) -> None:
    world.sandbox.identity.forget_tokens()
    with pytest.raises(Exception, match="connect the organisation again"):
        world.grants().access_token(WORKSPACE, grant)
    tokens = world.consent()
    assert world.grants().create(WORKSPACE, tokens) == grant
    assert world.grants().access_token(WORKSPACE, grant) == tokens.access_token


def test_another_user_has_a_grant_of_its_own(world: World) -> None:
    first = world.grants().create(WORKSPACE, world.consent())
    world.sandbox.identity.consent.user = "another-user"
    assert world.grants().create(WORKSPACE, world.consent()) != first


def test_tokens_that_cannot_be_stored_leave_nothing_behind(world: World) -> None:
    tokens = world.consent()
    with pytest.raises(TokenRejected):
        world.grants().create(WORKSPACE, replace(tokens, access_token="opaque"))
    with pytest.raises(TokenTooLong):
        world.grants().create(WORKSPACE, replace(tokens, access_token=tokens.access_token + "x" * 4096))
    assert world.secrets.list_secrets()["SecretList"] == []


def test_the_token_endpoint_is_asked_for_a_refresh_in_one_place() -> None:
    """TK-1: a second caller, or one inside a generic retry, would make refresh tokens void."""
    callers = [
        str(path.relative_to(ROOT))
        for folder in ("functions", "ledgercast")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "refresh"
    ]
    assert callers == ["ledgercast/xero/grants.py"]
