"""TK-4 and OA-6: grants kept alive by the daily pass, warnings in time, and the comparison with Xero's list."""

from __future__ import annotations

import json

import pytest

from functions.keepalive.daily import Incomplete
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.connections import BY_MEMBER, GONE_IN_XERO, GRANT_ENDED
from tests.service.keepalive.world import ORGANISATIONS, House

HARBOUR, NORTHGATE = ORGANISATIONS
TOKEN = "/connect/token"


def fail_tokens(home: House, status: int = 500, body: str = "", times: int = 10_000) -> None:
    home.xero.faults.answer(TOKEN, status, body, times=times)


def test_an_idle_grant_is_refreshed_and_outlives_its_sixty_days(home: House) -> None:
    """TK-4: idle counts from the last refresh, and no pulse is needed for one."""
    [connection] = home.connect()
    for _ in range(15):
        home.pass_by(days=8)
        assert home.daily()["grants"] == 1
    assert home.token_calls() == 15
    assert home.grant(connection).state == "connected"
    assert home.connection().state == "connected"
    assert home.letters() == []


def test_without_any_pass_the_consent_is_over_after_sixty_days(home: House) -> None:
    """The truth that the passes above stand against."""
    home.connect()
    home.pass_by(days=61)
    home.daily()
    assert home.connection().state == "disconnected"


def test_warnings_come_once_each_at_14_7_and_1_days_and_then_it_is_disconnected(home: House) -> None:
    """TK-4: by clock, with the token endpoint failing; each mail names the day on which it ends."""
    home.pulse(home.connect()[0])
    fail_tokens(home)
    told: dict[str, int] = {}
    yesterday = 0
    for day in (10, 30, 45, 46, 47, 52, 53, 54, 58, 59, 60, 61):
        home.pass_by(days=day - yesterday)
        yesterday = day
        home.daily()
        for subject in home.subjects()[len(told) :]:
            told[subject] = day
    assert told == {
        f"{HARBOUR}: access to Xero ends in 14 days": 46,
        f"{HARBOUR}: access to Xero ends in 7 days": 53,
        f"{HARBOUR}: access to Xero ends in 1 day": 59,
        f"{HARBOUR}: connect again to Xero": 60,
    }
    assert "Xero ends the access on 24 January 2027" in home.texts()[0]
    assert (home.connection().state, home.connection().held_reason) == ("disconnected", GRANT_ENDED)
    assert [one.kind for one in home.open()] == ["grant"]


def test_a_pass_that_comes_late_warns_once_with_the_days_that_are_left(home: House) -> None:
    home.connect()
    fail_tokens(home)
    home.pass_by(days=55)
    home.daily()
    home.daily()
    assert home.subjects() == [f"{HARBOUR}: access to Xero ends in 5 days"]
    assert [one.round for one in home.open()] == ["7"]


def test_a_refresh_that_works_again_is_told_once_and_the_next_warning_starts_afresh(home: House) -> None:
    home.connect()
    fail_tokens(home, times=2)
    home.pass_by(days=50)
    home.daily()
    home.pass_by(days=1)
    home.daily()
    home.pass_by(days=1)
    home.daily()
    home.daily()
    assert home.subjects() == [f"{HARBOUR}: access to Xero ends in 10 days", f"{HARBOUR}: access to Xero is renewed"]
    assert home.open() == []
    fail_tokens(home)
    home.pass_by(days=47)
    home.daily()
    assert home.subjects()[2:] == [f"{HARBOUR}: access to Xero ends in 13 days"]


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, "<html>"), (503, ""), (429, ""), (404, ""), (400, json.dumps({"error": "invalid_client"}))],
)
def test_what_fails_long_before_the_end_is_no_news_to_anybody(home: House, status: int, body: str) -> None:
    """A wrong app secret disconnects nobody either (design 6)."""
    home.connect()
    fail_tokens(home, status, body)
    home.pass_by(days=10)
    home.daily()
    assert home.letters() == []
    assert home.connection().state == "connected"


def test_a_wrong_app_secret_is_named_in_the_warning(home: House) -> None:
    home.connect()
    fail_tokens(home, 400, json.dumps({"error": "invalid_client"}))
    home.pass_by(days=48)
    home.daily()
    assert "The operator must correct the app credentials" in home.texts()[0]


def test_one_failing_grant_never_stops_the_others(home: House) -> None:
    """The one that was refreshed longest ago has its turn first."""
    [first] = home.connect(0)
    home.pass_by(hours=1)
    [second] = home.connect(1, user="another-user")
    home.pass_by(days=9)
    fail_tokens(home, times=1)
    home.daily()
    assert home.grant(first).refreshed_at < home.grant(second).refreshed_at
    assert home.grant(second).refreshed_at == int(home.clock().timestamp())


def test_an_unknown_fault_with_one_grant_leaves_the_rest_done_and_ends_in_an_error(home: House) -> None:
    """LG-3: Lambda's own error metric is what the alarm looks at."""
    [first] = home.connect(0)
    [second] = home.connect(1, user="another-user")
    home.session.client("secretsmanager").put_secret_value(SecretId=home.grant(first).secret, SecretString="not json")
    version = home.session.client("secretsmanager").describe_secret(SecretId=home.grant(first).secret)
    [current] = [one for one, stages in version["VersionIdsToStages"].items() if "AWSCURRENT" in stages]
    home.state.update("WS#main", f"GRANT#{first.grant}", {"secret_version": current})
    home.pass_by(days=9)
    with pytest.raises(Incomplete, match=r"^1 parts of the daily pass failed"):
        home.daily()
    assert home.grant(second).refreshed_at == int(home.clock().timestamp())


def test_a_pass_without_time_leaves_the_youngest_grants_for_the_next_day(home: House) -> None:
    home.connect(0)
    assert home.daily(seconds=30)["left"] == 1
    assert home.token_calls() == 0


def test_two_organisations_of_one_user_share_one_refresh_and_one_fate(home: House) -> None:
    """One token set for both: one mail, both disconnected, both back by one consent."""
    one, other = home.connect(0, 1)
    home.pulse(one, pulse_id="p1")
    home.pulse(other, pulse_id="p2")
    home.pass_by(days=1)
    home.daily()
    assert home.token_calls() == 1
    home.xero.identity.forget_tokens()
    home.pass_by(days=1)
    home.daily()
    home.daily()
    assert {home.connection(n).held_reason for n in (0, 1)} == {GRANT_ENDED}
    assert home.subjects() == [f"{HARBOUR} and {NORTHGATE}: connect again to Xero"]
    assert "2 pulses are held until then" in home.texts()[0]
    home.connect(0)  # Xero still lists both for this user
    home.daily()
    assert {home.connection(n).state for n in (0, 1)} == {"connected"}
    assert home.subjects()[1:] == [f"{HARBOUR} and {NORTHGATE}: connected again"]
    assert home.acts().count("xero.resumed ok") == 1


def test_an_organisation_that_was_disconnected_in_xero_is_found_by_the_sweep(home: House) -> None:
    """OA-6's other half: no event tells of it. The user's other organisation goes on."""
    home.connect(0, 1)
    gone = home.xero.identity.connections[0]
    home.xero.identity.connections.remove(gone)
    home.daily()
    home.daily()
    assert (home.connection(0).state, home.connection(0).held_reason) == ("disconnected", GONE_IN_XERO)
    assert home.connection(1).state == "connected"
    assert home.subjects() == [f"{HARBOUR} was disconnected in Xero"]
    assert home.acts().count(f"xero.disconnected {GONE_IN_XERO}") == 1
    home.connect(0)
    home.daily()
    assert home.subjects()[1:] == [f"{HARBOUR}: connected again"]


def test_a_list_that_cannot_be_had_disconnects_nobody(home: House) -> None:
    home.connect()
    home.xero.faults.answer("GET /connections", 500, "<html>")
    assert home.daily()["refused"] == 1
    assert home.connection().state == "connected"


def test_a_refused_access_token_is_renewed_once_for_the_list(home: House) -> None:
    home.connect()
    home.xero.faults.answer("GET /connections", 401, json.dumps({"Detail": "TokenExpired"}))
    home.daily()
    assert home.token_calls() == 1
    assert home.connection().state == "connected"


def test_a_delete_that_failed_is_tried_again_and_the_last_one_takes_the_tokens_along(home: House) -> None:
    """OA-6: the local end was at once; Xero's follows when it answers."""
    [connection] = home.connect()
    home.connections.disconnect(connection.id, BY_MEMBER, pending=True)
    home.xero.faults.answer("DELETE /connections", 500, "", times=1)
    home.daily()
    assert home.connection().delete_pending
    assert home.grant(connection).state == "connected"
    home.daily()
    assert not home.connection().delete_pending
    assert home.xero.identity.connections == []
    assert home.grant_store().read(WORKSPACE, connection.grant) is None
    assert [one["Name"] for one in home.session.client("secretsmanager").list_secrets()["SecretList"]] == ["app"]
    assert home.letters() == []


def test_a_disconnect_by_a_member_ends_an_open_notice_without_a_word(home: House) -> None:
    [connection] = home.connect()
    home.xero.identity.forget_tokens()
    home.pass_by(hours=1)
    home.daily()
    home.connections.disconnect(connection.id, BY_MEMBER)
    home.daily()
    assert home.open() == []
    assert len(home.subjects()) == 1


def test_a_consent_whose_organisation_is_still_being_chosen_is_kept_for_a_day(home: House) -> None:
    grant = home.grants().create(WORKSPACE, home.world.consent())
    home.pass_by(hours=20)
    home.daily()
    assert home.grant_store().read(WORKSPACE, grant)
    home.pass_by(hours=5)
    home.daily()
    assert home.grant_store().read(WORKSPACE, grant) is None


def test_a_held_connections_grant_is_kept_alive(home: House) -> None:
    """It will be used again; that its organisation is gone is found out when it goes on."""
    [connection] = home.connect()
    home.holds.hold(home.owner.id, "mfa.off")
    for _ in range(3):
        home.pass_by(days=30)
        home.daily()
    assert home.grant(connection).state == "connected"
    assert home.connection().state == "held"


def test_grants_are_found_by_their_age_through_the_index(home: House) -> None:
    """Design 13: grants by next due, and no Scan."""
    home.connect(0)
    home.pass_by(hours=1)
    home.connect(1, user="another-user")
    ages = [one.refreshed_at for one in home.grant_store().by_age(WORKSPACE)]
    assert ages == sorted(ages)
    assert len(ages) == 2
