"""A summary that a model wrote is told as such, wherever it is read (AI-1)."""

from __future__ import annotations

from functions.deliver.email_message import html_body, text_body
from functions.deliver.slack_message import summary_message
from ledgercast.content import content_of
from tests.unit.deliver.samples import REVENUE_FACTS, details, summary

MODEL = "arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/abc<b>"
WRITTEN = {**summary(), "kind": "ai", "model": MODEL}
LABEL = "Written by AI (abc<b>), every figure checked against the facts"


def test_the_thread_says_under_the_words_who_wrote_them() -> None:
    content = content_of(REVENUE_FACTS, details(REVENUE_FACTS), WRITTEN)
    assert content.summary

    *_, last = summary_message(content.summary)["blocks"]

    assert last["type"] == "context"
    assert last["elements"][0]["text"] == LABEL.replace("<", "&lt;").replace(">", "&gt;")


def test_a_mail_says_it_in_both_its_forms() -> None:
    content = content_of(REVENUE_FACTS, details(REVENUE_FACTS), WRITTEN)

    assert f"\n{LABEL}\n" in text_body(content)
    assert LABEL.replace("<", "&lt;").replace(">", "&gt;") in html_body(content, chart=False)


def test_computed_words_bear_no_label() -> None:
    fallen_back = {**summary(), "why": "summary.late", "model": MODEL}
    content = content_of(REVENUE_FACTS, details(REVENUE_FACTS), fallen_back)
    assert content.summary

    assert [block["type"] for block in summary_message(content.summary)["blocks"]] == ["section"]
    assert "Written by AI" not in text_body(content) + html_body(content, chart=False)
