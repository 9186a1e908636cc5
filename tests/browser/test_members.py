"""Owners and members: inviting, what each may see, removing; and what owners read about all of it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.looks import Looks
from tests.browser.place import Place


def test_a_member_is_invited_sees_less_and_is_removed(place: Place, looks: Looks) -> None:
    owner, guest = place.owner(), place.visitor()
    owner.open("/security")
    form = owner.page.locator("form[action='/security/members']")
    form.locator("[name=email]").fill("nobody at all@example.com")
    form.evaluate("form => { form.noValidate = true }")
    owner.press("Invite")
    assert owner.refusal()[0]
    assert form.locator("[name=email]").input_value() == "nobody at all@example.com"
    looks.at(owner.page, "security", "invitation-refused")
    form.locator("[name=email]").fill(guest.email)
    owner.press("Invite")
    expect(owner.page.get_by_role("status")).to_contain_text("invitation was sent")
    looks.at(owner.page, "security", "members")

    guest.open("/_local/inbox")
    letter = guest.page.locator("article", has_text=f"To {guest.email}").first
    guest.click(letter.get_by_role("link").first)
    assert guest.path().startswith("/sign-in")
    guest.sign_in_by_mail()
    navigation = guest.page.get_by_role("navigation", name="Main").get_by_role("link")
    assert navigation.all_inner_texts() == ["Home", "Sources", "Pulses", "Streams", "Activity", "Security"]
    looks.at(guest.page, "overview", "member")
    for path in ("/settings", "/activity?show=acts", "/oauth/slack/start"):
        guest.open(path)
        assert guest.status == 403
    looks.at(guest.page, "problem", "owners-only")
    guest.open("/security")
    assert guest.page.get_by_role("heading", name="Members of this workspace").count() == 0

    owner.open("/security")
    owner.press(f"Remove {guest.email}")
    expect(owner.page.get_by_role("status")).to_contain_text("removed")
    guest.open("/")
    assert guest.path().startswith("/sign-in")
    guest.ask_for_link()
    guest.open("/_local/inbox")
    assert guest.page.locator("article", has_text=f"To {guest.email}").count() == 2


def test_a_member_cannot_end_what_an_owner_connected(place: Place) -> None:
    owner, name = place.owner(), "Northgate Deli Ltd"
    place.connect(owner, name)
    member = place.plain_member()
    member.open_source(name)
    expect(member.page.get_by_role("link", name="Preview : Revenue (Monthly)")).to_be_visible()
    assert member.page.get_by_role("button", name="Disconnect").count() == 0


def test_sessions_are_listed_and_ended(place: Place, looks: Looks) -> None:
    """SE-1."""
    owner = place.owner()
    elsewhere = place.visitor(owner.email)
    place.enter(elsewhere)
    owner.open("/security")
    expect(owner.page.get_by_text("this one")).to_have_count(1)
    looks.at(owner.page, "security", "sessions")
    owner.press("End all other sessions")
    expect(owner.page.get_by_role("status")).to_contain_text("ended")
    elsewhere.open("/security")
    assert elsewhere.path().startswith("/sign-in")
    owner.open("/security")
    assert owner.status == 200


def test_owners_read_what_was_done(place: Place, looks: Looks) -> None:
    """LG-2."""
    owner = place.owner()
    place.consent("Quiet Ltd", deny=True)
    owner.open("/security/mfa-required")
    owner.set_up_totp()
    owner.open("/oauth/xero/start")
    owner.open("/activity?show=acts")
    expect(owner.page.get_by_text(owner.email).first).to_be_visible()
    looks.at(owner.page, "acts", "of-members")
    if owner.page.get_by_role("link", name="Older entries").count():
        owner.follow("Older entries")
        assert owner.status == 200
