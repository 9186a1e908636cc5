"""After a reset of somebody's second factor (design 7; MF-3): seven days of grace, told daily, then a hold."""

from __future__ import annotations

import pytest

from ledgercast import second_factor
from ledgercast.domain.accounts import Member
from ledgercast.second_factor import HELD_BECAUSE_OFF
from ledgercast.store.sessions import SessionStore
from ledgercast.web.sessions import Sessions
from tests.service.keepalive.world import ORGANISATIONS, OWNER, House

HARBOUR, NORTHGATE = ORGANISATIONS
ADA = "ada@example.com"


@pytest.fixture
def ada(home: House) -> Member:
    """Who connected the first organisation, and lost the phone."""
    made = home.member(ADA)
    home.members.update(made.id, {"totp": "on"})
    home.pulse(home.connect(by=made)[0])
    return made


def reset(home: House, member: Member) -> None:
    sessions = Sessions(SessionStore(home.state), home.clock)
    done = second_factor.reset(
        home.members, sessions, home.audit, member.id, actor=home.owner.id, origin="test", now=home.clock()
    )
    assert done


def set_up_again(home: House, member: Member) -> None:
    """As functions/mfa does it."""
    home.members.update(member.id, {"totp": "on", "reset_at": None})
    second_factor.resume(home.holds, home.audit, member.id, actor=member.id, origin="test")


def test_for_seven_days_everything_goes_on_and_the_owner_is_told_daily(home: House, ada: Member) -> None:
    reset(home, ada)
    for day in range(1, 8):
        home.pass_by(hours=1 if day == 1 else 24)
        home.daily()
        home.daily()
        assert len(home.subjects(OWNER)) == day
        assert home.connection().state == "connected"
    assert set(home.subjects(OWNER)) == {f"{ADA} has no second factor: connections are held from 2 December 2026"}
    assert home.subjects(ADA) == [], "owners alone are told"


def test_then_the_connections_are_held_until_it_is_set_up_again(home: House, ada: Member) -> None:
    home.connect(1)  # the owner's own
    reset(home, ada)
    home.pass_by(days=7)
    home.daily()
    home.pass_by(days=1)
    home.daily()
    assert (home.connection(0).state, home.connection(0).held_reason) == ("held", HELD_BECAUSE_OFF)
    assert home.connection(1).state == "connected"
    assert home.subjects(OWNER) == [f"{HARBOUR}: held, because {ADA} has no second factor"]
    assert "One pulse is held until then" in home.texts()[0]
    assert home.acts().count(f"xero.held {HELD_BECAUSE_OFF}") == 1
    set_up_again(home, ada)
    home.pass_by(days=1)
    home.daily()
    home.daily()
    assert home.connection(0).state == "connected"
    assert home.subjects(OWNER)[1:] == [f"{ADA} has a second factor again"]


def test_whoever_sets_it_up_in_time_ends_the_reminders(home: House, ada: Member) -> None:
    reset(home, ada)
    home.daily()
    set_up_again(home, ada)
    for _ in range(9):
        home.pass_by(days=1)
        home.daily()
    assert len(home.subjects(OWNER)) == 2
    assert home.connection().state == "connected"


def test_a_member_without_connections_concerns_nobody(home: House) -> None:
    other = home.member(ADA)
    home.members.update(other.id, {"totp": "on"})
    reset(home, other)
    home.daily()
    assert home.letters() == []
