"""Deleting what is kept, at the operator's word: what goes, what stays, and that nobody does it by mistake."""

from __future__ import annotations

from typing import Any

import pytest

from ledgercast.domain.connections import Connection
from ledgercast.domain.pulses import Pulse
from ledgercast.store.connections import ConnectionStore
from tests.service.conftest import REGION
from tests.service.ops.world import BUCKET, World
from tests.service.pulses.keeping import keep

Captured = pytest.CaptureFixture[str]

KEYS = (
    "previews/main/x-1/revenue.json",
    "runs/main/p-1/2026-11-23T09:00:00Z/facts.json",
    "runs/main/p-1/2026-11-25T09:00:00Z/chart.png",
    "runs/main/p-2/2026-11-25T09:00:00Z/facts.json",
    "snapshots/main/x-1/a.json",
    "snapshots/main/x-2/b.json",
)


@pytest.fixture
def bucket(world: World) -> Any:
    client: Any = world.aws.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in KEYS:
        client.put_object(Bucket=BUCKET, Key=key, Body=b"{}")
    for connection in ("x-1", "x-2"):
        made = Connection(connection, f"t-{connection}", f"Bakery {connection}", "g-1", "connected", ())
        ConnectionStore(world.state).save(made)
    for pulse, connection, slots in (("p-1", "x-1", ("23", "25")), ("p-2", "x-2", ("25",))):
        keep(world.state, Pulse(pulse, "revenue", connection, (), "off", "active", {}))
        for day in slots:
            slot = f"2026-11-{day}T09:00:00Z"
            at = f"2026-11-{day}T09:00:05.000Z"
            row = {"state": "sent", "started_at": at, "gsi1pk": "RUNS#main", "gsi1sk": at}
            world.state.put({"pk": f"WS#main#PULSE#{pulse}", "sk": f"RUN#{slot}", **row})
    return client


def left(bucket: Any) -> list[str]:
    return [one["Key"] for one in bucket.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


@pytest.mark.parametrize(
    ("words", "subject", "gone"),
    [
        (("--connection", "x-1"), "x-1", (0, 1, 2, 4)),
        (("--pulse", "p-1"), "p-1", (1, 2)),
        (("--before", "2026-11-25"), "2026-11-25", (1,)),
        (("--all",), "all", (0, 1, 2, 3, 4, 5)),
    ],
)
def test_what_is_named_goes_and_nothing_else_and_it_is_audited_lg_2(
    world: World, bucket: Any, words: tuple[str, ...], subject: str, gone: tuple[int, ...]
) -> None:
    assert world.run("forget", *words) == 2
    assert left(bucket) == list(KEYS) and world.acts() == []
    assert world.run("forget", *words, "--yes") == 0
    assert left(bucket) == [key for n, key in enumerate(KEYS) if n not in gone]
    assert world.acts() == [f"figures.deleted operator admin {subject} ok"]


def test_what_there_is_not_is_said_and_nothing_is_deleted(world: World, bucket: Any, capsys: Captured) -> None:
    assert world.run("forget", "--connection", "x-9", "--yes") == 2
    assert "x-1  Bakery x-1" in capsys.readouterr().err
    assert world.run("forget", "--pulse", "p-9", "--yes") == 2
    assert world.run("forget", "--before", "yesterday", "--yes") == 2
    assert "2026-11-25" in capsys.readouterr().err
    assert left(bucket) == list(KEYS) and world.acts() == []


@pytest.mark.parametrize("words", [(), ("--all", "--pulse", "p-1")])
def test_exactly_one_thing_is_named(world: World, bucket: Any, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        world.run("forget", *words, "--yes")
    assert left(bucket) == list(KEYS)
