"""Where the consent's own organisations are not told: the member chooses, nothing is guessed."""

from __future__ import annotations

import pytest

from tests.service.oauth.test_xero_connect import consent_to
from tests.service.oauth.world import Place
from tests.service.web.browser import Browser

CHOOSE = "/oauth/xero/choose"


@pytest.fixture
def owner(here: Place) -> Browser:
    """Came back from Xero with a consent for two organisations, of which the filter tells nothing."""
    browser = here.owner()
    consent_to(here, 0, 1)
    back = here.consent(here.start(browser))
    here.xero.faults.answer("authEventId", 200, b"[]")
    answer = browser.get(back)
    assert (answer.status, answer.location) == (303, CHOOSE)
    return browser


def test_the_page_lists_what_xero_lists_and_chooses_none(here: Place, owner: Browser) -> None:
    page = owner.get(CHOOSE)
    assert page.status == 200
    assert [name for name in ("Harbour Tiles", "Upland Joinery", "Meadow Bakery") if name in page.body] == [
        "Harbour Tiles",
        "Upland Joinery",
    ]
    assert "checked" not in page.body
    assert here.connections.list() == []


def test_the_chosen_one_is_connected_once(here: Place, owner: Browser) -> None:
    owner.get(CHOOSE)
    answer = owner.post(CHOOSE, organisation=here.tenants()[1])
    assert answer.location == f"/sources/{here.connection(1).id}?done=connected"
    assert [one.name for one in here.connections.list()] == ["Upland Joinery"]
    assert here.works(1)
    assert owner.post(CHOOSE, organisation=here.tenants()[0]).location == "/oauth/xero/problem/choice"
    assert len(here.connections.list()) == 1


@pytest.mark.parametrize("organisation", ["", "not-an-organisation", "\u202e"])
def test_a_choice_of_nothing_or_of_anothers_is_asked_again(here: Place, owner: Browser, organisation: str) -> None:
    owner.get(CHOOSE)
    answer = owner.post(CHOOSE, organisation=organisation or here.tenants()[2])
    assert answer.status == 422
    assert answer.alert == "Please choose one of the organisations."
    assert "Harbour Tiles" in answer.body
    assert here.connections.list() == []


def test_what_is_connected_already_is_marked(here: Place, owner: Browser) -> None:
    owner.get(CHOOSE)
    owner.post(CHOOSE, organisation=here.tenants()[0])
    back = here.consent(here.start(owner))
    here.xero.faults.answer("authEventId", 200, b"[]")
    owner.get(back)
    assert owner.get(CHOOSE).body.count('class="tag plain">connected') == 1


def test_the_choice_belongs_to_the_session_and_ends_after_ten_minutes(here: Place, owner: Browser) -> None:
    over = "/oauth/xero/problem/choice"
    assert here.signed_in("owner@example.com", mfa=True).get(CHOOSE).location == over
    assert here.person("ada@example.com").get(CHOOSE).location == over
    here.web.clock.advance(minutes=10)
    assert owner.get(CHOOSE).location == over
    assert owner.post(CHOOSE, organisation=here.tenants()[0]).location == over
    assert here.connections.list() == []


def test_the_choice_asks_for_the_second_factor_too(here: Place, owner: Browser) -> None:
    """OA-3."""
    owner.get(CHOOSE)
    here.turn_totp(here.web.edge.members.list()[0], "off")
    gate = "/security/mfa-required?next=/oauth/xero/start"
    assert owner.get(CHOOSE).location == gate
    assert owner.post(CHOOSE, organisation=here.tenants()[0]).location == gate
    assert here.connections.list() == []


def test_a_choice_from_another_site_is_refused(here: Place, owner: Browser) -> None:
    """SE-2."""
    assert owner.post(CHOOSE, organisation=here.tenants()[0], csrf="x" * 43).status == 403
    assert here.connections.list() == []


def test_names_from_xero_are_text(here: Place) -> None:
    """SX-3."""
    browser = here.owner()
    back = here.consent(here.start(browser))
    here.xero.faults.answer("authEventId", 200, b"[]")
    name = {"tenantName": '<img src=x onerror="alert(1)">'}
    here.xero.faults.alter("GET /connections$", lambda listed: [{**one, **name} for one in listed], times=2)
    browser.get(back)
    body = browser.get(CHOOSE).body
    assert "<img src=x" not in body
    assert "&lt;img src=x" in body


def test_a_token_without_its_event_lets_the_member_choose(here: Place) -> None:
    """Without the event's id there is nothing to filter by; the whole list must not pass for the consent's own."""
    from tests.unit.grants.scripted import access_token

    browser = here.owner()
    back = here.consent(here.start(browser))
    here.xero.faults.alter(
        "/connect/token", lambda body: {**body, "access_token": access_token(here.xero.identity.consent.user, None)}
    )
    here.xero.faults.answer("GET /connections", 200, b'[{"id":"c","tenantId":"t","tenantType":"ORGANISATION"}]')
    assert browser.get(back).location == CHOOSE
    assert here.connections.list() == []
