"""The Block Kit messages: their structure, Slack's limits, and nothing foreign that Slack would act on (SX-3)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from functions.deliver.slack_message import main_message, summary_message, table_message
from ledgercast.content import Content, content_of
from ledgercast.domain.facts import Check, Facts, Headline, Series
from ledgercast.slack.blocks import Message
from ledgercast.slack.escape import mrkdwn
from local.slack.blocks import problems
from tests.unit.deliver.samples import EMPTY_FACTS, REVENUE_FACTS, cash_flow, details, named, summary

FILE = "F0SBX000001"
HOSTILE = [
    "<!channel> <@U123> <#C1|x>",
    "*bold* _it_ ~st~ `code` ```block```",
    "<https://evil.example|Open in Xero> & co",
    ":tada: :smile:",
    "> quote\n• list\r\nline",
    "\u202egnp.exe \u2066x\u2069",
    "مؤسسة النور للتجارة",
    "N" * 200,
    "@channel @here https://evil.example",
]


def content(facts: Facts = REVENUE_FACTS, *points: str) -> Content:
    return content_of(facts, details(facts), summary(*points))


def messages(facts: Facts, *points: str) -> list[Message]:
    said = content(facts, *points)
    assert said.summary
    all_ = [main_message(said, None if facts.empty else FILE), summary_message(said.summary)]
    return [*all_, table_message(said, said.table)] if said.table else all_


def texts(node: Any) -> list[str]:
    """Every text of mrkdwn anywhere in a message, its fallback too."""
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) and node.get("type") != "plain_text" else []
        return own + [text for value in node.values() for text in texts(value)]
    return [text for value in node for text in texts(value)] if isinstance(node, list) else []


def test_the_main_message_is_headline_change_image_context_and_link() -> None:
    message = main_message(content(), FILE)

    assert [block["type"] for block in message["blocks"]] == ["header", "section", "image", "context"]
    header, section, image, context = message["blocks"]
    assert header["text"] == {"type": "plain_text", "text": "Revenue (Monthly)", "emoji": False}
    assert section["text"]["text"] == "*£55,070.10*  Oct 2026\n▲ up 7.1% on the month before"
    assert image == {"type": "image", "slack_file": {"id": FILE}, "alt_text": content().alt}
    assert [element["text"] for element in context["elements"]] == [
        "*Fernhill Joinery &amp; Sons Ltd* · 1 Dec 2025 to 25 Nov 2026 · accrual basis · GBP · Nov 2026 is to date",
        "✓ Ties to Xero's total",
        "As of 25 Nov 2026, 09:00",
        f"<{content().link}|Open in Xero>",
    ]


def test_the_fallback_text_says_organisation_figure_and_change() -> None:
    assert main_message(content(), FILE)["text"] == (
        "Fernhill Joinery &amp; Sons Ltd · Revenue (Monthly): £55,070.10 (Oct 2026), up 7.1% on the month before"
    )


def test_a_failed_check_is_told_with_a_sign() -> None:
    facts = replace(REVENUE_FACTS, checks=(Check("Total Income", "2.00", "1.00", ok=False),))

    assert "⚠ Does not tie to Xero: Total Income" in texts(main_message(content(facts), FILE))


def test_a_check_that_cannot_be_made_is_told_with_its_reason() -> None:
    facts = replace(REVENUE_FACTS, checks=(Check("Debtors", None, "1.00", ok=None, note="not comparable"),))

    assert "– Not compared with Xero: not comparable" in texts(main_message(content(facts), FILE))


def test_an_undefined_percentage_is_said_to_be_undefined() -> None:
    facts = replace(
        REVENUE_FACTS,
        metric="cost_of_sales_pct",
        unit="percent",
        headline=Headline("Oct 2026", None, None, None),
        series=(Series("cost_of_sales_pct", "Share", "line", (None,) * 12),),
        total=None,
    )

    message = main_message(content(facts), FILE)
    assert message["blocks"][1]["text"]["text"] == "*Not defined*  Oct 2026"


def test_the_number_table_is_aligned_in_a_code_block() -> None:
    said = content()
    assert said.table
    block = table_message(said, said.table)["blocks"][0]["text"]["text"]

    lines = block.splitlines()
    assert (lines[0], lines[-1]) == ("```", "```")
    assert lines[1] == "Month                   Revenue"
    assert lines[-2] == "Total               £601,234.56"
    assert len({len(line) for line in lines[1:-1]}) == 1


def test_a_lone_column_has_room_for_its_title() -> None:
    title = "Cost of sales % of revenue"
    [series] = REVENUE_FACTS.series
    said = content(replace(REVENUE_FACTS, series=(replace(series, name=title),)))
    assert said.table

    assert table_message(said, said.table)["blocks"][0]["text"]["text"].splitlines()[1].endswith(f"  {title}")


def test_a_wide_table_is_summed_up_for_reading_and_says_so() -> None:
    said = content(cash_flow())
    assert said.table
    message = table_message(said, said.table)

    assert message["blocks"][0]["text"]["text"].splitlines()[1].split() == ["Month", "Received", "Spent", "Net"]
    assert "Received and spent are summed over the accounts" in texts(message)


def test_a_long_table_is_cut_with_a_statement() -> None:
    names = tuple(f"Account {n}" for n in range(400))
    values = tuple("12.00" for _ in names)
    facts = replace(
        named("x"), categories=names, category_keys=names, series=(Series("amount", "Amount", "bar", values),)
    )
    said = content(facts)
    assert said.table

    message = table_message(said, said.table)

    assert "341 more rows are not shown here" in texts(message)
    assert "Total" in message["blocks"][-2]["text"]["text"]
    assert not problems(message["blocks"], lambda _file: True)


@pytest.mark.parametrize("facts", [REVENUE_FACTS, EMPTY_FACTS, cash_flow(), *map(named, HOSTILE)])
def test_slacks_limits_are_kept_whatever_the_names(facts: Facts) -> None:
    for message in messages(facts, *(f"{facts.organisation.name} {n}" for n in range(40))):
        assert not problems(message["blocks"], lambda _file: True)
        assert len(json.dumps(message["blocks"])) < 13_200
        assert len(message["text"]) < 40_000


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_can_mention_link_or_format_sx_3(name: str) -> None:
    for message in messages(named(name), name):
        for text in texts(message):
            bare = text.replace(f"<{content(named(name)).link}|Open in Xero>", "")
            assert "<" not in bare
            if not text.startswith("```"):
                assert text.count("*") in (0, 2), text
                assert not set("_~`") & set(bare)
            assert "\u202e" not in text
            assert "\r" not in text


def test_every_text_is_verbatim_so_that_slack_links_nothing_by_itself() -> None:
    def objects(node: Any) -> list[dict[str, Any]]:
        if isinstance(node, dict):
            own = [node] if node.get("type") == "mrkdwn" else []
            return own + [found for value in node.values() for found in objects(value)]
        return [found for value in node for found in objects(value)] if isinstance(node, list) else []

    for message in messages(named(HOSTILE[-1])):
        found = objects(message["blocks"])
        assert found
        assert all(one["verbatim"] for one in found)


def test_an_emoji_name_loses_its_meaning_and_keeps_its_look() -> None:
    assert mrkdwn("a :tada: b") == "a ∶tada: b"
    assert mrkdwn("9:30") == "9:30"
