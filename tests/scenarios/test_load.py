"""A tenth of `make load`: events in a rush, twice and out of order, while Slack fails and workers are killed."""

from __future__ import annotations

import pytest

from local.load.load import load
from local.load.plan import Size
from local.load.report import Report

pytestmark = pytest.mark.xdist_group("load")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return load(Size(deliveries=50, kills=1, hidden=15), tmp_path_factory.mktemp("load"), lambda _: None)


def test_every_event_is_told_exactly_once_or_put_aside_or_unconfirmed_and_the_counts_balance(report: Report) -> None:
    """WH-6, WH-7, LG-2: by our own books, and document by document by what stands in the channels"""
    assert report.before.flaws == () and report.after.flaws == ()
    assert report.before.fates["lost"] == report.after.fates["lost"] == 0
    assert report.after.expected == report.before.expected > len(report.plan.events) > 400
    assert report.after.fates["sent"] >= 0.95 * report.after.expected


def test_events_that_come_together_become_lists(report: Report) -> None:
    assert report.after.messages < report.after.fates["sent"] / 4
    assert report.after.lists > 0


def test_it_was_no_quiet_day(report: Report) -> None:
    """What the rest rests on: there were repetitions, strangers, failures of Slack's, and dead workers."""
    sent = sum(map(len, report.plan.deliveries))
    assert sent - len(report.plan.strange) > 1.09 * len(report.plan.events)
    assert report.plan.strange
    assert sum(report.slack.values()) > 0
    assert report.kills["stream"] == 1


def test_replaying_what_was_put_aside_is_safe_to_repeat(report: Report) -> None:
    """WH-7"""
    assert report.before.fates["put aside"] > 0 and set(report.before.reasons) >= {"slack.is_archived"}
    assert report.after.fates["put aside"] == 0
    assert report.after.fates["sent"] + report.after.fates["unconfirmed"] == report.after.expected


def test_deliveries_are_acknowledged_long_before_xeros_five_seconds(report: Report) -> None:
    """WH-5"""
    assert max(report.acks) < 5
