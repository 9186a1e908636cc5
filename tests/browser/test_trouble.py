"""What goes wrong, as people see it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests import passes
from tests.browser.looks import Looks
from tests.browser.place import Place
from tests.browser.visitor import Visitor

NAME = "Quiet Ltd"


def test_a_link_works_once(place: Place, looks: Looks) -> None:
    visitor = place.visitor(place.member())
    visitor.ask_for_link()
    visitor.open_link()
    address = visitor.path()
    visitor.press("Sign in to Ledgercast")
    assert visitor.path() == "/"
    other = place.visitor()
    other.open(address)
    other.press("Sign in to Ledgercast")
    refused, words = other.refusal()
    assert refused
    assert "used already" in words
    looks.at(other.page, "sign_in", "link-used")


def test_an_unknown_address_answers_plainly(place: Place, looks: Looks) -> None:
    visitor = place.visitor()
    for path in ("/nothing/here", "/sources/nothing", "/assets/nothing.css"):
        visitor.open(path)
        assert visitor.status in (404, 200)
    owner = place.owner()
    owner.open("/sources/nothing")
    assert owner.status == 404
    looks.at(owner.page, "problem", "not-found")


def test_what_operators_must_mend_is_explained(place: Place, looks: Looks) -> None:
    """OA-5."""
    visitor = place.visitor()
    for reason in ("two_apps", "invalid_scope", "internal?error=0123456789ab"):
        visitor.open(f"/oauth/xero/problem/{reason}")
        looks.at(visitor.page, "refused", reason.partition("?")[0].replace("_", "-"))
    visitor.open("/oauth/xero/help")
    looks.at(visitor.page, "help")


def test_when_xero_renews_nothing_the_owners_are_warned_until_it_is_disconnected(place: Place, looks: Looks) -> None:
    """TK-3, TK-4: as a person watches it by `make local`, with the switch and the clock of its helpers."""
    owner = place.owner()
    place.connect(owner, NAME)
    _ask(owner, "/_local/xero", {"token": "failing"})
    for days, words in ((47, "access to Xero ends in 14 days"), (7, "ends in 7 days"), (6, "ends in 1 day")):
        with passes.without(place.system.runtime, "Streams"):
            _ask(owner, "/_local/clock", {"advance_s": days * 86_400})
        owner.open("/_local/inbox")
        expect(_mail(owner, words)).not_to_have_count(0)
    _again(place, owner)
    owner.open("/")
    looks.at(owner.page, "overview", "access-ends")
    _ask(owner, "/_local/clock", {"advance_s": 3 * 86_400})
    _ask(owner, "/_local/xero", {"token": "working"})
    _ask(owner, "/_local/clock", {"advance_s": 86_400})

    _again(place, owner)
    assert owner.state_of(NAME) == "disconnected"
    looks.at(owner.page, "sources", "access-ended")
    owner.open("/")
    looks.at(owner.page, "overview", "access-ended")
    owner.open("/_local/inbox")
    expect(_mail(owner, "connect again to Xero")).not_to_have_count(0)

    place.consent(NAME)
    owner.open("/sources")
    owner.follow(f"Reconnect {NAME} to Xero")
    expect(owner.page.get_by_role("status")).to_contain_text("connected again")
    _ask(owner, "/_local/clock", {"advance_s": 86_400})
    owner.open("/_local/inbox")
    expect(_mail(owner, f"{NAME}: connected again")).not_to_have_count(0)


def _ask(visitor: Visitor, helper: str, body: dict[str, object]) -> None:
    answer = visitor.page.request.post(f"{visitor.site}{helper}", data=body, timeout=60_000)
    assert answer.ok, answer.text()


def _mail(visitor: Visitor, words: str):  # type: ignore[no-untyped-def]
    return visitor.page.locator("article", has_text=words).filter(has_text=visitor.email)


def _again(place: Place, visitor: Visitor) -> None:
    """The session ended with the days. By a backup code, which needs no half minute of its own."""
    place.enter(visitor)
    visitor.give_code(visitor.backup_codes.pop())
