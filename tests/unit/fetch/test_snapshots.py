"""One answer for everybody: freshness, the lease, resumption, patience (metrics.md 3; XR-1)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from functions.fetch.patience import Patience
from functions.fetch.questions import ALWAYS, Question, report
from functions.fetch.snapshots import MemoryStore, Snapshots
from ledgercast.domain.errors import SnapshotInProgress, UnknownReportShape, XeroLimited, XeroUnavailable

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TODAY = Question("Invoices")
ORGANISATION = Question("Organisation", settled_at=ALWAYS)
OCTOBER = report("BankSummary", date(2026, 10, 31), ZoneInfo("UTC"), toDate="2026-10-31")


class Xero:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails: list[Exception] = []

    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        self.asked.append(path)
        if self.fails:
            raise self.fails.pop(0)
        return {"Reports": [], "count": len(self.asked)}


class Lease:
    """One holder at a time, as the table keeps it."""

    holder: Lease | None = None

    def take(self) -> bool:
        if Lease.holder not in (None, self):
            return False
        Lease.holder = self
        return True

    def release(self) -> None:
        Lease.holder = None


@pytest.fixture(autouse=True)
def nobody_holds_the_lease() -> None:
    Lease.holder = None


class Desk:
    """A store, a Xero and a clock that only the test moves."""

    def __init__(self) -> None:
        self.now = NOW
        self.xero = Xero()
        self.store = MemoryStore()

    def run(self) -> Snapshots:
        return Snapshots(self.store, "snapshots/main/c1", self.xero, lambda: self.now, Lease())


@pytest.mark.parametrize(("question", "minutes"), [(TODAY, 10), (ORGANISATION, 24 * 60), (OCTOBER, 24 * 60)])
def test_an_answer_is_fresh_for_ten_minutes_or_for_a_day_when_it_is_settled(question: Question, minutes: int) -> None:
    desk = Desk()
    desk.run().get(question)
    Lease.holder = None
    desk.now += timedelta(minutes=minutes) - timedelta(seconds=1)
    desk.run().get(question)
    assert len(desk.xero.asked) == 1
    desk.now += timedelta(seconds=1)
    desk.run().get(question)
    assert len(desk.xero.asked) == 2


def test_a_month_asked_for_before_its_end_is_not_settled_by_the_passing_of_midnight() -> None:
    """Fetched on the 31st, used on the 1st: what was entered in the evening would be missing for a day."""
    desk = Desk()
    desk.now = datetime(2026, 10, 31, 23, 50, tzinfo=UTC)
    desk.run().get(OCTOBER)
    Lease.holder = None
    desk.now += timedelta(minutes=11)
    desk.run().get(OCTOBER)
    assert len(desk.xero.asked) == 2


def test_a_month_ends_in_the_organisations_zone() -> None:
    auckland = report("BankSummary", date(2026, 10, 31), ZoneInfo("Pacific/Auckland"))
    assert auckland.settled_at == datetime(2026, 10, 31, 11, tzinfo=UTC)


def test_an_answer_older_than_its_fellow_is_asked_again() -> None:
    desk = Desk()
    kept = desk.run().get(TODAY)
    Lease.holder = None
    desk.now += timedelta(minutes=1)
    assert desk.run().get(TODAY, since=kept.fetched_at).fetched_at == kept.fetched_at
    assert desk.run().get(TODAY, since=desk.now).fetched_at == desk.now


def test_an_answer_from_the_future_is_not_trusted() -> None:
    desk = Desk()
    desk.run().get(ORGANISATION)
    Lease.holder = None
    desk.now -= timedelta(hours=1)
    desk.run().get(ORGANISATION)
    assert len(desk.xero.asked) == 2


def test_parameters_make_another_question_and_their_order_does_not() -> None:
    assert Question("A", {"a": "1", "b": "2"}).key == Question("A", {"b": "2", "a": "1"}).key
    assert Question("A", {"a": "1"}).key != Question("A", {"a": "2"}).key


def test_whoever_finds_the_lease_taken_raises_and_asks_nothing() -> None:
    desk = Desk()
    first, second = desk.run(), desk.run()
    first.get(TODAY)
    with pytest.raises(SnapshotInProgress):
        second.get(ORGANISATION)
    assert desk.xero.asked == ["Invoices"]
    second.release()  # a loser lets go of nothing
    assert Lease.holder is not None
    first.release()
    second.get(ORGANISATION)


def test_a_kept_answer_needs_no_lease() -> None:
    desk = Desk()
    first = desk.run()
    first.get(TODAY)
    assert desk.run().get(TODAY).body["count"] == 1


def test_a_fetch_cut_short_goes_on_from_there() -> None:
    desk = Desk()
    desk.run().get(ORGANISATION)
    Lease.holder = None
    desk.xero.fails = [XeroLimited("minute", 30)]
    with pytest.raises(XeroLimited):
        desk.run().get(TODAY)
    Lease.holder = None
    desk.run().get(ORGANISATION)
    desk.run().get(TODAY)
    assert desk.xero.asked == ["Organisation", "Invoices", "Invoices"]


def test_an_unknown_shape_is_not_kept() -> None:
    def refuse(answer: Any) -> Any:
        raise UnknownReportShape("odd")

    desk = Desk()
    with pytest.raises(UnknownReportShape):
        desk.run().get(Question("Invoices", keep=refuse))
    Lease.holder = None
    assert desk.run().get(TODAY).body["count"] == 2


def test_answers_come_in_the_order_of_the_questions_four_at_a_time() -> None:
    barrier, most, present = threading.Barrier(4, timeout=5), [0], [0]

    class Slow(Xero):
        def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
            present[0] += 1
            most[0] = max(most[0], present[0])
            barrier.wait()
            present[0] -= 1
            return {"path": path}

    desk = Desk()
    desk.xero = Slow()
    found = desk.run().get_all([Question(f"q{number}") for number in range(8)])
    assert [one.body["path"] for one in found] == [f"q{number}" for number in range(8)]
    assert most[0] <= 4


def test_the_first_failure_ends_the_asking_and_what_came_is_kept() -> None:
    desk = Desk()
    desk.xero.fails = [XeroLimited("minute", 9)] * 40
    questions = [Question(f"q{number}") for number in range(40)]
    with pytest.raises(XeroLimited):
        desk.run().get_all(questions)
    assert len(desk.xero.asked) < 40


# Patience: the commands that have no state machine (contracts.md 3)


def test_minute_and_concurrency_limits_are_waited_for_sixty_seconds_in_all() -> None:
    slept: list[float] = []
    fails: list[Exception] = [XeroLimited("concurrent", 2), XeroLimited("minute", 58), XeroLimited("minute", 1)]

    def work() -> str:
        raise fails.pop(0)

    with pytest.raises(XeroLimited):
        Patience(slept.append)(work)
    assert slept == [2, 58]


def test_a_wait_longer_than_the_patience_left_is_not_begun() -> None:
    slept: list[float] = []

    def work() -> str:
        raise XeroLimited("minute", 61)

    with pytest.raises(XeroLimited):
        Patience(slept.append)(work)
    assert slept == []


def test_a_day_limit_is_not_waited_for() -> None:
    slept: list[float] = []

    def work() -> str:
        raise XeroLimited("day", 5)

    with pytest.raises(XeroLimited):
        Patience(slept.append)(work)
    assert slept == []


def test_work_is_begun_again_after_the_wait() -> None:
    fails: list[Exception] = [SnapshotInProgress("busy"), XeroLimited("minute", 3)]
    slept: list[float] = []

    def work() -> str:
        if fails:
            raise fails.pop(0)
        return "done"

    assert Patience(slept.append)(work) == "done"
    assert slept == [2, 3]


def test_other_errors_are_not_waited_for() -> None:
    def work() -> str:
        raise XeroUnavailable("500")

    with pytest.raises(XeroUnavailable):
        Patience(lambda seconds: None)(work)
