"""What people are told about written summaries is complete."""

from __future__ import annotations

import re
from pathlib import Path

from ledgercast import ai
from ledgercast.messages import reasons

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "summaries.md").read_text()


def test_every_reason_that_the_source_can_give_has_its_sentence_and_its_line() -> None:
    source = "".join(path.read_text() for path in (ROOT / "functions" / "summarise").glob("*.py"))
    given = set(re.findall(r'"(summary\.[a-z_]+)"', source)) - {"summary.json"}

    assert given == {code for code in reasons() if code.startswith("summary.")}
    assert given == set(re.findall(r"\| `(summary\.[a-z_]+)` \|", PAGE))


def test_the_page_where_it_is_switched_on_says_what_leaves_the_account() -> None:
    """AI-1"""
    told, named = ai.leaves("eu.amazon.nova-lite-v1:0", names=False), ai.leaves("m", names=True)

    assert "eu.amazon.nova-lite-v1:0 in Amazon Bedrock" in told
    assert "no name at all" in told
    assert "no name at all" not in named
    assert "names of its accounts" in named
    assert "the computed summary is sent" in ai.CHECKED
    assert f"{ai.SECONDS} seconds" in ai.CHECKED


def test_a_model_is_called_by_what_people_know_it_by() -> None:
    arn = "arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/abcdef"

    assert ai.written_by(arn) == "Written by AI (abcdef), every figure checked against the facts"
    assert ai.model({}) == ""
