"""TK-3: what Xero took away, noted once and only where it is still true; what came back, noted too."""

from __future__ import annotations

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.connections import BY_MEMBER, GONE_IN_XERO, GRANT_ENDED, Connection
from tests.service.keepalive.world import House


def end_consent(home: House, connection: Connection) -> None:
    """As a refresh does whose token Xero refused for good."""
    home.state.update("WS#main", f"GRANT#{connection.grant}", {"state": "disconnected"})


def names(home: House) -> list[str]:
    return [one.name for one in home.open()]


def test_an_ended_consent_shuts_all_its_organisations_as_one_incident(home: House) -> None:
    one, other = home.connect(0, 1)
    end_consent(home, one)
    for seen in (one, other, one):
        home.transitions().lost(seen)
    assert {home.connection(n).held_reason for n in (0, 1)} == {GRANT_ENDED}
    assert names(home) == [f"grant/{one.grant}"]
    assert home.acts().count(f"xero.disconnected {GRANT_ENDED}") == 2


def test_a_living_consent_loses_the_one_organisation_that_is_gone(home: House) -> None:
    one, _ = home.connect(0, 1)
    home.transitions().lost(one)
    assert home.connection(0).held_reason == GONE_IN_XERO
    assert home.connection(1).is_open
    assert names(home) == [f"connection/{one.id}"]


def test_a_consent_that_came_meanwhile_stands(home: House) -> None:
    """The old answer is about the consent before: it must not shut what a person has just connected."""
    [before] = home.connect()
    home.pass_by(seconds=5)
    home.connect()
    home.transitions().lost(before)
    end_consent(home, before)
    home.transitions().lost(home.connection())
    assert home.connection().state == "disconnected"
    [again] = home.connect()
    home.transitions().grant_ended(again.grant)
    assert home.connection().is_open, "the consent lives"
    assert names(home) == []


def test_a_held_connection_is_not_touched_and_found_out_when_it_goes_on(home: House) -> None:
    [one] = home.connect()
    home.holds.hold(home.owner.id, "mfa.off")
    end_consent(home, one)
    home.transitions().lost(home.connection())
    assert home.connection().state == "held"
    home.holds.resume(home.owner.id, "mfa.off")
    home.transitions().lost(home.connection())
    assert home.connection().held_reason == GRANT_ENDED


def test_what_a_member_disconnected_stays_so_whatever_xero_lists(home: House) -> None:
    [one] = home.connect()
    home.connections.disconnect(one.id, BY_MEMBER)
    home.transitions().look(home.grant(one), {one.tenant})
    home.transitions().lost(home.connection())
    assert home.connection().held_reason == BY_MEMBER
    assert names(home) == []


def test_an_organisation_that_is_not_in_the_new_consents_list_is_told_as_gone(home: House) -> None:
    one, other = home.connect(0, 1)
    end_consent(home, one)
    home.transitions().grant_ended(one.grant)
    home.xero.identity.connections = [c for c in home.xero.identity.connections if c.organisation.id == one.tenant]
    home.connect(0)
    home.daily()
    assert home.connection(0).is_open
    assert home.connection(1).held_reason == GONE_IN_XERO
    assert names(home) == [f"connection/{other.id}"]


def test_a_grant_that_is_no_more_ends_its_connections(home: House) -> None:
    [one] = home.connect()
    grant = home.grant_store().read(WORKSPACE, one.grant)
    assert grant
    home.grant_store().remove(grant)
    home.transitions().lost(one)
    assert home.connection().held_reason == GRANT_ENDED
