"""Who is let through: state, session, browser, second factor. The callback's half of the bypass tour (OA-1, OA-3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.oauth.handler import build
from ledgercast.store.consents import ConsentStore
from ledgercast.store.table import Table
from tests.service.oauth.world import Place, query_of
from tests.service.web.browser import Answer, Browser

START = "/oauth/xero/start"
SET_UP = "/security/mfa-required?next=/oauth/xero/start"


def nothing_came_of_it(here: Place) -> bool:
    """No token was asked for, nothing is connected, nothing is kept."""
    asked = [call.path for call in here.xero.calls if call.path != "/identity/connect/authorize"]
    return asked == [] and here.connections.list() == [] and here.secrets() == []


def refused(answer: Answer, reason: str) -> bool:
    return (answer.status, answer.location) == (303, f"/oauth/xero/problem/{reason}")


def test_a_stranger_is_led_to_sign_in_and_back_to_the_start(here: Place) -> None:
    stranger = here.web.browser(here.app.handle)
    assert stranger.get(START).location == "/sign-in?next=%2Foauth%2Fxero%2Fstart"


def test_an_account_without_the_second_factor_sets_it_up_first(here: Place) -> None:
    """OA-3."""
    assert here.person("ada@example.com", mfa=False).get(START).location == SET_UP
    assert nothing_came_of_it(here)


def test_what_was_asked_of_the_start_survives_the_set_up(here: Place) -> None:
    here.connect(here.owner())
    connection = here.connection().id
    ada = here.person("ada@example.com", mfa=False)
    answer = ada.get(f"{START}?connection={connection}&next=/pulses/new")
    come_back = parse_qs(urlsplit(answer.location).query)["next"][0]
    assert urlsplit(answer.location).path == "/security/mfa-required"
    assert come_back == f"{START}?connection={connection}&next=%2Fpulses%2Fnew"


def test_a_session_that_did_not_pass_the_second_factor_enters_its_code_first(here: Place) -> None:
    """OA-3: the account has it, this session has not: the step of signing in."""
    here.owner()
    half = here.signed_in("owner@example.com", mfa=False)
    assert half.get(START).location == "/sign-in?next=%2Foauth%2Fxero%2Fstart"
    assert half.get("/oauth/xero/callback?code=c&state=s").location == "/sign-in"


def test_a_mark_from_before_the_second_factor_was_turned_off_counts_for_nothing(here: Place) -> None:
    """OA-3, the stale flag: at the start, and at the callback of a consent that was begun in time."""
    owner = here.owner()
    back = here.consent(here.start(owner))
    here.turn_totp(here.web.edge.members.list()[0], "off")
    assert owner.get(START).location == SET_UP
    assert owner.get(back).location == SET_UP
    assert nothing_came_of_it(here)
    here.turn_totp(here.web.edge.members.list()[0], "on")
    assert refused(owner.get(back), "state"), "the state must not outlive the refusal"
    assert "xero.refused second_factor" in here.web.acts()


def test_a_callback_out_of_the_blue_is_refused(here: Place) -> None:
    """OA-3, the skipped page: with and without the second factor, with a state of one's own making."""
    for browser in (here.owner(), here.person("ada@example.com", mfa=False)):
        for query in ("", "?code=c", "?state=s", f"?code=c&state={'x' * 43}", "?code=c&state=%00", "?state[]=1"):
            assert refused(browser.get(f"/oauth/xero/callback{query}"), "state")
    assert nothing_came_of_it(here)


def test_a_stranger_at_the_callback_is_led_away_from_the_code(here: Place) -> None:
    stranger = here.web.browser(here.app.handle)
    assert stranger.get(here.consent(here.start(here.owner()))).location == "/sign-in"
    assert nothing_came_of_it(here)


def test_a_stolen_state_is_worth_nothing_elsewhere_and_still_good_at_home(here: Place) -> None:
    """OA-1: another member, another session of the same member, another browser with the very same session."""
    owner = here.owner()
    back = here.consent(here.start(owner))
    thief = here.person("thief@example.com")
    assert refused(thief.get(back), "session")
    other = here.signed_in("owner@example.com", mfa=True)
    other.cookies["__Host-oauth"] = owner.cookies["__Host-oauth"]
    assert refused(other.get(back), "session")
    twin = here.web.browser(here.app.handle)
    twin.cookies["__Host-session"] = owner.cookies["__Host-session"]
    assert refused(twin.get(back), "browser")
    twin.cookies["__Host-oauth"] = "x" * 43
    assert refused(twin.get(back), "browser")
    assert nothing_came_of_it(here)
    assert "done=connected" in owner.get(back).location


def test_a_session_renewed_on_the_way_must_begin_again(here: Place) -> None:
    owner = here.owner()
    back = here.consent(here.start(owner))
    session = here.web.edge.sessions.find(owner.cookies["__Host-session"])
    assert session
    owner.cookies["__Host-session"], _ = here.web.edge.sessions.rotate(session)
    assert refused(owner.get(back), "session")


def test_a_state_is_used_once(here: Place) -> None:
    """OA-1: replay."""
    owner = here.owner()
    back = here.consent(here.start(owner))
    owner.get(back)
    assert refused(owner.get(back), "state")
    assert sum(call.path == "/connect/token" for call in here.xero.calls) == 1


def test_of_two_submissions_at_once_one_counts(here: Place) -> None:
    """OA-1: the delete is conditional. The rival comes between our reading of the row and our delete."""
    owner = here.owner()
    back = here.consent(here.start(owner))
    rival: list[Answer] = []

    class Overtaken(Table):
        def delete(self, *given: Any, **values: Any) -> None:
            rival.append(owner_elsewhere.get(back))
            super().delete(*given, **values)

    owner_elsewhere = Browser(build(lambda: here.deps).handle)
    owner_elsewhere.cookies = dict(owner.cookies)
    slow = ConsentStore(Overtaken(here.session.client("dynamodb"), "state", here.web.clock))
    late = Browser(build(lambda: replace(here.deps, consents=slow)).handle)
    late.cookies = dict(owner.cookies)
    assert refused(late.get(back), "state")
    assert "done=connected" in rival[0].location
    assert sum(call.path == "/connect/token" for call in here.xero.calls) == 1


def test_a_state_lasts_ten_minutes_of_our_clock(here: Place) -> None:
    """OA-1: expiry."""
    owner = here.owner()
    back = here.consent(here.start(owner))
    here.web.clock.advance(minutes=10)
    assert refused(owner.get(back), "state")
    assert nothing_came_of_it(here)


def test_a_state_of_one_provider_is_none_of_the_others(here: Place) -> None:
    owner = here.owner()
    state = query_of(here.start(owner))["state"]
    assert owner.get(f"/oauth/slack/callback?code=c&state={state}").location == "/oauth/slack/problem/state"


def test_a_code_with_another_verifier_is_refused_by_xero(here: Place) -> None:
    """OA-1: PKCE; a code that was injected into another consent does not match its verifier."""
    owner = here.owner()
    injected = query_of(here.consent(here.start(here.person("ada@example.com"))))["code"]
    state = query_of(here.start(owner))["state"]
    assert refused(owner.get(f"/oauth/xero/callback?code={injected}&state={state}"), "code_refused")
    assert here.connections.list() == []


def test_two_factors_do_not_help_a_member_who_was_removed(here: Place) -> None:
    ada = here.person("ada@example.com")
    back = here.consent(here.start(ada))
    here.web.edge.members.set_state(here.web.edge.members.list()[0].id, "removed")
    assert ada.get(back).location == "/sign-in"
    assert nothing_came_of_it(here)


@pytest.mark.parametrize("target", ["/oauth/xero/callback", "/oauth/xero/start"])
def test_the_ways_are_for_reading_requests_alone(here: Place, target: str) -> None:
    """SE-2."""
    assert here.owner().post(target).status == 405
