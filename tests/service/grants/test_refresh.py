"""TK-1 to TK-3: one refresh at a time, the new refresh token saved first, an end only where it is the end."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ledgercast.domain.errors import (
    GrantDisconnected,
    InvalidClient,
    LedgercastError,
    RefreshInProgress,
    TokenRejected,
    TokenTooLong,
    XeroLimited,
    XeroOffline,
    XeroRejected,
    XeroUnavailable,
    XeroUnreachable,
)
from ledgercast.xero.grants import LEASE_SECONDS
from tests.service.grants.conftest import WORKSPACE, Fate, Killed, World


def test_a_token_with_life_left_is_used_without_asking_xero(world: World) -> None:
    tokens = world.consent()
    grant_id = world.grants().create(WORKSPACE, tokens)
    world.sandbox.calls.clear()
    world.clock.advance(minutes=26)
    assert world.grants().access_token(WORKSPACE, grant_id) == tokens.access_token
    assert world.token_calls() == 0


def test_a_token_about_to_run_out_is_renewed_and_stored(world: World, grant: str) -> None:
    before = world.stored(grant)
    token = world.grants().access_token(WORKSPACE, grant)
    after = world.stored(grant)
    assert world.accepts(token)
    assert world.grants().access_token(WORKSPACE, grant) == token
    assert world.token_calls() == 1
    assert after.version == before.version + 1
    assert after.secret_version != before.secret_version
    assert after.lease_until == 0


def test_a_grant_lives_on_refresh_after_refresh(world: World, grant: str) -> None:
    """Each refresh token works once: a stale one would be found out after the grace."""
    for _ in range(5):
        assert world.accepts(world.grants().access_token(WORKSPACE, grant))
        world.clock.advance(days=20)
    assert world.token_calls() == 5


def test_fifty_callers_at_once_make_one_token_call(world: World, grant: str) -> None:
    """TK-1. Xero is held until every loser has been told so."""
    gate = world.sandbox.faults.hold("/connect/token")
    losers = threading.Semaphore(0)

    def call(_: int) -> str:
        try:
            return world.grants().access_token(WORKSPACE, grant)
        except RefreshInProgress:
            losers.release()
            return ""

    with ThreadPoolExecutor(50) as pool:
        waiting = [pool.submit(call, number) for number in range(50)]
        for _ in range(49):
            assert losers.acquire(timeout=20)
        gate.set()
        told = [one.result() for one in waiting]
    [token] = [one for one in told if one]
    assert [world.grants().access_token(WORKSPACE, grant) for _ in range(50)] == [token] * 50
    assert world.token_calls() == 1


def test_a_rejected_token_is_renewed_only_where_nobody_did_so_before(world: World) -> None:
    """After a 401 in the middle of a token's life."""
    grants, tokens = world.grants(), world.consent()
    grant_id = grants.create(WORKSPACE, tokens)
    world.sandbox.calls.clear()
    renewed = grants.renew(WORKSPACE, grant_id, tokens.access_token)
    assert renewed != tokens.access_token
    assert grants.renew(WORKSPACE, grant_id, tokens.access_token) == renewed
    assert world.token_calls() == 1


REFRESH = [
    "get_item",  # the grant
    "update_item",  # lease
    "get_item",  # re-read
    "get_secret_value",
    "put_secret_value",  # after Xero's answer: the new refresh token first
    "encrypt",
    "update_item",  # the row, and the end of the lease
]


def test_the_new_refresh_token_is_saved_before_anything_else(world: World, grant: str) -> None:
    """TK-2: the order that the kill points below go through."""
    fate = Fate()
    world.grants(fate).access_token(WORKSPACE, grant)
    assert fate.calls == REFRESH


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(len(REFRESH)))
def test_a_process_killed_anywhere_is_healed_by_the_next_caller(world: World, grant: str, at: int, when: str) -> None:
    """TK-2: within Xero's grace of 30 minutes the old refresh token is taken again."""
    with pytest.raises(Killed):
        world.grants(Fate(at, when)).access_token(WORKSPACE, grant)
    world.clock.advance(seconds=LEASE_SECONDS + 1)
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))
    world.clock.advance(hours=2)
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))


@pytest.mark.parametrize(("at", "when"), [(4, "after"), (5, "before"), (5, "after"), (6, "before")])
def test_a_saved_refresh_token_that_no_row_names_is_found_after_the_grace(
    world: World, grant: str, at: int, when: str
) -> None:
    """TK-2: the row's own token is refused by then, the secret's newest value is not."""
    with pytest.raises(Killed):
        world.grants(Fate(at, when)).access_token(WORKSPACE, grant)
    world.clock.advance(hours=3)
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))
    assert world.stored(grant).state == "connected"


def test_an_answer_lost_between_xero_and_the_save_is_the_end_only_after_the_grace(world: World, grant: str) -> None:
    """Xero's rule, and the one window that nobody can close."""
    with pytest.raises(Killed):
        world.grants(Fate(4, "before")).access_token(WORKSPACE, grant)
    world.clock.advance(hours=3)
    with pytest.raises(GrantDisconnected):
        world.grants().access_token(WORKSPACE, grant)


def test_a_dead_holders_lease_holds_others_off_until_it_ends(world: World, grant: str) -> None:
    """TK-1: dead owner, clock jump."""
    with pytest.raises(Killed):
        world.grants(Fate(1, "after")).access_token(WORKSPACE, grant)
    world.clock.advance(seconds=LEASE_SECONDS - 1)
    with pytest.raises(RefreshInProgress):
        world.grants().access_token(WORKSPACE, grant)
    assert world.token_calls() == 0
    world.clock.advance(seconds=1)
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))


def test_a_secret_that_cannot_be_written_keeps_the_grant_and_frees_the_lease(
    world: World, grant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of Xero's answer is used, and the old refresh token is good for the next attempt."""
    before = world.stored(grant)

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "InternalServiceError", "Message": "try again"}}, "PutSecretValue")

    with monkeypatch.context() as failing, pytest.raises(ClientError):
        failing.setattr(world.secrets, "put_secret_value", refuse)
        world.grants().access_token(WORKSPACE, grant)
    assert world.stored(grant).secret_version == before.secret_version
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))


def test_a_lost_answer_is_asked_for_again_with_the_same_refresh_token(world: World, grant: str) -> None:
    world.sandbox.faults.drop("/connect/token", when="after")
    with pytest.raises(XeroUnreachable):
        world.grants().access_token(WORKSPACE, grant)
    world.clock.advance(minutes=20)
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, XeroLimited), (500, XeroUnavailable), (503, XeroOffline), (404, XeroRejected)],
)
def test_a_fault_at_xero_is_named_and_changes_nothing(
    world: World, grant: str, status: int, error: type[LedgercastError]
) -> None:
    """Asked once, and the lease is free for the next attempt at once."""
    before = world.stored(grant)
    world.sandbox.faults.answer("/connect/token", status, b"<html>", content_type="text/html")
    with pytest.raises(error):
        world.grants().access_token(WORKSPACE, grant)
    assert world.token_calls() == 1
    assert (world.stored(grant).state, world.stored(grant).version) == (before.state, before.version)
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))


def test_a_wrong_app_secret_disconnects_nobody(world: World, grant: str) -> None:
    with pytest.raises(InvalidClient):
        world.grants(secret="mistyped").access_token(WORKSPACE, grant)
    assert world.stored(grant).state == "connected"
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))


def test_only_invalid_grant_can_disconnect(world: World, grant: str) -> None:
    world.sandbox.faults.answer("/connect/token", 400, json.dumps({"error": "invalid_request"}))
    with pytest.raises(TokenRejected):
        world.grants().access_token(WORKSPACE, grant)
    assert world.stored(grant).state == "connected"


def test_a_refused_refresh_token_disconnects_the_grant_for_good(world: World, grant: str) -> None:
    """TK-3: once, without asking again and again."""
    world.sandbox.identity.forget_tokens()
    for _ in range(3):
        with pytest.raises(GrantDisconnected):
            world.grants().access_token(WORKSPACE, grant)
    assert world.token_calls() == 1
    assert world.stored(grant).state == "disconnected"
    assert world.stored(grant).sealed is None


def test_a_grant_that_was_never_stored_asks_for_a_consent(world: World) -> None:
    with pytest.raises(GrantDisconnected):
        world.grants().access_token(WORKSPACE, "unknown")


def held_refresh(world: World, grant: str) -> tuple[threading.Event, ThreadPoolExecutor, Any]:
    """A process that hangs at the token endpoint with the lease in hand; its gate, and its result to come."""
    gate = world.sandbox.faults.hold("/connect/token")
    pool = ThreadPoolExecutor(1)
    result = pool.submit(world.grants().access_token, WORKSPACE, grant)
    while world.sandbox.faults._faults:  # until it is the one that is held
        threading.Event().wait(0.005)
    return gate, pool, result


def test_a_holder_that_was_away_too_long_does_not_overwrite_the_one_who_took_over(world: World, grant: str) -> None:
    """TK-3. Its late answer even made the winner's refresh token void: the secret's newest value heals that."""
    gate, pool, late = held_refresh(world, grant)
    with pool:
        world.clock.advance(seconds=LEASE_SECONDS + 1)
        winners = world.grants().access_token(WORKSPACE, grant)
        row = world.stored(grant)
        gate.set()
        assert late.result() == winners
    assert world.stored(grant) == row
    world.clock.advance(hours=3)
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))


def test_a_stale_loser_that_is_refused_does_not_disconnect_the_winner(world: World, grant: str) -> None:
    """TK-3: the winner has refreshed twice by the time Xero reads the stale token."""
    gate, pool, late = held_refresh(world, grant)
    with pool:
        for _ in range(2):
            world.clock.advance(minutes=31)
            winners = world.grants().access_token(WORKSPACE, grant)
        gate.set()
        assert late.result() == winners
    assert world.stored(grant).state == "connected"
    assert world.token_calls() == 3  # and the loser did not spend the winner's own refresh token


def test_a_new_consent_in_the_middle_of_a_refresh_stands(world: World, grant: str) -> None:
    gate, pool, late = held_refresh(world, grant)
    with pool:
        tokens = world.consent()
        assert world.grants().create(WORKSPACE, tokens) == grant
        gate.set()
        assert late.result() == tokens.access_token
    world.clock.advance(minutes=31)
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))


def test_a_token_longer_than_kms_encrypts_is_named_and_keeps_the_grant(world: World, grant: str) -> None:
    world.sandbox.faults.alter("/connect/token", lambda body: {**body, "access_token": "x" * 4097})
    with pytest.raises(TokenTooLong):
        world.grants().access_token(WORKSPACE, grant)
    world.clock.advance(hours=3)  # the old refresh token is worthless by now: the new one must have been kept
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))


def test_a_secret_that_cannot_be_written_for_twenty_minutes_costs_nothing(
    world: World, grant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TK-2: within the grace each attempt asks with the old refresh token again, and the last answer counts."""

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "InternalServiceError", "Message": "try again"}}, "PutSecretValue")

    for _ in range(4):
        with monkeypatch.context() as failing, pytest.raises(ClientError):
            failing.setattr(world.secrets, "put_secret_value", refuse)
            world.grants().access_token(WORKSPACE, grant)
        world.clock.advance(minutes=5)
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))
    world.clock.advance(hours=3)
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))


def test_a_grant_is_ended_by_its_age_alone_and_not_a_day_before(world: World, grant: str) -> None:
    """Where the token endpoint never says invalid_grant, sixty days without a refresh say it."""
    world.clock.advance(days=59)
    assert not world.grants().end_of_life(world.stored(grant))
    world.clock.advance(days=1)
    seen = world.stored(grant)
    assert world.grants().end_of_life(seen)
    assert world.stored(grant).state == "disconnected"
    assert not world.grants().end_of_life(seen), "it is over"


def test_a_grant_that_is_being_renewed_is_not_ended_by_its_age(world: World, grant: str) -> None:
    """TK-3: whoever holds the lease decides."""
    world.clock.advance(days=61)
    seen = world.stored(grant)
    now = int(world.clock().timestamp())
    assert world.store().lease(seen, "another", now, now + LEASE_SECONDS)
    assert not world.grants().end_of_life(seen)
    assert world.stored(grant).state == "connected"
