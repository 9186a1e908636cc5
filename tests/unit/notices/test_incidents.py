"""Which thing has to be mended: one incident for it, however many runs meet it."""

from __future__ import annotations

import pytest

from ledgercast.domain import incidents
from ledgercast.domain.incidents import Incident, cause_of
from ledgercast.messages import reasons


def test_what_is_wrong_everywhere_is_one_incident_for_all() -> None:
    assert cause_of("xero.client.invalid", "p1", "c1") == cause_of("xero.client.invalid", "p2", "c2")
    assert cause_of("slack.token_revoked", "p1", "c1") == ("cause", "slack.token_revoked")


def test_what_is_wrong_with_an_organisation_is_one_for_its_pulses() -> None:
    assert cause_of("xero.limit.day", "p1", "c1") == cause_of("xero.limit.day", "p2", "c1")
    assert cause_of("xero.limit.day", "p1", "c1") != cause_of("xero.limit.day", "p1", "c2")
    assert cause_of("xero.limit.day", "p1", "c1") != cause_of("xero.role.missing", "p1", "c1")


def test_anything_else_is_the_pulses_own_whatever_its_reason() -> None:
    assert cause_of("xero.rejected", "p1", "c1") == cause_of("internal", "p1", "c1") == ("pulse", "p1")
    assert cause_of("xero.rejected", "p2", "c1") == ("pulse", "p2")


def test_every_reason_that_is_shared_has_a_sentence_that_mends_it() -> None:
    shared = incidents._EVERYWHERE | incidents._FOR_A_CONNECTION | set(incidents.CONSENT_ENDED)
    assert shared <= set(reasons())


@pytest.mark.parametrize(
    ("told", "closed", "mended", "due"),
    [(0, 0, 0, True), (5, 0, 0, False), (5, 9, 0, True), (0, 9, 0, True), (5, 9, 9, False)],
)
def test_what_is_due_is_its_beginning_or_its_end(told: int, closed: int, mended: int, due: bool) -> None:
    assert Incident("pulse", "p1", 1, told_at=told, closed_at=closed, mended_at=mended).is_due is due


def test_a_subject_may_hold_any_id() -> None:
    item = {
        "sk": "INCIDENT#cause#xero.limit.day@x-1#2",
        "reason": "r",
        "round": "",
        "about": {},
        "opened_at": 1,
        "told_at": 0,
        "closed_at": 0,
        "mended_at": 0,
    }
    assert Incident.from_item(item).subject == "xero.limit.day@x-1#2"
