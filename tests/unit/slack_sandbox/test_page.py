"""The channel as the demo's page shows it: threads, images, and foreign text as nothing but text."""

from __future__ import annotations

from typing import Any

import pytest

from functions.deliver.slack_message import main_message, summary_message, table_message
from ledgercast.content import content_of
from ledgercast.domain.facts import Facts
from local.slack.page import mrkdwn_html, thread_html
from tests.unit.deliver.samples import REVENUE_FACTS, details, named, summary


def entries(facts: Facts = REVENUE_FACTS) -> list[dict[str, Any]]:
    """As slack.json has them."""
    said = content_of(facts, details(facts), summary(facts.organisation.name))
    assert said.summary
    assert said.table
    messages = {
        "message": main_message(said, "F0SBX000001"),
        "summary": summary_message(said.summary),
        "table": table_message(said, said.table),
    }
    return [
        {
            "at": f"2026-11-25T09:00:0{n}.000000Z",
            "ts": f"179559720{n}.000001",
            "thread_ts": "1795597200.000001" if n else None,
            "part": part,
            "metric": facts.metric,
            **message,
        }
        for n, (part, message) in enumerate(messages.items())
    ]


def test_a_message_stands_above_its_replies_with_its_image() -> None:
    page = thread_html(entries(), lambda entry: f"{entry['metric']}.png")

    assert '<img src="revenue.png" alt="Line chart: Revenue (Monthly)' in page
    assert "2 replies" in page
    assert page.index("<b>£55,070.10</b>") < page.index("<pre>Month")
    assert "Wednesday, 25 November 2026" in page


def test_what_never_came_to_stand_there_is_not_shown() -> None:
    page = thread_html([{**one, "ts": None} for one in entries()], lambda _entry: None)

    assert "Nothing was posted." in page


def test_foreign_text_stays_text() -> None:
    page = thread_html(entries(named("<script>alert(1)</script> *b* <!channel>")), lambda _entry: None)

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<!channel" not in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* and 2*3*4", "<b>bold</b> and 2*3*4"),
        ("<https://x.example/?a=1&b=2|go &amp; see>", '<a href="https://x.example/?a=1&amp;b=2">go &amp; see</a>'),
        ("a\nb", "a<br>b"),
        ("```\n*a* &lt;b&gt;\n```", "<pre>*a* &lt;b&gt;</pre>"),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
    ],
)
def test_the_basics_of_mrkdwn_are_drawn(text: str, shown: str) -> None:
    assert mrkdwn_html(text) == shown


def test_the_same_entries_give_the_same_page() -> None:
    assert thread_html(entries(), lambda _entry: None) == thread_html(entries(), lambda _entry: None)
