"""Signing in by the mail, as a person does it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.looks import Looks
from tests.browser.place import Place


def test_the_first_owner_comes_in_by_the_mail_in_the_viewer(place: Place, looks: Looks) -> None:
    visitor = place.visitor(place.system.settings.owner_email)

    visitor.open("/")
    assert visitor.path().startswith("/sign-in")
    looks.at(visitor.page, "sign_in")
    visitor.ask_for_link()
    expect(visitor.page.get_by_role("heading", name="Look in your mail")).to_be_visible()
    looks.at(visitor.page, "sign_in_sent")
    visitor.open("/_local/inbox")
    looks.at(visitor.page, "inbox")
    visitor.open_link()
    looks.at(visitor.page, "sign_in_verify")
    visitor.press("Sign in to Ledgercast")

    assert visitor.path() == "/"
    expect(visitor.page.get_by_text(visitor.email)).to_be_visible()
    looks.at(visitor.page, "overview", "new")
    visitor.sign_out()
    visitor.open("/")
    assert visitor.path() == "/sign-in"
