"""The second factor from the first code to the last, at an authenticator app and on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.looks import Looks
from tests.browser.place import Place
from tests.browser.visitor import Visitor

WRONG = "000000"


@pytest.fixture
def owner(place: Place) -> Visitor:
    """Somebody who set it up, and has ten backup codes."""
    visitor = place.owner()
    visitor.open("/security/mfa-required")
    visitor.set_up_totp()
    return visitor


def test_it_is_set_up_from_the_security_page(place: Place, looks: Looks) -> None:
    """MF-1, MF-3: the secret stands beside its QR code, and counts once a code of it was typed."""
    visitor = place.owner()
    visitor.open("/security")
    looks.at(visitor.page, "security", "off")
    visitor.follow("Set it up")
    expect(visitor.page.locator("#totp-qr svg")).to_be_visible()
    looks.at(visitor.page, "mfa_required", "from-security")

    visitor.type_code(WRONG)
    visitor.press("Confirm")
    refused, words = visitor.refusal()
    assert refused
    assert "does not belong to this set-up" in words
    looks.at(visitor.page, "mfa_required", "wrong-code")

    visitor.set_up_totp()
    assert len(set(visitor.backup_codes)) == 10
    looks.at(visitor.page, "backup_codes", "first")
    visitor.go_on()
    assert visitor.path() == "/security"
    looks.at(visitor.page, "security", "on")


def test_it_is_asked_for_after_the_link_and_nothing_else_is_open_until_then(
    place: Place, owner: Visitor, looks: Looks
) -> None:
    """MF-2, SE-1."""
    owner.sign_out()
    place.enter(owner)
    looks.at(owner.page, "second_factor")
    for path in ("/", "/sources", "/oauth/xero/start", "/security"):
        owner.open(path)
        assert owner.path().startswith("/sign-in")
        expect(owner.page.locator("form[action='/security/totp/verify']")).to_be_visible()

    owner.give_code(WRONG)
    refused, words = owner.refusal()
    assert refused
    assert "not accepted" in words
    looks.at(owner.page, "second_factor", "wrong-code")

    owner.give_code()
    assert owner.path() == "/security"
    expect(owner.page.get_by_role("heading", name="Security")).to_be_visible()


def test_a_backup_code_opens_once(place: Place, owner: Visitor) -> None:
    """MF-5."""
    spent = owner.backup_codes[0]
    for code, opens in ((spent, True), (spent, False), (owner.backup_codes[1], True)):
        if owner.page.get_by_role("button", name="Sign out").first.is_visible():
            owner.click(owner.page.get_by_role("button", name="Sign out").first)
        place.enter(owner)
        owner.give_code(code)
        assert (owner.path() == "/") == opens
        assert opens or owner.refusal()[0]


def test_new_backup_codes_and_a_new_phone_each_take_a_code(place: Place, owner: Visitor, looks: Looks) -> None:
    """MF-3, MF-5."""
    owner.open("/security")
    owner.page.get_by_text("Make new backup codes").click()
    looks.at(owner.page, "security", "new-codes-open")
    owner.page.get_by_label("Code of your app").first.fill(WRONG)
    owner.press("Make new codes")
    assert owner.refusal()[0]
    looks.at(owner.page, "with_code", "codes")
    owner.type_code(owner.backup_codes[0])
    owner.press("Make new codes")
    before_codes = owner.backup_codes
    fresh = owner.read_backup_codes()
    assert not set(fresh) & set(before_codes)
    looks.at(owner.page, "backup_codes", "again")

    owner.go_on()
    owner.follow("Move to another authenticator")
    looks.at(owner.page, "already_on")
    owner.type_code(fresh[0])
    owner.press("Set up a new authenticator")
    looks.at(owner.page, "mfa_required", "another-phone")
    before = owner.phone
    owner.set_up_totp()
    assert owner.phone
    assert before
    assert owner.phone.secret != before.secret


def test_turning_it_off_holds_what_was_connected(place: Place, owner: Visitor, looks: Looks) -> None:
    name = "Boxwell Packaging Ltd"
    place.connect(owner, name)
    owner.open("/security")
    owner.page.get_by_text("Turn it off").click()
    looks.at(owner.page, "security", "turn-off-open")
    owner.page.get_by_label("Code of your app").last.fill(WRONG)
    owner.press("Turn off")
    assert owner.refusal()[0]
    looks.at(owner.page, "with_code", "turn-off")
    owner.type_code(owner.backup_codes[0])
    owner.press("Turn off")

    expect(owner.page.get_by_role("status")).to_contain_text("is off")
    assert owner.state_of(name) == "held"
    looks.at(owner.page, "sources", "held")
    owner.follow(name)
    looks.at(owner.page, "source", "held")
    owner.open("/")
    looks.at(owner.page, "overview", "held")
