"""The function as the state machine calls it: facts from the bucket, words into it, a record for the run's row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from functions.summarise import compose
from functions.summarise.bedrock import NoAnswer
from functions.summarise.handler import handler
from functions.summarise.prompt import Prompt
from ledgercast.domain.errors import ArtefactMissing
from ledgercast.store import connect
from local.gallery_facts import eleven

FACTS = "runs/main/p1/s/facts.json"
KEY = "runs/main/p1/s/summary.json"
EVENT = {"workspace": "main", "pulse": "p1", "slot": "s", "facts": FACTS, "summary": "ai", "names_to_ai": False}
WORDS = '{"headline": "Revenue was £196,240.90 in Oct 2026", "analysis": ["It fell by 2.8% on the month before."]}'


class Played:
    name = "played"

    def __init__(self, *answers: str | NoAnswer) -> None:
        self.answers = list(answers)

    def ask(self, prompt: Prompt) -> str:
        answer = self.answers.pop(0)
        if isinstance(answer, NoAnswer):
            raise answer
        return answer


@pytest.fixture
def bucket(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("LEDGERCAST_BUCKET", "bucket")
    monkeypatch.delenv("LEDGERCAST_AI_MODEL", raising=False)
    client = aws.client("s3")
    client.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    connect.client.cache_clear()
    connect._session.cache_clear()
    connect.artefacts().put_json(FACTS, eleven()["revenue"].to_json())
    yield client
    connect.client.cache_clear()
    connect._session.cache_clear()


def test_written_words_are_kept_with_their_record(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """AI-1"""
    monkeypatch.setattr(compose, "model", lambda: Played(WORDS))

    told = handler(EVENT, None)

    stored = connect.artefacts().get_json(KEY)
    assert told == {"summary": KEY, "record": {name: stored[name] for name in told["record"]}}
    assert (stored["kind"], stored["model"], stored["why"]) == ("ai", "played", "")
    assert stored["points"] == ["It fell by 2.8% on the month before."]


def test_a_slot_says_the_same_however_often_it_is_taken_up(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """RL-1: whom a retry reaches reads what the others read, and no model is asked a second time."""
    model = Played(NoAnswer("summary.late"), WORDS)
    monkeypatch.setattr(compose, "model", lambda: model)

    first, second = handler(EVENT, None), handler(EVENT, None)

    assert first == second
    assert first["record"]["why"] == "summary.late"
    assert model.answers == [WORDS]


def test_without_a_model_an_ai_pulse_gets_the_computed_words(bucket: Any) -> None:
    """AI-1: off unless the operator names one."""
    assert handler(EVENT, None)["record"]["why"] == "summary.no_model"
    assert connect.artefacts().get_json(KEY)["kind"] == "template"


def test_a_pulse_that_does_not_ask_asks_no_model(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "model", lambda: pytest.fail("asked"))

    assert handler({**EVENT, "summary": "template"}, None)["record"]["kind"] == "template"
    assert set(connect.artefacts().get_json(KEY)) == {"kind", "headline", "points"}


def test_the_named_model_is_asked_by_its_name(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGERCAST_AI_MODEL", "eu.amazon.nova-lite-v1:0")

    made = compose.model()

    assert made is not None
    assert made.name == "eu.amazon.nova-lite-v1:0"


def test_no_word_and_no_figure_stands_in_what_the_machine_is_told(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """LG-1"""
    monkeypatch.setattr(compose, "model", lambda: Played(WORDS))

    told = handler(EVENT, None)["record"]

    assert set(told) == {"kind", "why", "model", "prompt_hash", "facts_hash"}
    assert not [value for value in told.values() if "£" in value or " " in value]


def test_lost_facts_are_an_error_that_is_not_tried_again(bucket: Any) -> None:
    with pytest.raises(ArtefactMissing):
        handler({**EVENT, "facts": "runs/main/p1/gone/facts.json"}, None)
