"""What the owners hear of runs (design 9): one mail for a trouble however many runs meet it, one when it is mended."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.notify.handler import handler
from ledgercast.domain.connections import GRANT_ENDED
from tests.service.keepalive.world import MACHINE, SLOT, House

REVENUE = "Revenue (Monthly) of Harbour Coffee"
NEXT = "2026-12-02T09:00:00Z"


@pytest.fixture
def pulses(home: House) -> House:
    """Two pulses of one organisation."""
    [connection] = home.connect()
    home.pulse(connection, pulse_id="p1")
    home.pulse(connection, "expense_breakdown", pulse_id="p2")
    return home


def schedules(home: House) -> list[Any]:
    client = home.session.client("scheduler")
    names = [one["Name"] for one in client.list_schedules(GroupName="ledgercast-test")["Schedules"]]
    return [client.get_schedule(GroupName="ledgercast-test", Name=name) for name in names]


def test_a_sent_and_a_skipped_run_are_no_news(pulses: House) -> None:
    pulses.ends("sent")
    pulses.ends("skipped", "pulse.held", slot=NEXT)
    assert pulses.letters() == []


def test_a_run_that_was_taken_over_by_another_execution_is_no_news(pulses: House) -> None:
    pulses.ends("running")
    assert pulses.letters() == []


def test_a_failed_run_is_told_with_the_sentence_that_mends_it(pulses: House) -> None:
    pulses.ends("failed", "xero.report.unknown_shape")
    assert pulses.subjects() == [f"{REVENUE} was not sent"]
    assert "no figure is better than a wrong one" in pulses.texts()[0]
    assert "planned for 25 November 2026, 09:00 UTC" in pulses.texts()[0]
    assert f"https://ledgercast.example.com/activity/p1~{SLOT}" in pulses.texts()[0]


def test_a_class_name_from_a_catch_is_told_as_its_code(pulses: House) -> None:
    pulses.ends("failed", "XeroUnreachable")
    assert "Xero did not answer" in pulses.texts()[0]


def test_a_trouble_that_goes_on_is_told_once_and_its_end_once(pulses: House) -> None:
    for slot in (SLOT, NEXT, "2026-12-09T09:00:00Z"):
        pulses.ends("failed", "xero.rejected", slot=slot)
    pulses.ends("sent", slot="2026-12-16T09:00:00Z")
    pulses.ends("sent", slot="2026-12-23T09:00:00Z")
    assert pulses.subjects() == [f"{REVENUE} was not sent", f"{REVENUE} is sent again"]


def test_a_partly_sent_run_names_each_destination_that_was_missed(pulses: House) -> None:
    deliveries = [
        {"destination": "slack", "status": "failed", "complete": False, "reason": "slack.not_in_channel"},
        {"destination": "email", "status": "unconfirmed", "complete": False, "reason": "deliver.unconfirmed"},
    ]
    pulses.ends("partly_sent", "slack.not_in_channel", deliveries=deliveries)
    assert pulses.subjects() == [f"{REVENUE} was sent only in part"]
    assert "Slack channel C0CHANNEL: The app is not in the channel." in pulses.texts()[0]
    assert "2 email addresses: Nobody can say whether this arrived" in pulses.texts()[0]


@pytest.mark.parametrize(
    "reason", ["xero.client.invalid", "slack.token_revoked", "mail.quota", "xero.role.missing", "xero.unavailable"]
)
def test_what_every_run_meets_is_told_once(pulses: House, reason: str) -> None:
    pulses.ends("failed", reason, pulse="p1")
    pulses.ends("failed", reason, pulse="p2")
    assert pulses.subjects() == [f"{REVENUE} was not sent"]
    assert "Other pulses may meet the same" in pulses.texts()[0]
    pulses.ends("sent", pulse="p2", slot=NEXT)
    assert len(pulses.subjects()) == 1, "the one that met it tells whether it is over"
    pulses.ends("sent", pulse="p1", slot=NEXT)
    assert pulses.subjects()[1:] == [f"{REVENUE} is sent again"]


def test_an_ended_consent_is_told_by_its_own_incident_and_not_by_each_run(pulses: House) -> None:
    """TK-3: fetch has noted it; the runs add nothing."""
    [connection] = [pulses.connection()]
    pulses.state.update("WS#main", f"GRANT#{connection.grant}", {"state": "disconnected"})
    pulses.transitions("fetch").lost(connection)
    for pulse in ("p1", "p2"):
        pulses.ends("failed", "xero.grant.disconnected", pulse=pulse)
    assert pulses.connection().held_reason == GRANT_ENDED
    assert pulses.subjects() == ["Harbour Coffee: connect again to Xero"]
    assert "2 pulses are held until then" in pulses.texts()[0]
    pulses.connect()
    pulses.ends("sent", slot=NEXT)
    assert pulses.subjects()[1:] == ["Harbour Coffee: connected again"]


def test_an_ended_consent_that_nobody_noted_is_told_all_the_same(pulses: House) -> None:
    pulses.ends("failed", "xero.grant.disconnected")
    assert "Reconnect it under Sources" in pulses.texts()[0]


def test_a_run_of_a_pulse_that_was_deleted_meanwhile_is_told_by_its_id(home: House) -> None:
    home.ends("failed", "internal", pulse="gone")
    assert home.subjects() == ["The pulse gone was not sent"]


def test_a_deferred_run_goes_on_by_itself_at_the_time_that_is_told(pulses: House) -> None:
    """Design 4 of the limits: a day limit is waited out by a schedule, not by a machine."""
    answer = pulses.ends("deferred", "xero.limit.day", seconds=54_330)
    assert answer["resumes"] == "2026-11-26T00:06:00+00:00"
    assert pulses.subjects() == [f"{REVENUE} waits for Xero"]
    assert "It goes on by itself on 26 November 2026, 00:06 UTC." in pulses.texts()[0]
    [schedule] = schedules(pulses)
    assert schedule["ScheduleExpression"] == "at(2026-11-26T00:06:00)"
    assert schedule["ActionAfterCompletion"] == "DELETE"
    assert schedule["Target"]["Arn"] == MACHINE
    assert json.loads(schedule["Target"]["Input"]) == {
        "workspace": "main",
        "pulse": "p1",
        "slot": SLOT,
        "resume": True,
    }
    assert schedule["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"] == 3600
    assert schedule["Target"]["DeadLetterConfig"]["Arn"].endswith(":dead-letters")


def test_asked_again_it_is_planned_once_and_told_once(pulses: House) -> None:
    pulses.run("deferred", "xero.limit.day", seconds=3600)
    assert [pulses.notify()["told"] for _ in range(3)] == [1, 0, 0]
    assert len(schedules(pulses)) == 1


def test_a_run_that_is_put_off_again_gets_a_schedule_of_its_own(pulses: House) -> None:
    for attempt in (1, 2):
        pulses.ends("deferred", "xero.limit.day", seconds=3600, attempt=attempt)
    assert len(schedules(pulses)) == 2


def test_a_run_put_off_too_often_is_left_to_a_person_and_says_so(pulses: House) -> None:
    answer = pulses.ends("deferred", "xero.limit.day", seconds=3600, attempt=5)
    assert (answer["resumes"], schedules(pulses)) == (None, [])
    assert "Nothing more is tried by itself: send it again." in pulses.texts()[0]


def test_a_time_that_has_passed_becomes_the_next_minute(pulses: House) -> None:
    pulses.run("deferred", "xero.limit.minute", seconds=5)
    pulses.pass_by(minutes=30, seconds=20)
    assert pulses.notify()["resumes"] == "2026-11-25T09:32:00+00:00"


def test_the_handler_answers_with_counts_alone(pulses: House) -> None:
    pulses.run("failed", "internal")
    event = {"workspace": "main", "pulse": "p1", "slot": SLOT, "machine": MACHINE}
    assert handler(event, None) == {"told": 1, "resumes": None}
    assert handler(event, None) == {"told": 0, "resumes": None}


def test_a_slack_token_that_a_delivery_found_dead_is_shown_so_from_then_on(pulses: House) -> None:
    """DL-2: until somebody connects Slack again"""
    pulses.state.put({"pk": "WS#main", "sk": "SLACK#T1", "secret": "arn:s", "state": "connected"})
    slack = {"destination": "slack", "status": "failed", "complete": False, "reason": "slack.token_revoked"}
    pulses.ends("failed", "slack.token_revoked", deliveries=[slack])
    row = pulses.state.get("WS#main", "SLACK#T1") or {}
    assert (row["state"], row["broken"]) == ("broken", "slack.token_revoked")
    assert "Connect Slack again under Settings" in pulses.texts()[0]
