"""The second step of signing in: which codes count, how often, and what a session is worth before and after."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.mfa.factors import Factor
from tests.service.mfa.world import ADA, Phone, Place
from tests.service.web.browser import Answer, Browser

VERIFY = "/security/totp/verify"


@pytest.fixture
def phone(here: Place) -> Phone:
    """The phone of a member whose second factor is on; the step of its set-up is over."""
    _, phone, _ = here.protected()
    return phone


def half_in(here: Place, address: str = "203.0.113.7") -> Browser:
    return here.signed_in(address=address)


def at_once(here: Place, people: list[Browser], codes: list[str], **more: str) -> list[Answer]:
    """The answers of these browsers: every request has read the member's item before any of them writes it."""
    gate, own, read = threading.Barrier(len(people)), threading.local(), here.deps.factors.read

    def read_together(member: str) -> Factor:
        factor = read(member)
        if not hasattr(own, "through"):
            own.through = True
            gate.wait(timeout=30)
        return factor

    with ThreadPoolExecutor(len(people)) as pool, pytest.MonkeyPatch.context() as patch:
        patch.setattr(here.deps.factors, "read", read_together)
        return list(pool.map(lambda person, code: person.post(VERIFY, code=code, **more), people, codes))


def test_a_code_opens_the_way_to_where_one_was_bound_se_1(here: Place, phone: Phone) -> None:
    person = half_in(here)
    before = here.session(person)
    assert (before.stage, before.mfa_at) == ("link", None)
    answer = person.post(VERIFY, code=phone.code(), next="/sources")
    assert (answer.status, answer.location) == (303, "/sources")
    after = here.session(person)
    assert after.has_second_factor and after.key != before.key and after.csrf != before.csrf
    assert after.created_at == before.created_at, "the absolute limit is not pushed on"
    assert here.edge.sessions._store.get(before.key) is None, "the id from before the second factor is dead"
    assert here.web.acts()[-1] == "totp.verified ok"


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, False), (2, False)])
def test_the_present_and_the_previous_step_count_mf_2(here: Place, phone: Phone, steps: int, accepted: bool) -> None:
    here.machine.next_step(5)
    answer = half_in(here).post(VERIFY, code=phone.code(steps))
    assert (answer.status == 303) is accepted


def test_a_code_counts_once_mf_2(here: Place, phone: Phone) -> None:
    code = phone.code()
    assert half_in(here).post(VERIFY, code=code).status == 303
    replayed = half_in(here).post(VERIFY, code=code)
    assert replayed.status == 422 and "works once" in replayed.alert
    here.machine.next_step()
    assert half_in(here).post(VERIFY, code=code).status == 422


def test_a_code_before_the_last_accepted_one_does_not_count_mf_2(here: Place, phone: Phone) -> None:
    here.machine.next_step(3)
    assert half_in(here).post(VERIFY, code=phone.code()).status == 303
    assert half_in(here).post(VERIFY, code=phone.code(-1)).status == 422


def test_the_code_that_turned_it_on_opens_nothing_more_mf_2(here: Place) -> None:
    person = here.signed_in()
    phone = here.phone(person.get("/security/mfa-required"))
    code = phone.code()
    assert person.post("/security/totp/confirm", code=code).status == 200
    assert half_in(here).post(VERIFY, code=code).status == 422


def test_a_code_used_by_many_at_once_opens_one_session_mf_2(here: Place, phone: Phone) -> None:
    # given eight sessions of the same account, from several places
    people = [half_in(here, f"203.0.113.{number}") for number in range(8)]
    here.edge.throttles.attempt = lambda *args, **more: 0  # type: ignore[method-assign]  # the codes alone are judged
    # when all send the same good code at once
    answers = at_once(here, people, [phone.code()] * 8)
    # then one of them is in
    assert sorted(answer.status for answer in answers) == [303] + [422] * 7
    assert sum(here.session(person).has_second_factor for person in people if here.session(person)) == 1


def test_one_session_sending_twice_at_once_ends_with_one_mf_2(here: Place, phone: Phone) -> None:
    person, twin = half_in(here), here.browser()
    twin.cookies, twin.csrf = dict(person.cookies), person.csrf
    answers = at_once(here, [person, twin], [phone.code()] * 2, next="/sources")
    assert sum(answer.location == "/sources" for answer in answers) == 1
    assert all(answer.status < 500 for answer in answers)


def test_a_backup_code_counts_once_mf_5(here: Place) -> None:
    _, _, backup = here.protected()
    first = half_in(here).post(VERIFY, code=backup[4].lower().replace("-", " "), next="/sources")
    assert (first.status, first.location) == (303, "/sources")
    assert here.web.acts()[-1] == "backup_code.used ok"
    again = half_in(here).post(VERIFY, code=backup[4])
    assert again.status == 422 and "backup code" in again.alert
    assert len(here.row()["backup"]) == 9
    assert half_in(here).post(VERIFY, code=backup[5]).status == 303


def test_a_backup_code_used_by_many_at_once_opens_one_session_mf_5(here: Place) -> None:
    _, _, backup = here.protected()
    here.edge.throttles.attempt = lambda *args, **more: 0  # type: ignore[method-assign]
    people = [half_in(here, f"203.0.113.{number}") for number in range(8)]
    answers = at_once(here, people, backup[:1] * 8)
    assert sorted(answer.status for answer in answers) == [303] + [422] * 7


def test_different_backup_codes_at_once_are_each_used_up_mf_5(here: Place) -> None:
    _, _, backup = here.protected()
    people = [half_in(here, f"203.0.113.{number}") for number in range(6)]
    answers = at_once(here, people, backup[:6])
    assert [answer.status for answer in answers] == [303] * 6
    assert len(here.row()["backup"]) == 4
    for code in backup[:6]:
        assert half_in(here, "198.51.100.1").post(VERIFY, code=code).status in (422, 429)


def test_the_time_of_a_request_is_not_asked_for_mf_2(here: Place, phone: Phone) -> None:
    # given the code of an hour to come, and a request that says it is then
    person = half_in(here)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "date": "Wed, 25 Nov 2026 13:00:10 GMT",
        "x-amzn-date": "20261125T130010Z",
        "if-modified-since": "Wed, 25 Nov 2026 13:00:10 GMT",
    }
    body = f"csrf={person.csrf}&code={phone.code(120)}".encode()
    assert person.send("POST", VERIFY, body=body, headers=headers).status == 422
    assert half_in(here).post(VERIFY, code=phone.code()).status == 303


def test_codes_go_by_the_machines_time_whatever_our_clock_says_mf_2(here: Place, phone: Phone) -> None:
    here.clock.advance(days=40)
    assert half_in(here).post(VERIFY, code=phone.code()).status == 303
    here.clock.advance(days=-80)
    here.machine.next_step()
    assert half_in(here).post(VERIFY, code=phone.code()).status == 303


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "a" * 24 + "!", "1" * 65, "<b>", "\x00123456"])
def test_an_unfit_code_is_said_and_the_way_on_is_kept(here: Place, phone: Phone, typed: str) -> None:
    person = half_in(here)
    answer = person.post(VERIFY, code=typed, next="/sources")
    assert answer.status == 422 and answer.alert
    assert answer.hidden("next") == "/sources"
    assert 'action="/security/totp/verify"' in answer.body and 'action="/sign-out"' in answer.body
    assert typed == "" or typed not in answer.body


def test_another_members_code_and_backup_code_open_nothing_mf_1(here: Place, phone: Phone) -> None:
    _, other, backup = here.protected("bob@example.com")
    person = half_in(here)
    assert person.post(VERIFY, code=other.code()).status == 422
    assert person.post(VERIFY, code=backup[0]).status == 422
    assert len(here.row("bob@example.com")["backup"]) == 10


def test_a_way_on_to_another_site_leads_home(here: Place, phone: Phone) -> None:
    assert half_in(here).post(VERIFY, code=phone.code(), next="https://evil.example").location == "/"


def test_a_way_on_to_xero_is_allowed_to_the_form(here: Place, phone: Phone) -> None:
    refused = half_in(here).post(VERIFY, code="123", next="/oauth/xero/start")
    assert "form-action 'self' https://login.xero.com" in refused.headers["Content-Security-Policy"]


def test_who_is_in_already_goes_on_and_no_code_is_used(here: Place) -> None:
    person, phone, _ = here.protected()
    code = phone.code()
    assert person.post(VERIFY, code=code, next="/sources").location == "/sources"
    assert half_in(here).post(VERIFY, code=code).status == 303


def test_who_has_no_second_factor_is_not_asked_for_it(here: Place) -> None:
    person = here.signed_in()
    assert person.post(VERIFY, code="123456", next="/sources").location == "/sources"
    assert not here.session(person).has_second_factor


def test_a_session_half_open_at_a_reset_has_to_begin_anew_se_1(here: Place, phone: Phone) -> None:
    # given a session before the second step that a reset did not find in the index
    person = half_in(here)
    here.edge.members.update(here.member().id, {"totp": "off"})
    answer = person.post(VERIFY, code=phone.code(), next="/sources")
    assert answer.location == "/sign-in?next=%2Fsources"
    assert here.session(person) is None and "__Host-session" not in person.cookies


def test_a_stranger_cannot_try_a_code_mf_4(here: Place, phone: Phone) -> None:
    assert here.browser().post(VERIFY, code=phone.code()).location == "/sign-in"
    assert half_in(here).post(VERIFY, code=phone.code()).status == 303


def test_a_key_service_that_fails_lets_nobody_in(here: Place, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**given: Any) -> Any:
        raise RuntimeError("no key")

    monkeypatch.setattr(here.kms, "decrypt", fails)
    person = half_in(here)
    assert person.post(VERIFY, code=phone.code()).status == 500
    assert here.session(person).stage == "link"


def test_a_removed_member_is_nobody(here: Place, phone: Phone) -> None:
    person = half_in(here)
    here.edge.members.set_state(here.member(ADA).id, "removed")
    assert person.post(VERIFY, code=phone.code()).location == "/sign-in"
