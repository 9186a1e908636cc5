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
