"""Signing in by a link: used once, by a pressed button, told to nobody who is no member."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from functions.console.sign_in import LINKS_PER_ACCOUNT, LINKS_PER_CLIENT
from ledgercast.mail import Letter
from tests.service.console.world import OWNER, Console, text_of
from tests.service.web.browser import Browser


def test_the_first_owner_signs_in_by_the_mailed_link(desk: Console) -> None:
    # given a deployment that names its owner, and nobody yet
    person = desk.browser()
    # when they ask, open the link and press its button
    sent = desk.ask(person)
    token = desk.tokens()[0]
    opened = person.get(f"/sign-in/verify?token={token}")
    answer = person.post("/sign-in/verify", token=opened.hidden("token"))
    # then they are in, as an owner, and the way is on record
    assert (sent.status, opened.status, answer.status, answer.location) == (200, 200, 303, "/")
    assert person.get("/security").status == 200
    member = desk.web.edge.members.by_email(OWNER)
    assert member and (member.role, member.state) == ("owner", "active")
    assert desk.web.acts() == ["member.created ok", "sign_in.link_sent ok", "sign_in.ok ok"]


def test_the_mail_holds_the_address_of_contracts_2_and_our_clock_s_date(desk: Console) -> None:
    desk.ask(desk.browser())
    letter = desk.letters()[0]
    assert f"https://ledgercast.example.com/sign-in/verify?token={desk.tokens()[0]}" in text_of(letter)
    assert letter["To"] == OWNER
    assert letter["Date"] == "Wed, 25 Nov 2026 09:00:00 +0000"


def test_the_link_works_in_another_browser_and_only_once(desk: Console) -> None:
    desk.ask(desk.browser())
    token = desk.tokens()[0]
    for browser, status in ((desk.browser(), 303), (desk.browser(), 400)):
        browser.get(f"/sign-in/verify?token={token}")
        assert browser.post("/sign-in/verify", token=token).status == status
    assert desk.web.acts()[-1] == "sign_in.refused link_refused"


def test_scanners_of_mail_cannot_use_the_link_up(desk: Console) -> None:
    desk.ask(desk.browser())
    token = desk.tokens()[0]
    for method in ("GET", "HEAD", "GET"):
        desk.browser().send(method, f"/sign-in/verify?token={token}")
    person = desk.browser()
    person.get(f"/sign-in/verify?token={token}")
    assert person.post("/sign-in/verify", token=token).status == 303


def test_the_page_of_the_link_says_nothing_about_the_token_and_gives_it_to_nobody(desk: Console) -> None:
    desk.ask(desk.browser())
    good, bad = desk.tokens()[0], "x" * 43
    person = desk.browser()
    person.get("/sign-in")
    answers = [person.get(f"/sign-in/verify?token={token}") for token in (good, bad)]
    assert answers[0].body.replace(good, "") == answers[1].body.replace(bad, "")
    assert {one.headers["Referrer-Policy"] for one in answers} == {"no-referrer"}
    assert {one.headers["Cache-Control"] for one in answers} == {"no-store"}


@pytest.mark.parametrize(("minutes", "status"), [(14.9, 303), (15, 400)])
def test_the_link_lives_for_a_quarter_of_an_hour_by_our_clock(desk: Console, minutes: float, status: int) -> None:
    person = desk.browser()
    desk.ask(person)
    desk.web.clock.advance(minutes=minutes)
    person.get(f"/sign-in/verify?token={desk.tokens()[0]}")
    assert person.post("/sign-in/verify", token=desk.tokens()[0]).status == status


def test_of_ten_who_use_the_link_at_once_one_gets_in(desk: Console) -> None:
    desk.ask(desk.browser())
    token = desk.tokens()[0]
    browsers = [desk.browser(address=f"203.0.113.{n}") for n in range(10)]
    for browser in browsers:
        browser.get(f"/sign-in/verify?token={token}")
    answers: list[int] = []
    together = threading.Barrier(len(browsers))

    def press(browser: Browser) -> None:
        together.wait()
        answers.append(browser.post("/sign-in/verify", token=token).status)

    threads = [threading.Thread(target=press, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(answers) == {303: 1, 400: 9}


def test_members_and_strangers_get_the_same_answer_after_the_same_work(desk: Console) -> None:
    desk.web.member("ada@example.com")
    removed = desk.web.member("gone@example.com")
    desk.web.edge.members.set_state(removed.id, "removed")
    person = desk.browser()
    answers = [desk.ask(person, email) for email in ("ada@example.com", "bob@example.com", "gone@example.com")]
    bodies = {
        answer.body.replace(email, "")
        for answer, email in zip(answers, ("ada@example.com", "bob@example.com", "gone@example.com"), strict=True)
    }
    assert len(bodies) == 1
    assert {answer.status for answer in answers} == {200}
    assert [letter["To"] for letter in desk.letters()] == ["ada@example.com"]
    assert len(desk.spent) == 3


def test_a_mail_that_cannot_be_sent_tells_nobody_who_is_a_member(desk: Console) -> None:
    class Broken:
        def send(self, to: str, letter: Letter) -> None:
            raise ConnectionError("no way out")

    post: Any = Broken()
    desk.deps = replace(desk.deps, post=post)
    desk.web.member("ada@example.com")
    person = desk.browser()
    with_failure, without = (desk.ask(person, email) for email in ("ada@example.com", "bob@example.com"))
    assert (with_failure.status, without.status) == (200, 200)
    assert with_failure.body.replace("ada@", "bob@") == without.body


def test_asking_again_and_again_is_slowed_down_alike_for_members_and_strangers(desk: Console) -> None:
    """MF-4's counterpart for links: per account, with an end to every wait."""
    desk.web.member("ada@example.com")
    for email in ("ada@example.com", "bob@example.com"):
        person = desk.browser(address=f"203.0.113.{len(email)}{email[0] == 'a':d}")
        statuses = [desk.ask(person, email).status for _ in range(LINKS_PER_ACCOUNT + 1)]
        assert statuses == [200] * LINKS_PER_ACCOUNT + [429]
        last = desk.ask(person, email)
        assert 0 < int(last.headers["Retry-After"]) <= 900
        assert "15 minutes" in last.alert
        assert last.hidden("email") == email


def test_a_stranger_who_asks_for_links_cannot_lock_a_member_out(desk: Console) -> None:
    # given a stranger who has used up what may be asked for ada
    desk.web.member("ada@example.com")
    stranger, ada = desk.browser(), desk.browser(address="198.51.100.9")
    while desk.ask(stranger, "ada@example.com").status == 200:
        pass
    # then the links that ada got by it are good until the wait ends
    desk.web.clock.advance(minutes=14)
    ada.get(f"/sign-in/verify?token={desk.tokens()[-1]}")
    assert ada.post("/sign-in/verify", token=desk.tokens()[-1]).status == 303
    # and afterwards she can ask herself again
    desk.web.clock.advance(minutes=1)
    assert desk.ask(desk.browser(address="198.51.100.9"), "ada@example.com").status == 200


def test_one_client_is_slowed_down_and_no_other(desk: Console) -> None:
    person = desk.browser()
    statuses = [desk.ask(person, f"guess-{n}@example.com").status for n in range(LINKS_PER_CLIENT + 1)]
    assert statuses[-2:] == [200, 429]
    assert desk.ask(desk.browser(address="198.51.100.9"), "guess-0@example.com").status == 200
    assert desk.web.acts() == ["sign_in.throttled throttled"]


def test_the_addresses_of_one_ipv6_network_are_one_client(desk: Console) -> None:
    statuses = [
        desk.ask(desk.browser(address=f"2001:db8:0:7::{n:x}"), f"guess-{n}@example.com").status
        for n in range(LINKS_PER_CLIENT + 1)
    ]
    assert statuses[-2:] == [200, 429]
    assert desk.ask(desk.browser(address="2001:db8:0:8::1"), "ada@example.com").status == 200


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "ada",
        "ada@example",
        "Ada <ada@example.com>",
        "ada@exam ple.com",
        "а@example.com",
        "a" * 250 + "@e.com",
    ],
)
def test_an_address_that_is_none_is_told_in_words_and_kept(desk: Console, typed: str) -> None:
    answer = desk.ask(desk.browser(), typed, next="/sources")
    assert answer.status == 422
    assert answer.alert
    assert answer.hidden("email") == typed
    assert answer.hidden("next") == "/sources"


def test_addresses_are_compared_without_case(desk: Console) -> None:
    assert desk.sign_in(desk.browser(), "  Owner@EXAMPLE.com ").status == 303


def test_the_page_that_was_asked_for_is_reached_after_signing_in(desk: Console) -> None:
    person = desk.browser()
    wanted = person.get("/security?done=session").location
    person.get(wanted)
    asked = person.get(wanted)
    person.post("/sign-in", email=OWNER, next=asked.hidden("next"))
    other = desk.browser()
    other.get(f"/sign-in/verify?token={desk.tokens()[0]}")
    assert other.post("/sign-in/verify", token=desk.tokens()[0]).location == "/security?done=session"


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "/sign-out"])
def test_no_other_place_is_reached_after_signing_in_oa_2(desk: Console, target: str) -> None:
    person = desk.browser()
    desk.ask(person, next=target)
    person.get(f"/sign-in/verify?token={desk.tokens()[0]}")
    assert person.post("/sign-in/verify", token=desk.tokens()[0], next=target).location == "/"


def test_signing_in_gives_a_new_session_and_ends_the_browser_s_old_one_se_1(desk: Console) -> None:
    person = desk.browser()
    desk.sign_in(person)
    before = person.cookies["__Host-session"]
    token = desk.deps.links.make(desk.web.edge.members.list()[0], desk.web.clock())
    person.get(f"/sign-in/verify?token={token}")
    person.post("/sign-in/verify", token=token)
    assert person.cookies["__Host-session"] != before
    assert desk.web.edge.sessions.find(before) is None


def test_a_session_that_somebody_planted_is_never_taken_over_se_1(desk: Console) -> None:
    person = desk.browser()
    person.cookies["__Host-session"] = "A" * 43
    desk.sign_in(person)
    assert person.cookies["__Host-session"] != "A" * 43
    assert desk.web.edge.sessions.find("A" * 43) is None


def test_with_the_second_factor_on_nothing_is_open_after_the_link_but_its_form_and_signing_out(desk: Console) -> None:
    # given a member with the second factor on
    member = desk.web.member("ada@example.com", "owner")
    desk.web.edge.members.update(member.id, {"totp": "on"})
    person = desk.browser()
    # when they come in by the link alone
    answer = desk.sign_in(person, "ada@example.com")
    form = person.follow(answer)
    # then the next page has the form, and every page leads to it
    assert 'action="/security/totp/verify"' in form.body
    assert 'name="code"' in form.body
    assert "ada@example.com" not in form.body
    for route in desk.app.routes:
        if route.who in ("member", "owner"):
            path = route.pattern.replace("{", "x").replace("}", "")
            refused = person.send(route.method, path)
            assert refused.location.startswith("/sign-in") or refused.status == 403, route.key
    assert person.post("/sign-out").location == "/sign-in"
    assert "__Host-session" not in person.cookies


def test_the_form_of_the_second_factor_may_lead_on_to_xero(desk: Console) -> None:
    settings = replace(desk.web.edge.settings, onward=(("/oauth/xero/", "https://login.xero.com"),))
    desk.deps = replace(desk.deps, edge=replace(desk.web.edge, settings=settings))
    member = desk.web.member("ada@example.com")
    desk.web.edge.members.update(member.id, {"totp": "on"})
    person = desk.browser()
    desk.web.sign_in(person, desk.web.edge.members.list()[0])
    policy = person.get("/sign-in?next=%2Foauth%2Fxero%2Fstart").headers["Content-Security-Policy"]
    assert "form-action 'self' https://login.xero.com;" in policy
    assert "xero" not in person.get("/sign-in?next=%2Fsources").headers["Content-Security-Policy"]


def test_the_button_of_a_link_may_lead_on_to_a_provider(desk: Console) -> None:
    """Who opens the start of a connect signed out is led there in the end, by redirects of the button's own form."""
    onward = (("/oauth/xero/", "https://login.xero.com"), ("/oauth/slack/", "https://slack.com"))
    settings = replace(desk.web.edge.settings, onward=onward)
    desk.deps = replace(desk.deps, edge=replace(desk.web.edge, settings=settings))
    policy = desk.browser().get(f"/sign-in/verify?token={'A' * 43}").headers["Content-Security-Policy"]
    assert "form-action 'self' https://login.xero.com https://slack.com;" in policy


def test_signing_out_ends_the_session_on_our_side_se_1(desk: Console) -> None:
    person = desk.browser()
    desk.sign_in(person)
    person.get("/security")
    value = person.cookies["__Host-session"]
    assert person.post("/sign-out").location == "/sign-in"
    person.cookies["__Host-session"] = value
    assert person.get("/security").location.startswith("/sign-in")
    assert desk.web.acts()[-1] == "sign_out ok"


def test_whoever_is_signed_in_needs_no_form(desk: Console) -> None:
    person = desk.browser()
    desk.sign_in(person)
    assert person.get("/sign-in?next=/security").location == "/security"


def test_healthz_answers_a_stranger_with_ok_alone(desk: Console) -> None:
    answer = desk.browser().get("/healthz")
    assert (answer.status, answer.body, answer.cookies) == (200, "ok", [])


def test_the_style_sheet_is_kept_by_browsers_and_nothing_else_is_served(desk: Console) -> None:
    person = desk.browser()
    answer = person.get("/assets/ledgercast.css")
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "immutable" in answer.headers["Cache-Control"]
    for name in ("other.css", "..%2fapp.py", "app.py"):
        assert person.get(f"/assets/{name}").status == 404
