"""Setting up the second factor: the MFA-required page, the first code, and what is on afterwards."""

from __future__ import annotations

import random
import re
import secrets
import socket
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.mfa import compose
from tests.service.mfa.world import ADA, Phone, Place, backup_codes_of, continue_of, secret_of
from tests.service.web.sites import deploy

PAGE = "/security/mfa-required"
TO_XERO = "/oauth/xero/start"


def test_the_page_has_everything_under_its_fixed_names(here: Place) -> None:
    page = here.signed_in().get(f"{PAGE}?next={TO_XERO}")
    assert page.status == 200
    assert re.search(r'id="totp-qr".*?<svg.*?</svg>', page.body, re.DOTALL)
    assert re.fullmatch(r"[A-Z2-7]{32}", secret_of(page))
    form = re.search(r'<form method="post" action="/security/totp/confirm">.*?</form>', page.body, re.DOTALL)
    assert form and {'name="csrf"', 'name="next"', 'name="code"'} <= set(re.findall(r'name="\w+"', form[0]))
    assert page.hidden("next") == TO_XERO
    assert "form-action 'self';" in page.headers["Content-Security-Policy"]
    assert "style=" not in page.body


def test_the_former_address_leads_on_for_good(here: Place) -> None:
    person = here.browser()
    answer = person.get("/admin/security/mfa-required?next=/oauth/xero/start")
    assert (answer.status, answer.location) == (308, f"{PAGE}?next=%2Foauth%2Fxero%2Fstart")
    assert person.get("/admin/security/mfa-required?next=https://evil.example").location == PAGE
    assert person.get("/admin/security/mfa-required").location == PAGE


def test_the_first_code_turns_it_on_and_leads_back_into_the_flow_oa_3(here: Place) -> None:
    # given somebody who was on the way to Xero
    person = here.signed_in()
    before = here.session(person)
    page = person.get(f"{PAGE}?next={TO_XERO}")
    # when they confirm
    done = person.post("/security/totp/confirm", code=here.phone(page).code(), next=page.hidden("next"))
    # then the ten codes are shown, and the way on is a link
    assert done.status == 200
    assert len(backup_codes_of(done)) == 10
    assert continue_of(done) == TO_XERO
    assert "Set up two-factor authentication" not in done.body
    # and this very session holds the second factor, under a new id
    after = here.session(person)
    assert here.member().totp == "on"
    assert after.has_second_factor and after.key != before.key and after.csrf != before.csrf
    assert here.edge.sessions._store.get(before.key) is None
    assert person.csrf == after.csrf
    assert here.web.acts() == ["totp.enrolled ok", "backup_codes.made ok"]


def test_another_session_never_holds_what_this_one_passed_oa_3(here: Place) -> None:
    # given three browsers of one member
    person, other, third = here.signed_in(), here.signed_in(), here.signed_in()
    # when one sets up the second factor
    here.set_up(person)
    # then the others are signed out, and a session that the index did not show yet stands before the second step
    assert here.session(other) is None and here.session(third) is None
    value, _ = here.edge.sessions.start(here.member())
    late = here.browser()
    late.cookies["__Host-session"] = value
    session = here.session(late)
    assert not session.has_second_factor
    assert late.get(PAGE).location.startswith("/sign-in")


def test_a_session_from_before_holds_no_second_factor_oa_3(here: Place) -> None:
    # given a session that escaped being ended, as the index may hide one that just began
    person, stale = here.signed_in(), here.signed_in()
    key = here.session(stale)
    here.set_up(person)
    here.edge.sessions._store.put(key, key.seen_at + 7200)
    # then it stands before the second step, although its stage says full
    assert here.session(stale).stage == "full"
    assert stale.get(PAGE).location.startswith("/sign-in")


def test_with_it_on_the_page_is_invisible_oa_3(here: Place) -> None:
    person, _, _ = here.protected()
    assert person.get(f"{PAGE}?next={TO_XERO}").location == TO_XERO
    shown = person.get(PAGE)
    assert shown.status == 200 and "totp-secret" not in shown.body
    assert person.get(f"{PAGE}?next=https://evil.example").status == 200


def test_without_next_it_leads_to_the_security_page(here: Place) -> None:
    person = here.signed_in()
    page = person.get(PAGE)
    done = person.post("/security/totp/confirm", code=here.phone(page).code(), next=page.hidden("next"))
    assert continue_of(done) == "/security?done=totp_on"


@pytest.mark.parametrize(
    "onward", ["https://evil.example", "//evil.example", "/\\evil", "javascript:alert(1)", "/sign-out", "/a" * 3000]
)
def test_it_leads_nowhere_else(here: Place, onward: str) -> None:
    person = here.signed_in()
    page = person.get(PAGE)
    refused = person.post("/security/totp/confirm", code="abc", next=onward)
    assert refused.hidden("next") == ""
    done = person.post("/security/totp/confirm", code=here.phone(page).code(), next=onward)
    assert continue_of(done) == "/security?done=totp_on"


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "12345", "abcdef", "1" * 65, "١٢٣٤٥٦", "12\x003456", "<script>"],
    ids=range(8),
)
def test_an_unfit_code_is_said_and_nothing_else_is_lost(here: Place, typed: str) -> None:
    person = here.signed_in()
    page = person.get(f"{PAGE}?next={TO_XERO}")
    again = person.post("/security/totp/confirm", code=typed, next=TO_XERO)
    assert 400 <= again.status < 500 and again.alert
    assert secret_of(again) == secret_of(page)
    assert again.hidden("next") == TO_XERO
    assert again.hidden("code") == "" and "<script>" not in again.body
    done = person.post("/security/totp/confirm", code=here.phone(again).code(), next=again.hidden("next"))
    assert done.status == 200


def test_a_wrong_code_is_refused_noted_without_it_and_can_be_mended_mf_4(here: Place) -> None:
    person = here.signed_in()
    phone = here.phone(person.get(PAGE))
    wrong = phone.wrong()
    again = person.post("/security/totp/confirm", code=wrong)
    assert again.status == 422 and "does not belong to this set-up" in again.alert
    assert here.web.acts() == ["totp.refused wrong_first_code"]
    assert wrong not in here.everything_stored()
    assert here.member().totp == "off"
    assert person.post("/security/totp/confirm", code=phone.code()).status == 200


def test_an_unconfirmed_seed_expires_by_our_clock_mf_3(here: Place) -> None:
    # given a set-up that was left open
    person = here.signed_in()
    page = person.get(f"{PAGE}?next={TO_XERO}")
    phone = here.phone(page)
    here.clock.advance(minutes=15)
    # when its code comes too late
    late = person.post("/security/totp/confirm", code=phone.code(), next=TO_XERO)
    # then nothing is on, and a new secret is there to go on with
    assert late.status == 409 and "15 minutes" in late.alert
    assert here.member().totp == "off"
    assert secret_of(late) != secret_of(page) and late.hidden("next") == TO_XERO
    assert person.post("/security/totp/confirm", code=here.phone(late).code(), next=TO_XERO).status == 200


def test_a_minute_before_it_still_counts_mf_3(here: Place) -> None:
    person = here.signed_in()
    phone = here.phone(person.get(PAGE))
    here.clock.advance(minutes=14)
    assert person.post("/security/totp/confirm", code=phone.code()).status == 200


def test_the_page_shows_the_same_secret_until_it_is_begun_anew(here: Place) -> None:
    person = here.signed_in()
    first = secret_of(person.get(PAGE))
    assert secret_of(person.get(PAGE)) == first
    begun = person.post("/security/totp/enrol", next=TO_XERO)
    assert (begun.status, begun.location) == (303, f"{PAGE}?next=%2Foauth%2Fxero%2Fstart")
    assert secret_of(person.follow(begun)) != first
    old = Phone(first, here.machine)
    assert person.post("/security/totp/confirm", code=old.code()).status == 422


def test_a_set_up_belongs_to_its_session_alone_mf_3(here: Place) -> None:
    # given somebody else in another session of this account
    person, other = here.signed_in(), here.signed_in()
    mine = secret_of(person.get(PAGE))
    # then they see another secret than mine,
    theirs = secret_of(other.get(PAGE))
    assert theirs != mine
    # cannot confirm mine, and mine is over: I am shown a new one
    assert other.post("/security/totp/confirm", code=Phone(mine, here.machine).code()).status == 422
    late = person.post("/security/totp/confirm", code=Phone(mine, here.machine).code())
    assert late.status == 409 and secret_of(late) not in (mine, theirs)


def test_the_secret_is_never_shown_again_mf_1(here: Place) -> None:
    person = here.signed_in()
    page = person.get(PAGE)
    secret = secret_of(page)
    shown = person.post("/security/totp/confirm", code=here.phone(page).code())
    backup = backup_codes_of(shown)
    assert secret not in shown.body
    later = [
        person.get(PAGE),
        person.post("/security/totp/confirm", code="000000"),
        person.post("/security/totp/enrol", code="000000"),
        person.post("/security/totp/disable", code="000000"),
    ]
    for answer in later:
        assert secret not in answer.body
        assert not any(code in answer.body for code in backup)


def test_the_seed_is_160_random_bits_mf_1(here: Place) -> None:
    # given a source of randomness that can be foretold
    person = here.signed_in()
    asked = len(here.entropy.asked)
    page = person.get(PAGE)
    # then the seed is nothing but twenty of its bytes
    assert here.entropy.asked[asked:] == [20]
    replay = type(here.entropy)(here.entropy.asked[:asked])
    assert Phone(secret_of(page), here.machine)._key == replay(20)


def test_the_deployed_function_takes_randomness_and_time_from_the_system_mf_1(
    dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(monkeypatch)
    factors = compose.dependencies().factors
    assert factors._entropy is secrets.token_bytes
    assert abs((factors._machine_time() - datetime.now(UTC)).total_seconds()) < 5


def test_a_source_without_randomness_stops_the_set_up_mf_1(here: Place) -> None:
    def empty(size: int) -> bytes:
        raise OSError("no entropy")

    here.deps.factors._entropy = empty
    answer = here.signed_in().get(PAGE)
    assert answer.status == 500 and "totp-secret" not in answer.body


def test_nothing_leaves_the_machine_while_it_is_set_up_mf_1(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    person = here.signed_in()
    page = person.get(PAGE)
    done = person.post("/security/totp/confirm", code=here.phone(page).code())
    assert done.status == 200
    for shown in (page, done):
        assert not re.search(r"""(src|href|action)=["'](https?:)?//""", shown.body)


def test_a_stranger_and_a_half_signed_in_session_cannot_set_up(here: Place) -> None:
    stranger = here.browser()
    assert stranger.get(PAGE).location.startswith("/sign-in?next=")
    here.protected()
    half = here.signed_in()
    for path in ("/security/totp/enrol", "/security/totp/confirm"):
        assert half.post(path, code="123456").location == "/sign-in"
    assert half.get(PAGE).location.startswith("/sign-in")


def test_a_confirmation_cannot_come_from_another_site(here: Place) -> None:
    person = here.signed_in()
    phone = here.phone(person.get(PAGE))
    assert person.post("/security/totp/confirm", code=phone.code(), csrf="forged").status == 403
    assert here.member().totp == "off"


def test_a_new_authenticator_takes_the_place_of_the_old_one_after_a_code_mf_3(here: Place) -> None:
    # given somebody with the second factor, signed in twice
    person, old, backup = here.protected()
    other = here.browser()
    here.web.sign_in(other, here.member(), mfa=True)
    # when they type no code, or a wrong one, nothing begins
    assert person.post("/security/totp/enrol").status == 422
    refused = person.post("/security/totp/enrol", code=old.wrong())
    assert refused.status == 422 and refused.alert and "totp-secret" not in refused.body
    assert "totp-secret" not in person.get(PAGE).body
    # when they type a good one, the old one goes on counting until the new one is confirmed
    page = person.follow(person.post("/security/totp/enrol", code=old.code()))
    new = here.phone(page)
    here.machine.next_step()
    assert person.post("/security/backup-codes", code=old.code()).status == 200
    here.machine.next_step()
    done = person.post("/security/totp/confirm", code=new.code())
    assert done.status == 200 and not set(backup_codes_of(done)) & set(backup)
    # then the old one and its backup codes are gone, and the other session too
    assert here.session(other) is None
    here.machine.next_step()
    assert person.post("/security/backup-codes", code=old.code()).status == 422
    assert person.post("/security/backup-codes", code=backup[0]).status == 422
    assert person.post("/security/backup-codes", code=new.code()).status == 200


def test_a_pending_seed_of_another_session_is_not_shown_by_being_signed_in_mf_3(here: Place) -> None:
    person, phone, _ = here.protected()
    person.post("/security/totp/enrol", code=phone.code())
    other = here.browser()
    here.web.sign_in(other, here.member(), mfa=True)
    assert "totp-secret" not in other.get(PAGE).body
    late = other.post("/security/totp/confirm", code="123456")
    assert late.status == 409 and late.alert


class Model:
    """What must be so, by the rules alone: off, pending (a phone and until when), or on."""

    def __init__(self) -> None:
        self.on = False
        self.pending: Phone | None = None
        self.pending_until = 0
        self.phone: Phone | None = None


@pytest.mark.parametrize("seed", range(3))
def test_any_walk_through_the_set_up_keeps_to_its_states_mf_3(here: Place, seed: int) -> None:
    chance, model, person = random.Random(seed), Model(), here.signed_in()
    for _ in range(40):
        here.machine.next_step()
        here.clock.advance(minutes=16 if chance.random() < 0.15 else 1)
        act = chance.choice(["open", "confirm", "confirm", "mistype", "again", "off"])
        if act == "open" and not model.on:
            model.pending = here.phone(person.get(PAGE))
            model.pending_until = here.row()["pending_until"]
        elif act == "confirm" and model.pending and not model.on:
            done = person.post("/security/totp/confirm", code=model.pending.code())
            alive = model.pending_until > here.clock().timestamp()
            assert (done.status == 200) is alive, act
            model.on, model.phone, model.pending = alive, model.pending, None
        elif act == "mistype" and not model.on:
            shown = person.post("/security/totp/confirm", code="12345")
            assert shown.status == 422
            model.pending, model.pending_until = here.phone(shown), here.row()["pending_until"]
        elif act == "again":
            begun = person.post("/security/totp/enrol")
            assert begun.status == (422 if model.on else 303)
            if not model.on:
                model.pending = here.phone(person.follow(begun))
                model.pending_until = here.row()["pending_until"]
        elif act == "off" and model.on and model.phone:
            assert person.post("/security/totp/disable", code=model.phone.code()).status == 303
            model.on, person.csrf = False, here.session(person).csrf
        assert here.member(ADA).totp == ("on" if model.on else "off")
        assert bool(here.row().get("seed")) is model.on
        assert bool(here.row().get("backup")) is model.on
