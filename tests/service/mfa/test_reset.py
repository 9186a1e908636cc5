"""An owner takes the second factor off a member who lost it (design 7)."""

from __future__ import annotations

import pytest

from ledgercast import second_factor
from tests.service.mfa.world import ADA, Place
from tests.service.web.browser import Browser


@pytest.fixture
def owner(here: Place) -> Browser:
    return here.protected("owner@example.com", "owner")[0]


def reset(browser: Browser, member: str) -> str:
    answer = browser.post(f"/security/members/{member}/reset")
    return answer.location or str(answer.status)


def test_a_reset_ends_the_sessions_and_starts_the_days_of_grace_lg_2(here: Place, owner: Browser) -> None:
    # given a member with the second factor, in two browsers, and a connection of theirs
    person, phone, backup = here.protected(ADA)
    half = here.signed_in(ADA)
    here.connection("theirs", here.member().id)
    # when the owner resets it
    assert reset(owner, here.member().id) == "/security?done=reset"
    # then they are signed out, nothing of it is left, and the pulses go on
    assert here.session(person) is None and here.session(half) is None
    row = here.row()
    assert (row["totp"], row["seed"], row["backup"]) == ("off", b"", [])
    assert row["reset_at"] == int(here.clock.time.timestamp())
    assert here.connection_state("theirs") == ("connected", "")
    assert second_factor.GRACE.days == 7
    # and it is noted, by whom and of whom
    entries, _ = here.edge.audit.newest(1)
    assert (entries[0].act, entries[0].subject, entries[0].outcome) == ("totp.reset", here.member().id, "ok")
    assert entries[0].actor == here.member("owner@example.com").id
    # and with a link alone they come in, and set up a new one, which ends the grace
    fresh = here.signed_in(ADA)
    assert here.session(fresh).stage == "full"
    here.set_up(fresh)
    assert here.row()["reset_at"] is None
    again = here.signed_in(ADA)
    assert again.post("/security/totp/verify", code=phone.code()).status == 422
    assert again.post("/security/totp/verify", code=backup[0]).status == 422


def test_connections_held_when_the_grace_is_over_go_on_when_it_is_on_again(here: Place, owner: Browser) -> None:
    here.protected(ADA)
    here.connection("theirs", here.member().id)
    reset(owner, here.member().id)
    audit = here.edge.audit
    second_factor.hold(here.deps.holds, audit, here.member().id, actor="system", origin="keepalive")
    assert here.connection_state("theirs") == ("held", "mfa.off")
    here.set_up(here.signed_in(ADA))
    assert here.connection_state("theirs") == ("connected", "")


def test_nobody_resets_their_own_mf_3(here: Place, owner: Browser) -> None:
    me = here.member("owner@example.com")
    answer = owner.post(f"/security/members/{me.id}/reset")
    assert answer.status == 409 and "your own" in answer.alert
    assert here.member("owner@example.com").totp == "on"


def test_a_member_resets_nobody_lg_2(here: Place, owner: Browser) -> None:
    person, _, _ = here.protected(ADA)
    assert reset(person, here.member("owner@example.com").id) == "403"
    assert here.member("owner@example.com").totp == "on"
    assert here.web.acts()[-1] == "access.denied forbidden"


def test_an_owner_before_the_second_step_resets_nobody(here: Place, owner: Browser) -> None:
    here.protected(ADA)
    assert reset(here.signed_in("owner@example.com"), here.member(ADA).id) == "/sign-in"
    assert here.member(ADA).totp == "on"


def test_there_is_nothing_to_reset_where_it_is_off(here: Place, owner: Browser) -> None:
    person = here.signed_in(ADA)
    assert reset(owner, here.member(ADA).id) == "/security"
    assert here.session(person) is not None
    assert "reset_at" not in here.row(ADA)


@pytest.mark.parametrize("member", ["m-nobody", "..", "~"])
def test_an_unknown_member_is_not_found(here: Place, owner: Browser, member: str) -> None:
    assert reset(owner, member) == "404"
