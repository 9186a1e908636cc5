"""Our clock: it runs on, moves forward alone, and workers read it from its file."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from ledgercast import clock as shared
from ledgercast.domain.errors import SettingsError
from local.aws.clock import LocalClock, start_instant
from tests.workflow.conftest import eventually

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_it_starts_at_the_given_instant_and_workers_read_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False):
        ours = LocalClock(tmp_path / "clock", NOON)
        monkeypatch.setenv("LEDGERCAST_LOCAL", "1")
        monkeypatch.setenv("LEDGERCAST_CLOCK_FILE", str(ours.file))

        assert ours.now() == shared.now() == NOON

        ours.move_to(NOON + timedelta(hours=3))
        assert ours.now() == shared.now() == NOON + timedelta(hours=3)


def test_it_never_goes_back(tmp_path: Path) -> None:
    with time_machine.travel(NOON, tick=False):
        ours = LocalClock(tmp_path / "clock")
        ours.move_to(NOON + timedelta(days=1))
        ours.move_to(NOON)

        assert ours.now() == NOON + timedelta(days=1)


def test_sleepers_wake_when_it_is_moved(tmp_path: Path) -> None:
    ours = LocalClock(tmp_path / "clock")
    sleeper = threading.Thread(target=ours.sleep, args=(3600,), daemon=True)
    sleeper.start()

    ours.move_to(ours.now() + timedelta(hours=1))

    sleeper.join(5)
    assert not sleeper.is_alive()


def test_it_is_moved_to_the_end_of_the_shortest_sleep_if_that_is_near(tmp_path: Path) -> None:
    ours = LocalClock(tmp_path / "clock")
    began = ours.now()
    sleepers = [threading.Thread(target=ours.sleep, args=(seconds,), daemon=True) for seconds in (3600, 10, 5400)]
    for one in sleepers:
        one.start()
    eventually(lambda: ours.asleep() == 3)

    assert ours.wake(within=15)
    sleepers[1].join(5)
    assert [one.is_alive() for one in sleepers] == [True, False, True]
    assert ours.asleep() == 2
    assert not ours.wake(within=15)
    assert timedelta(seconds=10) <= ours.now() - began < timedelta(minutes=1)


@pytest.mark.parametrize("text", ["yesterday", "2026-11-25T09:00:00"])
def test_an_unreadable_ledgercast_now_says_what_it_must_look_like(text: str) -> None:
    with pytest.raises(SettingsError, match="2026-11-25T09:00:00Z"):
        start_instant(text)


def test_ledgercast_now_may_name_any_offset() -> None:
    assert start_instant("2026-11-25T13:00:00+01:00") == NOON
    assert start_instant("") is None
