"""`render` as Step Functions calls it, on a bucket in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import boto3
import pytest

from functions.render.handler import handler
from ledgercast.domain.errors import ArtefactMissing
from ledgercast.domain.facts import Facts
from ledgercast.store import connect
from local.gallery_facts import eleven
from tests.unit.render.reading import pixels_of

BUCKET = "artefacts"
RUN = {"workspace": "main", "pulse": "p1", "slot": "2026-11-16T09:00:00Z"}
FOLDER = "runs/main/p1/2026-11-16T09:00:00Z"
EVENT = {**RUN, "facts": f"{FOLDER}/facts.json"}


@pytest.fixture
def bucket(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    client: Any = aws.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    monkeypatch.setenv("LEDGERCAST_BUCKET", BUCKET)
    connect.client.cache_clear()
    connect._session.cache_clear()
    yield client
    connect.client.cache_clear()
    connect._session.cache_clear()


def given_facts(bucket: Any, facts: Facts) -> None:
    bucket.put_object(Bucket=BUCKET, Key=EVENT["facts"], Body=json.dumps(facts.to_json()))


def stored(bucket: Any, key: str) -> bytes:
    body: bytes = bucket.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return body


def test_chart_and_details_are_put_beside_the_facts(bucket: Any) -> None:
    given_facts(bucket, eleven()["revenue"])

    out = handler(EVENT, None)

    assert out == {"chart": f"{FOLDER}/chart.png", "details": f"{FOLDER}/chart.json"}
    picture, details = stored(bucket, out["chart"]), json.loads(stored(bucket, out["details"]))
    assert picture.startswith(b"\x89PNG")
    assert details["sha256"] == sha256(picture).hexdigest()
    assert (details["width"], details["height"]) == (1600, 900)
    assert details["alt"].startswith("Revenue (Monthly), Southern Cross Fixtures Ltd")
    assert details["table"]["columns"] == ["Month", "Revenue (Monthly)"]


def test_without_activity_there_are_words_and_no_chart(bucket: Any) -> None:
    given_facts(bucket, replace(eleven()["revenue"], series=(), notes=("No activity in this window",)))

    out = handler(EVENT, None)

    assert out == {"chart": None, "details": f"{FOLDER}/chart.json"}
    details = json.loads(stored(bucket, out["details"]))
    assert "No activity" in details["alt"]
    assert details["table"]["rows"] == []


def test_facts_that_are_gone_are_named(bucket: Any) -> None:
    with pytest.raises(ArtefactMissing):
        handler(EVENT, None)


def test_what_was_drawn_of_the_same_facts_stays_as_it_went_out(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given_facts(bucket, eleven()["revenue"])
    first = handler(EVENT, None)
    monkeypatch.setattr("functions.render.handler.render", None)  # would fail, were it asked to draw again

    assert handler({**EVENT, "theme": "dark"}, None) == first


def test_other_facts_are_drawn_anew(bucket: Any) -> None:
    given_facts(bucket, eleven()["revenue"])
    before = stored(bucket, handler(EVENT, None)["chart"])
    given_facts(bucket, replace(eleven()["revenue"], title="Revenue (Weekly)"))

    assert stored(bucket, handler(EVENT, None)["chart"]) != before


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_preview_is_drawn_beside_its_facts_in_each_theme(bucket: Any, theme: str) -> None:
    facts = "previews/main/x-1/revenue.json"
    bucket.put_object(Bucket=BUCKET, Key=facts, Body=json.dumps(eleven()["revenue"].to_json()))
    preview = {"workspace": "main", "preview": {"metric": "revenue", "connection": "x-1"}}

    out = handler({**preview, "facts": facts, "theme": theme}, None)

    of = f"previews/main/x-1/revenue-{theme}"
    assert out == {"chart": f"{of}.png", "details": f"{of}.json"}
    background = {"light": (255, 255, 255), "dark": (15, 20, 29)}[theme]
    assert tuple(pixels_of(stored(bucket, f"{of}.png"))[2, 2]) == background
