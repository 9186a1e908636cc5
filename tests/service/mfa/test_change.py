"""Changing a second factor that is on: turning it off, new backup codes, and what becomes of Xero connections."""

from __future__ import annotations

import pytest

from tests.service.mfa.world import Place, backup_codes_of, continue_of

OFF = "/security/totp/disable"
RENEW = "/security/backup-codes"
VERIFY = "/security/totp/verify"


def test_turning_it_off_needs_a_code_mf_3(here: Place) -> None:
    person, phone, _ = here.protected()
    for typed in ("", "12345", phone.wrong(), "-".join(["AAAA"] * 6)):
        refused = person.post(OFF, code=typed)
        assert refused.status == 422 and refused.alert
        assert f'action="{OFF}"' in refused.body and refused.hidden("code") == ""
    assert here.member().totp == "on"
    answer = person.post(OFF, code=phone.code())
    assert (answer.status, answer.location) == (303, "/security?done=totp_off")
    assert here.member().totp == "off"
    assert here.web.acts()[-2:] == ["totp.verified ok", "totp.disabled ok"]


def test_it_can_be_turned_off_with_a_backup_code_mf_3(here: Place) -> None:
    person, _, backup = here.protected()
    assert person.post(OFF, code=backup[0]).status == 303
    assert here.member().totp == "off"


def test_turned_off_nothing_of_it_is_left_mf_3(here: Place) -> None:
    person, phone, backup = here.protected()
    person.post(OFF, code=phone.code())
    row = here.row()
    assert (row["seed"], row["backup"], row["pending_seed"]) == (b"", [], b"")
    session = here.session(person)
    assert session.stage == "full" and not session.has_second_factor
    # and after it is set up anew, neither the old phone nor the old backup codes open anything
    person.csrf = session.csrf
    here.set_up(person)
    half = here.signed_in()
    assert half.post(VERIFY, code=phone.code()).status == 422
    assert half.post(VERIFY, code=backup[0]).status == 422


def test_a_change_ends_the_other_sessions_and_renews_this_one_mf_3_se_1(here: Place) -> None:
    person, phone, _ = here.protected()
    other = here.browser()
    here.web.sign_in(other, here.member(), mfa=True)
    key = here.session(person).key
    person.post(OFF, code=phone.code())
    assert here.session(other) is None
    assert here.session(person).key != key and here.edge.sessions._store.get(key) is None


def test_a_code_used_to_change_counts_nowhere_else_mf_2(here: Place) -> None:
    person, phone, _ = here.protected()
    code = phone.code()
    assert person.post(RENEW, code=code).status == 200
    assert person.post(OFF, code=code).status == 422
    assert here.signed_in().post(VERIFY, code=code).status == 422


def test_turning_off_holds_the_connections_of_this_account_and_no_other(here: Place) -> None:
    # given connections of this account in every state, and one of another member
    person, phone, _ = here.protected()
    ada = here.member().id
    here.connection("mine", ada)
    here.connection("lacking", ada, "needs_scopes")
    here.connection("ended", ada, "disconnected")
    here.connection("other-hold", ada, "held", held_reason="grant.dead")
    here.connection("theirs", "m-other")
    # when it is turned off
    person.post(OFF, code=phone.code())
    # then the open ones of this account are held, and it is noted
    states = {name: here.connection_state(name) for name in ("mine", "lacking", "ended", "other-hold", "theirs")}
    assert states == {
        "mine": ("held", "mfa.off"),
        "lacking": ("held", "mfa.off"),
        "ended": ("disconnected", ""),
        "other-hold": ("held", "grant.dead"),
        "theirs": ("connected", ""),
    }
    assert [act for act in here.web.acts() if act.startswith("xero.")] == ["xero.held mfa.off"] * 2
    # and when it is on again, they go on as they were
    person.csrf = here.session(person).csrf
    here.set_up(person)
    assert here.connection_state("mine") == ("connected", "")
    assert here.connection_state("lacking") == ("needs_scopes", "")
    assert here.connection_state("other-hold") == ("held", "grant.dead")
    assert here.connection_state("ended") == ("disconnected", "")
    assert here.web.acts().count("xero.resumed ok") == 2


def test_new_backup_codes_are_shown_once_and_end_the_old_ones_mf_5(here: Place) -> None:
    person, phone, old = here.protected()
    refused = person.post(RENEW, code=phone.wrong())
    assert refused.status == 422 and refused.alert and 'id="backup-codes"' not in refused.body
    shown = person.post(RENEW, code=phone.code())
    new = backup_codes_of(shown)
    assert len(set(new)) == 10 and not set(new) & set(old)
    assert continue_of(shown) == "/security?done=codes"
    assert here.web.acts()[-1] == "backup_codes.made ok"
    half = here.signed_in()
    assert half.post(VERIFY, code=old[0]).status == 422
    assert half.post(VERIFY, code=new[0]).status == 303


@pytest.mark.parametrize("path", [OFF, RENEW])
def test_without_a_second_factor_there_is_nothing_to_change(here: Place, path: str) -> None:
    person = here.signed_in()
    assert person.post(path, code="123456").location == "/security"


@pytest.mark.parametrize("path", [OFF, RENEW, "/security/totp/enrol"])
def test_a_session_before_its_second_step_changes_nothing_mf_3(here: Place, path: str) -> None:
    _, phone, backup = here.protected()
    half = here.signed_in()
    for code in (phone.code(), backup[0]):
        assert half.post(path, code=code).location == "/sign-in"
    assert here.member().totp == "on" and len(here.row()["backup"]) == 10


@pytest.mark.parametrize("path", [OFF, RENEW, "/security/totp/enrol"])
def test_guesses_of_a_signed_in_session_are_slowed_down_mf_4(here: Place, path: str) -> None:
    person, phone, _ = here.protected()
    answers = [person.post(path, code=phone.wrong()) for _ in range(6)]
    assert [answer.status for answer in answers] == [422] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "30" and "30 seconds" in answers[-1].alert
