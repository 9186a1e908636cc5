"""To Xero and back: the whole way, for one organisation, several, none, and again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from ledgercast.domain.connections import BY_MEMBER, GONE_IN_XERO, GRANT_ENDED
from ledgercast.store.consents import LIFE
from ledgercast.xero.scopes import CLASSIC, GRANULAR, lacking
from local.xero.identity import Consent
from tests.service.oauth.world import Place, query_of


def consent_to(here: Place, *numbers: int) -> None:
    here.xero.identity.consent = Consent(organisations=[here.tenants()[number] for number in numbers])


def test_a_person_with_a_second_factor_goes_to_xero_and_comes_back_connected(here: Place) -> None:
    """OA-1, OA-2, OA-4: the frozen scopes, a state of 256 bits, PKCE, one redirect address; the step is invisible."""
    owner = here.owner()
    address = here.start(owner)
    asked = query_of(address)
    assert address.startswith(f"{here.xero.url}/identity/connect/authorize?")
    assert asked["redirect_uri"] == "https://ledgercast.example.com/oauth/xero/callback"
    assert asked["scope"].split() == list(GRANULAR)
    assert len(asked["state"]) == 43
    assert asked["code_challenge_method"] == "S256"
    answer = owner.get(here.consent(address))
    connection = here.connection()
    assert (answer.status, answer.location) == (303, f"/sources/{connection.id}?done=connected")
    assert (connection.state, connection.name) == ("connected", "Harbour Tiles")
    assert connection.connected_by == here.web.edge.members.list()[0].id
    assert connection.xero_connection == here.xero.identity.connections[0].id
    assert here.works()


def test_connecting_is_audited_with_its_scopes(here: Place) -> None:
    """LG-2."""
    here.connect(here.owner())
    assert here.web.acts() == ["xero.started ok", "xero.scopes_granted ok", "xero.connected ok"]
    entries, _ = here.web.edge.audit.newest(3)
    assert entries[0].subject == here.connection().id
    assert entries[1].subject == here.connection().grant
    assert {one.origin for one in entries} == {"203.0.113.7"}


def test_the_state_row_knows_hashes_and_goes_with_its_use(here: Place) -> None:
    """OA-1: stored hashed, for ten minutes."""
    owner = here.owner()
    address = here.start(owner)
    [row] = [one for one in rows(here) if one["pk"]["S"].startswith("STATE#")]
    told = json.dumps(row)
    assert query_of(address)["state"] not in told
    assert owner.cookies["__Host-oauth"] not in told
    assert owner.cookies["__Host-session"] not in told
    assert int(row["expires_at"]["N"]) - int(here.web.clock().timestamp()) == LIFE.total_seconds() == 600
    owner.get(here.consent(address))
    assert not [one for one in rows(here) if one["pk"]["S"].startswith("STATE#")]


def test_the_browsers_cookie_is_strict_and_short_lived(here: Place) -> None:
    """SE-2."""
    answer = here.owner().get("/oauth/xero/start")
    [cookie] = answer.cookies
    assert cookie.startswith("__Host-oauth=")
    assert cookie.endswith("; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax")
    assert answer.headers["Cache-Control"] == "no-store"


def test_two_tabs_may_both_end_well(here: Place) -> None:
    owner = here.owner()
    first, second = here.start(owner), here.start(owner)
    assert "done=connected" in owner.get(here.consent(first)).location
    assert "done=connected" in owner.get(here.consent(second)).location


def test_the_newest_connection_is_not_the_consented_one(here: Place) -> None:
    """Xero lists all that the user ever authorised; only those of this consent's event count (facts 1.4)."""
    owner = here.owner()
    consent_to(here, 1)
    here.connect(owner)
    consent_to(here, 0)
    address = here.consent(here.start(owner))
    for listed in here.xero.identity.connections:  # another app's window touched the other one meanwhile
        if listed.organisation.id == here.tenants()[1]:
            here.web.clock.advance(minutes=1)
            listed.updated = here.web.clock()
    here.xero.identity.connections.sort(key=lambda one: one.updated, reverse=True)
    answer = owner.get(address)
    assert answer.location == f"/sources/{here.connection(0).id}?done=connected"
    assert len(here.connections.list()) == 2


def test_a_consent_for_several_connects_each(here: Place) -> None:
    consent_to(here, 0, 2)
    answer = here.connect(here.owner())
    assert answer.location == "/sources?done=connected"
    assert [one.name for one in here.connections.list()] == ["Harbour Tiles", "Meadow Bakery"]
    assert len({one.grant for one in here.connections.list()}) == 1


def test_a_consent_for_none_is_told_and_leaves_no_tokens(here: Place) -> None:
    consent_to(here)
    answer = here.connect(here.owner())
    assert answer.location == "/oauth/xero/problem/no_organisation"
    assert here.connections.list() == []
    assert here.secrets() == []
    assert not [one for one in rows(here) if one["sk"]["S"].startswith("GRANT#")]


def test_two_organisations_of_one_user_share_one_grant_and_both_work_after_the_second_consent(here: Place) -> None:
    """TK-3: the second consent replaces the user's tokens at Xero; the first organisation lives on by the new ones."""
    owner = here.owner()
    consent_to(here, 0)
    here.connect(owner)
    consent_to(here, 1)
    here.connect(owner)
    assert here.connection(0).grant == here.connection(1).grant
    assert here.works(0)
    assert here.works(1)
    assert len(here.secrets()) == 1
    here.web.clock.advance(minutes=31)
    assert here.works(0)


def test_connecting_again_resumes_what_ended_with_the_former_consent(here: Place) -> None:
    """TK-3: reconnect once, and every organisation of that Xero user goes on by itself."""
    owner = here.owner()
    consent_to(here, 0, 1)
    here.connect(owner)
    here.xero.identity.forget_tokens()
    for number in (0, 1):
        here.connections.disconnect(here.connection(number).id, GRANT_ENDED)
    here.deps.settle()
    assert [one.kind for one in here.incidents.list() if one.is_open] == ["grant"]
    consent_to(here, 0)
    answer = here.connect(owner, f"/oauth/xero/start?connection={here.connection(0).id}")
    assert answer.location == f"/sources/{here.connection(0).id}?done=reconnected"
    for number in (0, 1):
        assert (here.connection(number).state, here.connection(number).held_reason) == ("connected", "")
        assert here.works(number)
    assert "xero.resumed ok" in here.web.acts()
    assert [one.kind for one in here.incidents.list() if one.is_open] == [], "the incident is over at once"


@pytest.mark.parametrize("reason", [BY_MEMBER, GONE_IN_XERO])
def test_what_a_person_disconnected_does_not_come_back_with_another_organisation(here: Place, reason: str) -> None:
    owner = here.owner()
    consent_to(here, 0, 1)
    here.connect(owner)
    here.connections.disconnect(here.connection(1).id, reason)
    consent_to(here, 0)
    here.connect(owner)
    assert here.connection(1).state == "disconnected"
    consent_to(here, 1)
    here.connect(owner)
    assert (here.connection(1).state, here.connection(1).held_reason) == ("connected", "")


def test_a_hold_of_another_organisation_stays_and_knows_its_new_scopes(here: Place) -> None:
    owner = here.owner()
    consent_to(here, 0, 1)
    here.connect(owner)
    here.connections.update(
        here.connection(1).id, {"state": "held", "held_reason": "mfa.off", "held_was": "needs_scopes"}
    )
    consent_to(here, 0)
    here.connect(owner)
    assert (here.connection(1).state, here.connection(1).held_reason) == ("held", "mfa.off")
    item = here.web.state.get("WS#main", f"CONN#{here.connection(1).id}")
    assert item
    assert item["held_was"] == "connected"


def test_another_organisation_than_the_one_to_mend_is_said(here: Place) -> None:
    owner = here.owner()
    consent_to(here, 0)
    here.connect(owner)
    consent_to(here, 1)
    answer = here.connect(owner, f"/oauth/xero/start?connection={here.connection(0).id}")
    assert answer.location == "/sources?done=another"
    assert here.connection(1).state == "connected"


def test_another_xero_user_takes_an_organisation_over_and_unused_tokens_are_deleted(here: Place) -> None:
    owner = here.owner()
    here.connect(owner)
    before = here.connection().grant
    here.xero.identity.consent = Consent(user="another-user", organisations=[here.tenants()[0]])
    here.connect(owner)
    assert here.connection().grant != before
    assert here.web.state.get("WS#main", f"GRANT#{before}") is None
    assert [name.split("/")[3] for name in here.secrets()] == [here.connection().grant]
    assert here.works()


def test_a_subset_of_the_scopes_connects_and_names_what_each_metric_lacks(here: Place) -> None:
    """OA-4: compared with what was granted, per metric."""
    here.xero.faults.alter("/connect/token", lambda body: {**body, "scope": without(body["scope"], "banksummary")})
    owner = here.owner()
    here.connect(owner)
    connection = here.connection()
    assert connection.state == "needs_scopes"
    assert lacking(connection.scopes) == {
        "cash_position": ("accounting.reports.banksummary.read",),
        "cash_in_vs_out": ("accounting.reports.banksummary.read",),
    }
    assert "xero.scopes_granted subset" in here.web.acts()
    here.connect(owner)
    assert here.connection().state == "connected"


def test_an_app_of_the_classic_profile_asks_for_the_broad_names_and_lacks_nothing(here: Place) -> None:
    """OA-4: a second frozen list, for apps made before 2 March 2026."""
    here.xero.identity.scopes |= set(CLASSIC)
    here.deps = replace(here.deps, scopes=CLASSIC)
    owner = here.owner()
    address = here.start(owner)
    assert query_of(address)["scope"].split() == list(CLASSIC)
    owner.get(here.consent(address))
    assert here.connection().state == "connected"


def test_the_page_that_was_wished_for_is_gone_to_in_the_end(here: Place) -> None:
    assert here.connect(here.owner(), "/oauth/xero/start?next=/pulses/new").location == "/pulses/new"


@pytest.mark.parametrize(
    "wish",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/%5cevil.example",
        "/sources/../../evil",
        "javascript:alert(1)",
        "/sources%0d%0aSet-Cookie:a=b",
        "/sources?to=//evil.example",
        "/sources#@evil.example",
        " /sources",
        "http:/evil.example",
        "/oauth/xero/start",
        "/oauth/slack/start",
        "/sign-out",
        "\u2025/evil",
    ],
)
def test_a_wish_to_go_elsewhere_is_not_heard(here: Place, wish: str) -> None:
    """OA-2: an allow-list of our own pages, and no way to a provider again."""
    owner = here.owner()
    answer = here.connect(owner, f"/oauth/xero/start?next={quote(wish, safe='')}")
    assert answer.location == f"/sources/{here.connection().id}?done=connected"


def without(scopes: str, part: str) -> str:
    return " ".join(scope for scope in scopes.split() if part not in scope)


def rows(here: Place) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = here.session.client("dynamodb").scan(TableName="state")["Items"]
    return found
