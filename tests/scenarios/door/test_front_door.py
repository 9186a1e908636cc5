"""The ways around the front door, each tried on the running system: none of them leads to Xero's figures.

What is tried here by HTTP and against the sandboxes is held to its details in tests/service/{web,mfa,oauth,console}.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
import requests

from infra.routes import ROUTES
from ledgercast.store.links import LinkStore
from local.xero.identity import Consent
from tests.scenarios.door.conftest import Door
from tests.scenarios.door.visitor import Visitor, place, query

pytestmark = pytest.mark.xdist_group("front-door")

START, CALLBACK, CHOOSE = "/oauth/xero/start", "/oauth/xero/callback", "/oauth/xero/choose"
KEYS = [key for keys in ROUTES.values() for key in keys]
GETS = [key.removeprefix("GET ") for key in KEYS if key.startswith("GET ")]
POSTS = [key.removeprefix("POST ") for key in KEYS if key.startswith("POST ")]
FOR_EVERYBODY = {
    "/admin/security/mfa-required",
    "/assets/{name}",
    "/healthz",
    "/oauth/slack/problem/{reason}",
    "/oauth/xero/help",
    "/oauth/xero/problem/{reason}",
    "/sign-in",
    "/sign-in/verify",
    "/unsubscribe/{token}",
    "/unsubscribe/{token}/again",
}
"""What needs no session. Everything else turns a stranger away, and a session whose second step is still to come."""
FOR_LINKS = {"/security/totp/verify", "/sign-out"}


def filled(pattern: str) -> str:
    return re.sub(r"\{\w+\}", "some-id", pattern)


def turned_away(answer: requests.Response) -> bool:
    return answer.status_code in (401, 403) or (answer.status_code == 303 and place(answer) == "/sign-in")


def outcome(answer: requests.Response) -> str:
    """The reason for which a connect ended, or where it led instead."""
    return place(answer).removeprefix("/oauth/xero/problem/").removeprefix("/oauth/slack/problem/")


# The callback on its own


def test_a_callback_that_nobody_began_connects_nothing_oa_1(door: Door) -> None:
    inside, _ = door.someone("owner")
    made_up = ["", "x", "A" * 43, "é" * 43, "A" * 3000, "%00" * 43]
    with door.nothing_connected():
        for provider in ("xero", "slack"):
            for state in made_up:
                answer = inside.get(f"/oauth/{provider}/callback?code=stolen-code&state={state}")
                assert outcome(answer) == "state", state
        assert outcome(inside.get(CALLBACK)) == "state"
        assert outcome(inside.get(f"{CALLBACK}?code=a&code=b&state=c&state=d")) == "state"
        stranger = door.stranger().get(f"{CALLBACK}?code=stolen-code&state=stolen-state")
    assert place(stranger) == "/sign-in"
    assert "stolen" not in stranger.headers["Location"], "neither code nor state is carried on"


def test_no_way_to_xero_without_the_second_factor_oa_3(door: Door) -> None:
    bare, _ = door.someone("owner", protected=False)
    with door.nothing_connected():
        for path in (START, f"{START}?next=/settings", f"{START}?connection={door.connections.list()[0].id}", CHOOSE):
            answer = bare.get(path)
            assert place(answer) == "/security/mfa-required", path
            assert query(answer.headers["Location"])["next"].startswith(START), "it comes back by itself"
        assert place(bare.post(CHOOSE, organisation=door.xero.books[0].organisation.id)) == "/security/mfa-required"
        assert outcome(bare.get(f"{CALLBACK}?code=c&state={'A' * 43}")) == "state"


# A state and a code in other hands


def test_a_state_in_other_hands_neither_works_nor_is_spoilt_oa_1(door: Door) -> None:
    rightful, member = door.someone()
    back = door.consent(door.begin(rightful))
    elsewhere, mallory = door.stranger(), door.someone()[0]
    door.enter(elsewhere, member.id, mfa=True)
    copied = door.stranger()
    door.enter(copied, member.id, mfa=True)
    copied.take("oauth", rightful.cookie("oauth"))
    mallory.take("oauth", rightful.cookie("oauth"))
    other_browser = door.stranger()
    other_browser.take("session", rightful.cookie())
    busy_browser = door.stranger()
    door.enter(busy_browser, member.id, mfa=True)
    door.begin(busy_browser)
    busy_browser.take("session", rightful.cookie())
    with door.nothing_connected():
        assert outcome(elsewhere.get(back)) == "session", "the same member, signed in a second time"
        assert outcome(copied.get(back)) == "session", "with the browser's cookie copied too"
        assert outcome(mallory.get(back)) == "session", "another member who holds code, state and cookie"
        assert outcome(other_browser.get(back)) == "browser", "a stolen session, without the browser's cookie"
        assert outcome(busy_browser.get(back)) == "browser", "a stolen session, in a browser with a cookie of its own"
        assert outcome(rightful.get(back.replace("/xero/", "/slack/"))) == "state", "another provider's"
    assert place(rightful.get(back)).startswith("/sources"), "and whoever began it still arrives"


def test_a_consent_that_mallory_began_is_not_finished_by_her_victim_oa_1(door: Door) -> None:
    """Or else her organisation would be connected to the victim's name, and the victim's figures mixed with it."""
    (mallory, _), (victim, _) = door.someone(), door.someone()
    back = door.consent(door.begin(mallory))
    door.begin(victim)
    with door.nothing_connected():
        assert outcome(victim.get(back)) == "session"


def test_a_state_and_a_code_count_once_oa_1(door: Door) -> None:
    person, _ = door.someone()
    back = door.consent(door.begin(person))
    assert place(person.get(back)).startswith("/sources")
    with door.nothing_connected():
        assert outcome(person.get(back)) == "state", "both replayed"
        fresh = query(door.begin(person))["state"]
        used = query(back)["code"]
        assert outcome(person.get(f"{CALLBACK}?code={used}&state={fresh}")) == "code_refused", "the code replayed"
        assert outcome(person.get(f"{CALLBACK}?code={used}&state={fresh}")) == "state", "which used the state up"


def test_of_two_answers_at_once_one_counts_oa_1(door: Door) -> None:
    person, _ = door.someone()
    back = door.consent(door.begin(person))
    twin = door.stranger(person.email)
    twin.take("session", person.cookie())
    twin.take("oauth", person.cookie("oauth"))
    ended = at_once(lambda: outcome(person.get(back)), lambda: outcome(twin.get(back)))
    assert sorted(one.startswith("/sources") for one in ended) == [False, True]
    assert "state" in ended


def test_a_state_is_over_after_ten_minutes_oa_1(door: Door) -> None:
    person, _ = door.someone()
    back = door.consent(door.begin(person))
    door.runtime.scheduler.advance(601)
    with door.nothing_connected():
        assert outcome(person.get(back)) == "state"


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda one=one: answers.append(one())) for one in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


# The second factor, stale or somebody else's


def test_turned_off_between_start_and_callback_connects_nothing_oa_3(door: Door) -> None:
    """By the same member in another browser; in the same one; and between the very lines of another request."""
    first = door.stranger()
    member = door.edge.members.create(first.email, "owner", "active", door.edge.now())
    assert member
    door.enter(first, member.id, mfa=False)
    first.protect()
    second = door.stranger()
    door.enter(second, member.id, mfa=True)
    back = door.consent(door.begin(first))
    with door.nothing_connected():
        assert place(second.post("/security/totp/disable", code=first.codes.pop())) == "/security"
        assert turned_away(first.get(back)), "the other session ended with it"
        assert place(second.get(START)) == "/security/mfa-required"
    second.protect()
    back = door.consent(door.begin(second))
    with door.nothing_connected():
        second.post("/security/totp/disable", code=second.codes.pop())
        assert outcome(second.get(back)) == "session", "this one goes on under a new id"
    second.protect()
    back = door.consent(door.begin(second))
    with door.nothing_connected():
        assert door.edge.members.update(member.id, {"totp": "off"})
        assert place(second.get(back)) == "/security/mfa-required", "a session's own mark is not enough"


def test_turned_on_elsewhere_a_session_has_to_pass_it_itself_oa_3(door: Door) -> None:
    old, member = door.someone("owner", protected=False)
    other = door.stranger()
    door.enter(other, member.id, mfa=False)
    assert old.is_in() and other.is_in()
    other.protect()
    assert not old.is_in(), "it ended when the second factor was turned on"
    # and one that was missed, because it began that very moment, is a link's and no more
    missed = door.stranger()
    door.enter(missed, member.id, mfa=False)
    row = door.session(missed)
    door.system.table.update(f"SESSION#{row.key}", "SESSION", {"stage": "full", "mfa_at": None})
    with door.nothing_connected():
        assert missed.get("/api/v1/me").json()["error"]["code"] == "second_factor_required"
        for path in (START, f"{CALLBACK}?code=c&state={'A' * 43}", CHOOSE, "/sources", "/security"):
            assert place(missed.get(path)) == "/sign-in", path
    missed.codes = other.codes
    assert place(missed.pass_second_step()) == "/"
    assert missed.is_in()


@pytest.fixture
def halfway(door: Door) -> Visitor:
    """The right link of an account with two-factor authentication, and no code."""
    visitor, member = door.someone("owner", protected=False)
    visitor.protect()
    door.enter(visitor, member.id, mfa=False)
    assert door.session(visitor).stage == "link"
    return visitor


def test_a_link_alone_opens_nothing_but_the_second_step_oa_3(door: Door, halfway: Visitor) -> None:
    csrf = door.session(halfway).csrf
    before = door.rows("StateTable")
    for pattern in set(GETS) - FOR_EVERYBODY - FOR_LINKS:
        assert turned_away(halfway.get(filled(pattern))), pattern
    for pattern in set(POSTS) - FOR_EVERYBODY - FOR_LINKS:
        answer = halfway.post(filled(pattern), csrf, code="000000", email="a@example.com", domain="evil.example")
        assert turned_away(answer), pattern
    assert door.rows("StateTable") == before
    for pattern in set(GETS) & FOR_EVERYBODY:
        assert halfway.email not in halfway.get(filled(pattern)).text, pattern
    assert halfway.post("/security/totp/verify", csrf, code="000000", next="/sources").status_code == 422
    assert not halfway.is_in()
    assert place(halfway.post("/sign-out", csrf)) == "/sign-in"


def test_a_stranger_sees_what_is_for_everybody_and_no_more(door: Door) -> None:
    stranger = door.stranger()
    for pattern in GETS:
        assert turned_away(stranger.get(filled(pattern))) == (pattern not in FOR_EVERYBODY), pattern
    csrf = stranger.csrf()
    for pattern in set(POSTS) - FOR_EVERYBODY:
        assert turned_away(stranger.post(filled(pattern), csrf)), pattern


def test_a_code_of_another_account_and_a_used_code_open_nothing_mf_2(door: Door) -> None:
    mine, theirs = (door.someone("member", protected=False) for _ in range(2))
    for visitor, _ in (mine, theirs):
        visitor.protect()
    half = door.stranger()
    door.enter(half, theirs[1].id, mfa=False)
    for code in (pyotp.TOTP(mine[0].seed).now(), mine[0].codes[0]):
        assert half.post("/security/totp/verify", code=code).status_code == 422
    assert half.post("/security/totp/verify", code=theirs[0].spent).status_code == 422, "used up by the set-up itself"
    half.codes = theirs[0].codes
    spent = half.codes[-1]
    assert place(half.pass_second_step()) == "/"
    again = door.stranger()
    door.enter(again, theirs[1].id, mfa=False)
    assert again.post("/security/totp/verify", code=spent).status_code == 422
    assert not again.is_in()


# Sessions


def test_a_forged_cookie_is_nobody_s_se_1(door: Door) -> None:
    victim, member = door.someone("owner")
    value, session = victim.cookie(), door.session(victim)
    forged = [
        session.key,
        value[:-1],
        value + "A",
        value.swapcase(),
        f'"{value}"',
        f"{value}%00",
        f"{member.id}:{value}",
        "A" * 43,
        "../" * 20,
        "A" * 4000,
        "main",
    ]
    for one in forged:
        stranger = door.stranger()
        answer = stranger.get("/api/v1/me", Cookie=f"session={one}")
        assert answer.status_code == 401, one
    for cookie in (f"Session={value}", f"session ={value[1:]}; x={value}", f"form={value}", f"__Host-oauth={value}"):
        assert door.stranger().get("/api/v1/me", Cookie=cookie).status_code == 401, cookie
    assert door.stranger().get("/api/v1/me", Cookie=f"session=x; session={value}").status_code == 401, (
        "the first counts"
    )
    for header in ({"Authorization": f"Bearer {value}"}, {"X-Session": value}):
        assert door.stranger().get("/api/v1/me", **header).status_code == 401
    assert door.stranger().get(f"/api/v1/me?session={value}").status_code == 401
    assert victim.is_in()


def test_a_session_that_was_planted_before_is_not_the_one_that_comes_in_se_1(door: Door) -> None:
    member = door.someone("member", protected=False)[1]
    mallory, victim = door.stranger(), door.stranger(member.email)
    planted = mallory.cookie() or "B" * 43
    victim.take("session", planted)
    token = LinkStore(door.system.table).make(member, door.edge.now())
    victim.submit(victim.open(f"/sign-in/verify?token={token}"), "/sign-in/verify")
    arrived = victim.cookie()
    assert victim.is_in() and arrived != planted
    victim.protect()
    assert victim.cookie() != arrived, "and it is another again after the second factor"
    for dead in (planted, arrived):
        mallory.take("session", dead)
        assert not mallory.is_in()


def test_signing_out_ends_the_session_at_the_server_too_se_1(door: Door) -> None:
    person, _ = door.someone()
    thief = door.stranger()
    thief.take("session", person.cookie())
    assert thief.is_in()
    person.post("/sign-out")
    assert not thief.is_in()


def test_a_removed_member_is_out_at_once_everywhere(door: Door) -> None:
    (owner, _), (person, member) = door.someone("owner"), door.someone("member")
    csrf, cookie = door.session(person).csrf, person.cookie()
    back = door.consent(door.begin(person))
    token = LinkStore(door.system.table).make(member, door.edge.now())
    owner.post(f"/security/members/{member.id}/remove")
    person.take("session", cookie)
    with door.nothing_connected():
        assert turned_away(person.get(back))
        assert not person.is_in()
    assert turned_away(person.post("/security/totp/enrol", csrf))
    assert door.stranger().post("/sign-in/verify", token=token).status_code == 400, "the link in their mailbox"
    # nor by a session that was missed, because it began that very moment
    left = door.stranger()
    left.take("session", door.edge.sessions.start(member, mfa=True)[0])
    assert not left.is_in()


def test_a_form_s_value_of_another_session_changes_nothing_se_2(door: Door) -> None:
    (owner, _), (mallory, _) = door.someone("owner"), door.someone("owner")
    stranger = door.stranger()
    wrong = {"another member's": door.session(mallory).csrf, "a stranger's": stranger.csrf(), "none": ""}
    own = door.session(owner).csrf
    before = door.rows("StateTable")
    for pattern in set(POSTS) - {"/sign-in", "/sign-in/verify", "/unsubscribe/{token}"}:
        for name, csrf in wrong.items():
            assert owner.post(filled(pattern), csrf).status_code == 403, f"{name}: {pattern}"
        elsewhere = owner.post(filled(pattern), own, headers={"Origin": "https://evil.example"})
        assert elsewhere.status_code == 403, pattern
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": door.runtime.url + ".evil.example"}):
        assert owner.post("/security/end-other-sessions", own, headers=headers).status_code == 403
    assert owner.send("POST", f"/sign-out?csrf={own}", headers={"X-CSRF-Token": own}).status_code == 403
    assert door.rows("StateTable") == before
    assert owner.is_in()


def test_nothing_is_changed_by_opening_an_address_se_2(door: Door) -> None:
    """A picture on another site opens addresses with the visitor's cookie."""
    owner, _ = door.someone("owner")
    for pattern in POSTS:
        if pattern not in GETS:
            for method in ("GET", "HEAD"):
                answer = owner.send(method, filled(pattern), headers={"X-HTTP-Method-Override": "POST"})
                assert answer.status_code in (404, 405), pattern
    assert owner.is_in()


# Links


def test_a_link_lets_one_in_and_is_not_used_up_by_being_looked_at(door: Door) -> None:
    member = door.someone("member", protected=False)[1]
    person = door.stranger(member.email)
    path = person.link()
    scanner = door.stranger()
    for _ in range(3):
        assert scanner.get(path).status_code == 200 and scanner.send("HEAD", path).status_code == 200
    one, two = door.stranger(), door.stranger()
    token = query(path)["token"]
    values = [(visitor, visitor.csrf()) for visitor in (one, two)]
    ended = at_once(*(lambda v=v, c=c: v.post("/sign-in/verify", c, token=token).status_code for v, c in values))
    assert sorted(ended) == [303, 400]
    assert [one.is_in(), two.is_in()].count(True) == 1
    late = LinkStore(door.system.table).make(member, door.edge.now())
    door.runtime.scheduler.advance(15 * 60 + 1)
    assert door.stranger().post("/sign-in/verify", token=late).status_code == 400


def test_a_stranger_learns_nothing_of_who_is_a_member(door: Door) -> None:
    member = door.someone()[1]
    sent = len(door.runtime.mail())
    answers = []
    for email in (member.email, "nobody@example.com"):
        visitor = door.stranger()
        page = visitor.post("/sign-in", email=email)
        text = re.sub(r'value="[\w-]{43}"', "", page.text).replace(email, "…")
        answers.append((page.status_code, sorted(page.headers), text))
    assert answers[0] == answers[1]
    assert len(door.runtime.mail()) == sent + 1


# Whose organisation it is


def test_an_organisation_that_the_consent_does_not_name_is_not_connected(door: Door) -> None:
    """By the form of the choice, with the id of an organisation that another Xero user has here."""
    person, _ = door.someone()
    ours = door.xero.books[0].organisation.id
    before = door.xero.identity.consent
    door.xero.identity.consent = Consent(user="another-user", organisations=[])
    try:
        assert outcome(person.get(door.consent(door.begin(person)))) == "no_organisation"
        with door.nothing_connected():
            assert outcome(person.post(CHOOSE, organisation=ours)) == "choice"
    finally:
        door.xero.identity.consent = before
