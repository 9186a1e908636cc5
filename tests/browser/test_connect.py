"""Connecting a Xero organisation, looking at it, ending it and taking it back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.looks import Looks
from tests.browser.place import LONG_NAME, Place
from tests.browser.visitor import Visitor

FIGURES = "Harbour & Pine Coffee Ltd"
QUIET = "Quiet Ltd"


@pytest.fixture
def owner(place: Place) -> Visitor:
    """Somebody who passed a second factor, as everybody has who connected before."""
    visitor = place.owner()
    visitor.open("/security/mfa-required")
    visitor.set_up_totp()
    return visitor


def test_the_first_connect_leads_through_the_second_factor_and_on_by_itself(place: Place, looks: Looks) -> None:
    """OA-3, MF-3."""
    visitor = place.owner()
    place.consent(FIGURES)
    visitor.open("/sources")
    looks.at(visitor.page, "sources", "new")
    visitor.unfold()
    looks.at(visitor.page, "sources", "unfolded")
    visitor.follow("Connect to Xero")
    assert visitor.path().startswith("/security/mfa-required?next=")
    looks.at(visitor.page, "mfa_required", "on-the-way-to-xero")
    visitor.set_up_totp()
    looks.at(visitor.page, "backup_codes", "on-the-way-to-xero")
    visitor.go_on()

    assert re.fullmatch(r"/sources/[^/]+\?done=connected", visitor.path())
    assert visitor.page.locator("[data-connection]").get_attribute("data-state") == "connected"
    looks.at(visitor.page, "source", "connected")
    visitor.unfold()
    looks.at(visitor.page, "source", "unfolded")
    assert visitor.state_of(FIGURES) == "connected"
    looks.at(visitor.page, "sources", "connected")
    visitor.open("/")
    looks.at(visitor.page, "overview", "connected")


def test_with_the_second_factor_passed_the_step_is_never_seen(place: Place, owner: Visitor) -> None:
    place.consent("Northgate Deli Ltd")
    seen: list[str] = []
    owner.page.on("framenavigated", lambda frame: seen.append(frame.url))
    owner.open("/oauth/xero/start")
    assert "done=connected" in owner.path()
    assert not [one for one in seen if "/security/" in one]


def test_who_was_signed_out_comes_to_xero_through_the_link_and_the_code(place: Place, owner: Visitor) -> None:
    """The forms on the way lead to another site in the end, which their pages' policy must allow."""
    owner.open("/")
    owner.sign_out()
    place.consent("Northgate Deli Ltd")
    owner.open("/oauth/xero/start")
    owner.page.locator("[name=email]").fill(owner.email)
    owner.press("Send me a link")
    owner.open_link()
    owner.press("Sign in to Ledgercast")
    owner.give_code()
    assert "done=connected" in owner.path()


def test_a_refusal_at_xero_is_told_and_can_be_taken_back(place: Place, owner: Visitor, looks: Looks) -> None:
    """OA-5."""
    place.consent(QUIET, deny=True)
    owner.open("/oauth/xero/start")
    assert owner.path() == "/oauth/xero/problem/denied"
    assert owner.refusal()[0]
    looks.at(owner.page, "refused", "denied")
    place.consent(QUIET)
    owner.follow("Connect to Xero again")
    assert "done=connected" in owner.path()


def test_disconnect_and_reconnect(place: Place, owner: Visitor, looks: Looks) -> None:
    """OA-6."""
    place.connect(owner, QUIET)
    owner.open_source(QUIET)
    owner.press(f"Disconnect from Xero: {QUIET}")
    expect(owner.page.get_by_role("status")).to_contain_text("was disconnected")
    assert owner.state_of(QUIET) == "disconnected"
    looks.at(owner.page, "sources", "disconnected")
    owner.open_source(QUIET)
    looks.at(owner.page, "source", "disconnected")

    owner.follow(f"Reconnect {QUIET} to Xero")
    expect(owner.page.get_by_role("status")).to_contain_text("connected again")
    assert owner.state_of(QUIET) == "connected"


def test_a_permission_that_is_missing_is_told_with_what_it_costs(place: Place, owner: Visitor, looks: Looks) -> None:
    """OA-4. The organisation's name is as long as Xero lets it be."""
    place.xero.faults.alter("/connect/token", lambda body: {**body, "scope": _without(body["scope"], "banksummary")})
    place.consent(LONG_NAME)
    owner.open("/oauth/xero/start")
    looks.at(owner.page, "source", "needs-scopes")
    assert owner.state_of(LONG_NAME) == "needs_scopes"
    looks.at(owner.page, "sources", "needs-scopes")
    owner.open("/")
    looks.at(owner.page, "overview", "needs-scopes")
    owner.open("/sources")
    place.consent(LONG_NAME, user=place.xero.identity.consent.user)
    owner.click(owner.page.get_by_role("link", name=f"Reconnect to enable all metrics of {LONG_NAME}"))
    assert owner.state_of(LONG_NAME) == "connected"


def test_where_xero_names_no_organisation_the_member_does(place: Place, owner: Visitor, looks: Looks) -> None:
    place.xero.faults.answer("authEventId", 200, b"[]")
    place.consent("Northgate Deli Ltd", LONG_NAME)
    owner.open("/oauth/xero/start")
    looks.at(owner.page, "choose")
    owner.page.get_by_label("Northgate Deli Ltd").check()
    owner.press("Connect")
    assert "done=connected" in owner.path()
    expect(owner.page.get_by_role("heading", level=1)).to_have_text("Northgate Deli Ltd")


def test_a_metric_is_tried_on_a_fresh_connection(place: Place, owner: Visitor, looks: Looks) -> None:
    place.connect(owner, FIGURES)
    for metric, title in (("revenue", "Revenue (Monthly)"), ("aged_receivables", "Aged Receivables")):
        owner.open_source(FIGURES)
        owner.follow(f"Preview: {title}")
        expect(owner.page.get_by_role("heading", level=1)).to_contain_text(title.removesuffix(" (Monthly)"))
        expect(owner.page.locator(".figure")).to_contain_text("£")
        chart = owner.page.get_by_role("img", name=f"Chart: {title}")
        assert chart.evaluate("one => one.decode().then(() => one.naturalWidth)") == 1600
        looks.at(owner.page, "preview", metric.replace("_", "-"))
        owner.page.emulate_media(color_scheme="dark")
        assert chart.evaluate("one => one.decode().then(() => one.currentSrc)").endswith("/chart.png?theme=dark")


def test_a_metric_without_figures_and_one_that_must_wait_say_so(place: Place, owner: Visitor, looks: Looks) -> None:
    place.connect(owner, "Boxwell Packaging Ltd")
    owner.open_source("Boxwell Packaging Ltd")
    owner.follow("Preview: Revenue (Monthly)")
    expect(owner.page.get_by_role("heading", name="No activity")).to_be_visible()
    looks.at(owner.page, "preview", "no-activity")

    place.xero.limits.per_day = 0
    owner.open_source("Boxwell Packaging Ltd")
    owner.follow("Preview: Cash Position")
    assert owner.status == 202
    looks.at(owner.page, "preview_waiting")

    place.xero.limits.per_day = 1_000
    owner.open_source("Boxwell Packaging Ltd")
    address = owner.page.get_by_role("link", name="Preview : Cash Position").get_attribute("href")
    owner.press("Disconnect from Xero: Boxwell Packaging Ltd")
    owner.open(address or "")
    assert owner.status == 409
    assert "was disconnected here" in owner.refusal()[1]
    looks.at(owner.page, "preview_refused")


def _without(scopes: str, part: str) -> str:
    return " ".join(scope for scope in scopes.split() if part not in scope)
