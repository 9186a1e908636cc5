"""The security page: one's own sessions, and the members of the workspace for owners."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.console.people import INVITATIONS
from ledgercast.mail import Letter
from tests.service.console.world import OWNER, Console, text_of
from tests.service.web.browser import Browser


@pytest.fixture
def owner(desk: Console) -> Browser:
    person = desk.browser()
    desk.sign_in(person)
    person.get("/security")
    return person


def test_sessions_are_listed_and_ended_one_by_one_se_1(desk: Console, owner: Browser) -> None:
    member = desk.web.edge.members.by_email(OWNER)
    assert member
    value, other = desk.web.edge.sessions.start(member, browser="Safari on iPhone")
    assert "Safari on iPhone" in owner.get("/security").body
    answer = owner.post(f"/security/sessions/{other.key}/end")
    assert owner.follow(answer).status == 200
    assert desk.web.edge.sessions.find(value) is None
    assert "Safari on iPhone" not in owner.get("/security").body


def test_times_are_told_in_the_zone_of_the_workspace(desk: Console, owner: Browser) -> None:
    assert "last used 25 Nov 2026, 09:00 UTC" in owner.get("/security").body
    desk.deps.settings.change(lambda _: {"timezone": "Asia/Tokyo"})
    assert "last used 25 Nov 2026, 18:00 JST" in owner.get("/security").body


def test_all_other_sessions_are_ended_and_the_own_stays(desk: Console, owner: Browser) -> None:
    member = desk.web.edge.members.by_email(OWNER)
    assert member
    values = [desk.web.edge.sessions.start(member)[0] for _ in range(3)]
    owner.post("/security/end-other-sessions")
    assert [desk.web.edge.sessions.find(value) for value in values] == [None] * 3
    assert owner.get("/security").status == 200


def test_ending_the_own_session_signs_out(desk: Console, owner: Browser) -> None:
    member = desk.web.edge.members.by_email(OWNER)
    assert member
    own = desk.web.edge.sessions.list(member.id)[0]
    assert owner.post(f"/security/sessions/{own.key}/end").location == "/sign-in"
    assert owner.get("/security").location.startswith("/sign-in")


def test_the_session_of_somebody_else_cannot_be_ended(desk: Console, owner: Browser) -> None:
    value, session = desk.web.edge.sessions.start(desk.web.member("ada@example.com"))
    assert owner.post(f"/security/sessions/{session.key}/end").status == 404
    assert desk.web.edge.sessions.find(value)


def test_an_owner_invites_and_the_invited_come_in_by_signing_in(desk: Console, owner: Browser) -> None:
    answer = owner.post("/security/members", email="Ada@example.com", role="member")
    assert "The invitation was sent." in owner.follow(answer).body
    letter = desk.letters()[-1]
    assert letter["To"] == "ada@example.com"
    assert "https://ledgercast.example.com/sign-in" in text_of(letter)
    assert desk.sign_in(desk.browser(), "ada@example.com").status == 303
    member = desk.web.edge.members.by_email("ada@example.com")
    assert member and (member.role, member.state) == ("member", "active")


@pytest.mark.parametrize(
    ("email", "role", "status"),
    [("", "member", 422), ("nobody", "member", 422), ("ada@example.com", "king", 422), (OWNER, "member", 409)],
)
def test_an_invitation_that_cannot_be_is_told_and_kept(
    desk: Console, owner: Browser, email: str, role: str, status: int
) -> None:
    answer = owner.post("/security/members", email=email, role=role)
    assert answer.status == status
    assert answer.alert
    assert answer.hidden("email") == email
    assert len(desk.web.edge.members.list()) == 1


def test_an_invitation_whose_mail_failed_stands_and_says_so(desk: Console, owner: Browser) -> None:
    class Broken:
        def send(self, to: str, letter: Letter) -> None:
            raise ConnectionError("no way out")

    post: Any = Broken()
    desk.deps = replace(desk.deps, post=post)
    answer = owner.post("/security/members", email="ada@example.com", role="owner")
    assert answer.status == 502
    assert "could not be sent" in answer.alert
    assert desk.web.edge.members.by_email("ada@example.com")


def test_invitations_are_bounded_by_the_day(desk: Console, owner: Browser) -> None:
    for n in range(INVITATIONS):
        owner.post("/security/members", email=f"a{n}@example.com", role="member")
    assert owner.post("/security/members", email="more@example.com", role="member").status == 429
    desk.web.clock.advance(minutes=90)
    assert owner.post("/security/members", email="more@example.com", role="member").status == 429


def test_a_removed_member_is_out_at_once_and_gets_no_link(desk: Console, owner: Browser) -> None:
    ada = desk.web.member("ada@example.com")
    person = desk.browser()
    desk.web.sign_in(person, ada)
    assert person.get("/security").status == 200
    assert owner.post(f"/security/members/{ada.id}/remove").status == 303
    assert person.get("/security").location.startswith("/sign-in")
    sent = len(desk.letters())
    desk.ask(desk.browser(address="198.51.100.9"), "ada@example.com")
    assert len(desk.letters()) == sent


def test_a_link_of_a_member_removed_meanwhile_leads_nowhere(desk: Console, owner: Browser) -> None:
    ada = desk.web.member("ada@example.com")
    token = desk.deps.links.make(ada, desk.web.clock())
    owner.post(f"/security/members/{ada.id}/remove")
    person = desk.browser()
    person.get(f"/sign-in/verify?token={token}")
    assert person.post("/sign-in/verify", token=token).status == 400


def test_a_removed_member_comes_back_without_the_former_second_factor(desk: Console, owner: Browser) -> None:
    ada = desk.web.member("ada@example.com", "owner")
    desk.web.edge.members.update(ada.id, {"totp": "on", "seed": b"old"})
    owner.post(f"/security/members/{ada.id}/remove")
    owner.post("/security/members", email="ada@example.com", role="member")
    item = desk.web.edge.members.item(ada.id)
    assert item and item["state"] == "invited" and item["role"] == "member"
    assert item["totp"] == "off" and "seed" not in item


def test_nobody_removes_themselves(desk: Console, owner: Browser) -> None:
    own = desk.web.edge.members.by_email(OWNER)
    assert own
    answer = owner.post(f"/security/members/{own.id}/remove")
    assert answer.status == 409
    assert "Another owner can" in answer.alert
    assert owner.get("/security").status == 200


def test_a_member_neither_sees_nor_changes_the_members(desk: Console, owner: Browser) -> None:
    ada, bob = desk.web.member("ada@example.com"), desk.web.member("bob@example.com")
    person = desk.browser()
    desk.web.sign_in(person, ada)
    assert "bob@example.com" not in person.get("/security").body
    assert person.post("/security/members", email="eve@example.com", role="owner").status == 403
    assert person.post(f"/security/members/{bob.id}/remove").status == 403
    assert desk.web.acts()[-2:] == ["access.denied forbidden", "access.denied forbidden"]


def test_members_without_the_second_factor_see_the_recommendation(desk: Console, owner: Browser) -> None:
    assert "Set up two-factor authentication" in owner.get("/security").body
    ada = desk.web.member("ada@example.com")
    desk.web.edge.members.update(ada.id, {"totp": "on"})
    person = desk.browser()
    desk.web.sign_in(person, ada, mfa=True)
    assert "Set up two-factor authentication" not in person.get("/security").body
