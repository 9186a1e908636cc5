"""Whether Xero's events come, are accepted and are told: incidents of which the owners hear once (WH-8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.keepalive.handler import handler
from ledgercast.counters import NAMESPACE
from ledgercast.domain.streams import KINDS, Route
from ledgercast.store.rhythm import RhythmStore
from ledgercast.store.streams import RouteStore
from tests.service.keepalive.world import House


@dataclass
class Watch:
    home: House
    connection: str
    dead: str

    def look(self) -> dict[str, int]:
        return handler({"pass": "streams"}, None)

    def opened(self) -> list[str]:
        return [one.subject for one in self.home.open() if one.kind == "stream"]

    def heard(self, at: datetime | None = None) -> None:
        RhythmStore(self.home.state).heard(self.connection, 3, at or self.home.clock())

    def counted(self, name: str, value: int) -> None:
        """As CloudWatch has it from the functions' logs."""
        self.home.session.client("cloudwatch").put_metric_data(
            Namespace=NAMESPACE,
            MetricData=[
                {
                    "MetricName": name,
                    "Value": value,
                    "Timestamp": self.home.clock(),
                    "Dimensions": [{"Name": "stage", "Value": "test"}],
                }
            ],
        )


@pytest.fixture
def watch(home: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    [connection] = home.connect()
    route = Route("r-1", connection.id, "C0FINANCE01", "T1", "finance", KINDS)
    assert RouteStore(home.state).create(route)
    dead: Any = home.session.client("sqs").create_queue(QueueName="events-dead")["QueueUrl"]
    monkeypatch.setenv("LEDGERCAST_EVENTS_DEAD", dead)
    monkeypatch.setenv("LEDGERCAST_STAGE", "test")
    yield Watch(home, connection.id, dead)


def three_weeks(watch: Watch) -> None:
    """Something came in every hour of the last three weeks."""
    for days in range(21):
        day = watch.home.clock() - timedelta(days=days)
        hours = {f"h{hour:02d}": 1 for hour in range(24) if days or hour <= day.hour}
        watch.home.state.put({"pk": f"WS#main#HEARD#{watch.connection}", "sk": f"DAY#{day:%Y-%m-%d}", **hours})


def test_all_is_well_while_nothing_has_begun(watch: Watch) -> None:
    assert watch.look() == {"silence": 0, "signatures": 0, "dead_letters": 0, "told": 0}
    assert watch.home.letters() == []


def test_a_silence_is_told_once_and_once_more_when_it_is_over(watch: Watch) -> None:
    three_weeks(watch)
    assert watch.look()["silence"] == 0

    for _ in range(6):
        watch.home.pass_by(hours=4)
        watch.look()

    assert watch.opened() == ["silence"]
    assert watch.home.subjects() == ["Xero has stopped sending events"]
    assert "Send ‘Intent to receive’" in watch.home.texts()[0]

    watch.heard()
    watch.look()
    watch.look()

    assert watch.opened() == []
    assert watch.home.subjects()[1:] == ["Xero sends events again"]


def test_a_silence_that_lasts_until_its_rhythm_is_forgotten_is_still_open(watch: Watch) -> None:
    three_weeks(watch)
    watch.home.pass_by(hours=12)
    watch.look()

    watch.home.pass_by(days=60)
    watch.look()

    assert watch.opened() == ["silence"] and len(watch.home.subjects()) == 1


def test_no_stream_is_missed_that_nobody_has(watch: Watch) -> None:
    three_weeks(watch)
    RouteStore(watch.home.state).delete("r-1")
    watch.home.pass_by(days=2)

    assert watch.look()["silence"] == 0


def test_the_silence_of_a_stream_that_was_deleted_ends_without_a_word(watch: Watch) -> None:
    three_weeks(watch)
    watch.home.pass_by(hours=12)
    watch.look()
    RouteStore(watch.home.state).delete("r-1")

    watch.look()

    assert watch.opened() == [] and len(watch.home.subjects()) == 1


def test_a_run_of_bad_signatures_is_told_once(watch: Watch) -> None:
    watch.counted("SignaturesRefused", 9)
    assert watch.look()["signatures"] == 0
    watch.counted("SignaturesRefused", 1)

    watch.look()
    watch.home.pass_by(hours=4)
    watch.look()

    assert watch.opened() == ["signatures"]
    assert watch.home.subjects() == ["Xero's events are refused: their signature fits no key"]
    assert "Of late 10 deliveries" in watch.home.texts()[0]

    watch.counted("DeliveriesQueued", 1)
    watch.look()

    assert watch.opened() == []
    assert watch.home.subjects()[1:] == ["Xero's events are accepted again"]


@pytest.mark.parametrize("good", ["DeliveriesQueued", "Handshakes"])
def test_bad_signatures_among_good_ones_are_a_handshake_or_a_stranger(watch: Watch, good: str) -> None:
    watch.counted("SignaturesRefused", 500)
    watch.counted(good, 1)

    assert watch.look()["signatures"] == 0


def test_what_was_counted_elsewhere_or_long_ago_is_no_matter(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    watch.counted("SignaturesRefused", 500)
    watch.home.pass_by(hours=10)
    assert watch.look()["signatures"] == 0

    watch.counted("SignaturesRefused", 500)
    monkeypatch.setenv("LEDGERCAST_STAGE", "other")
    assert watch.look()["signatures"] == 0


def test_dead_letters_are_told_once_and_once_more_when_none_is_left(watch: Watch) -> None:
    """WH-7"""
    sqs = watch.home.session.client("sqs")
    for number in range(3):
        sqs.send_message(QueueUrl=watch.dead, MessageBody=f"{number}")

    watch.look()
    watch.look()

    assert watch.opened() == ["dead_letters"]
    assert watch.home.subjects() == ["Some of Xero's events could not be told"]
    assert "3 deliveries of Xero's were put aside" in watch.home.texts()[0]
    assert "python -m ledgercast admin replay" in watch.home.texts()[0]

    sqs.purge_queue(QueueUrl=watch.dead)
    watch.look()

    assert watch.opened() == []
    assert watch.home.subjects()[1:] == ["Nothing of Xero's events is left over"]
