"""What runs sent is kept as long as an owner chose, and no longer (DL-4)."""

from __future__ import annotations

from typing import Any

import pytest

from ledgercast.keeping import Keeping
from ledgercast.store import connect
from ledgercast.store.artefacts import Unfinished
from ledgercast.store.settings import SettingsStore
from tests.service.keepalive.world import House


def chosen(home: House, days: int) -> None:
    SettingsStore(home.state).change(lambda _: {"keep_days": days})


def a_run_a_day(home: House, days: int) -> None:
    for day in range(days):
        slot = f"slot-{day}"
        home.run("sent", slot=slot)
        connect.artefacts().put_json(f"runs/main/p1/{slot}/facts.json", {})
        connect.artefacts().put_json(f"runs/main/p1/{slot}/sent/d-message-1.json", {})
        home.pass_by(days=1)


def kept(home: House) -> list[str]:
    found: Any = home.session.client("s3").list_objects_v2(Bucket="artefacts").get("Contents", [])
    return [one["Key"] for one in found]


def test_what_is_older_than_an_owner_chose_goes_and_the_record_of_it_stays(home: House) -> None:
    a_run_a_day(home, 5)
    chosen(home, 3)
    assert home.daily()["cleared"] == 2
    assert {key.split("/")[3] for key in kept(home)} == {"slot-2", "slot-3", "slot-4"}
    assert (home.store.run("main", "p1", "slot-0") or {})["state"] == "sent"


def test_each_run_is_cleared_away_once(home: House) -> None:
    a_run_a_day(home, 5)
    chosen(home, 3)
    home.daily()
    home.pass_by(days=1)
    # The one up to which it had come is looked at again, since more may have begun in that moment.
    assert home.daily()["cleared"] == 2
    assert {key.split("/")[3] for key in kept(home)} == {"slot-3", "slot-4"}


def test_while_nobody_chose_the_buckets_own_lifecycle_does_it(home: House) -> None:
    a_run_a_day(home, 3)
    home.pass_by(days=500)
    assert home.daily()["cleared"] == 0
    assert len(kept(home)) == 6


def test_what_there_is_no_time_for_is_gone_on_with_the_next_day(home: House) -> None:
    a_run_a_day(home, 4)
    looks = iter([False, False, True])  # before the first run, before its objects, before the second run
    keeping = Keeping(home.state, connect.artefacts(), lambda: next(looks))
    assert keeping.forget_before(home.clock()) == 1
    assert {key.split("/")[3] for key in kept(home)} == {"slot-1", "slot-2", "slot-3"}
    assert Keeping(home.state, connect.artefacts()).forget_before(home.clock()) == 4
    assert kept(home) == []


def test_the_messages_of_a_stream_go_by_their_own_age(home: House) -> None:
    connect.artefacts().put_json("runs/main/stream-r-1/a/sent/message.json", {})
    home.pass_by(days=3650)
    chosen(home, 30)
    home.daily()
    assert kept(home) == []


def test_breaking_off_within_one_prefix_is_told(home: House) -> None:
    connect.artefacts().put_json("runs/main/p1/a/facts.json", {})
    with pytest.raises(Unfinished):
        Keeping(home.state, connect.artefacts(), lambda: True).forget_pulse("p1")
    assert len(kept(home)) == 1
