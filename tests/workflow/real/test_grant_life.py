"""A grant over months, as `make local` lets a person watch it: kept alive, warned of, ended, and taken up again."""

from __future__ import annotations

from typing import Any

import requests

from tests import passes
from tests.workflow.real.conftest import World

DAY = 86_400


def switch(world: World, token: str) -> None:
    answer = requests.post(f"{world.runtime.url}/_local/xero", json={"token": token}, timeout=5)
    assert answer.json() == {"token": token}


def advance(world: World, days: int) -> None:
    answer = requests.post(f"{world.runtime.url}/_local/clock", json={"advance_s": days * DAY}, timeout=300)
    assert answer.status_code == 200


def subjects(world: World, since: int) -> list[str]:
    """Of the owner's mails about this organisation, from that one on."""
    shown: list[dict[str, Any]] = requests.get(
        f"{world.runtime.url}/_local/mail", {"to": world.system.settings.owner_email}, timeout=5
    ).json()
    return [one["subject"] for one in shown if world.xero.books[0].organisation.name in one["subject"]][since:]


def test_a_grant_that_cannot_be_renewed_is_warned_of_ended_and_taken_up_again(world: World) -> None:
    """TK-4, TK-3: warnings at 14, 7 and 1 days, one notice of the end, and pulses that go on after a new consent"""
    pulse, before = world.pulse(), len(subjects(world, 0))
    switch(world, "failing")

    with passes.without(world.runtime, "Daily", "Streams"):
        advance(world, 44)  # as if the deployment had been stopped
    advance(world, 14)
    assert len(subjects(world, before)) == 2, subjects(world, before)
    advance(world, 4)
    assert len(subjects(world, before)) == 4, subjects(world, before)
    ended = world.run(pulse)

    assert (ended.row["state"], ended.row["reason"]) == ("skipped", "xero.grant.disconnected")
    assert (world.posted(pulse), world.mailed(pulse)) == ([], [])

    switch(world, "working")
    world.person.sign_in()
    assert world.person.connections()[world.figures] == "disconnected"
    world.consent_to(0)
    world.person.consent()
    assert world.person.connections()[world.figures] == "connected"
    assert world.run(pulse, "2027-02-01T09:00:00Z").row["state"] == "sent", "the same pulse goes on by itself"
