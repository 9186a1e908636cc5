"""What goes out, word for word: the messages of some deliveries, kept in `goldens/` to be read and compared.

`python -m tests.unit.deliver.golden_files` writes them anew; look at the difference before you commit it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from functions.deliver.email_message import html_body, text_body
from functions.deliver.slack_message import main_message, summary_message, table_message
from ledgercast.content import Content, content_of
from ledgercast.domain.facts import Check, Facts
from tests.unit.deliver.samples import EMPTY_FACTS, REVENUE_FACTS, cash_flow, details, named, summary

FOLDER = Path(__file__).with_name("goldens")
LINK = "https://ledger.example/unsubscribe/Zm9yLW9uZS1yZWFkZXI"
FAILED = replace(REVENUE_FACTS, checks=(Check("Total Income", "601234.56", "600000.00", ok=False),))


def golden_files() -> dict[str, str]:
    """Each file's name and text."""
    return {name: text for case, made in cases().items() for name, text in _of(case, made)}


def cases() -> dict[str, Content]:
    def said(facts: Facts, *, test: bool = False) -> Content:
        return replace(content_of(facts, details(facts), None if facts.empty else summary()), test=test)

    return {
        "revenue": said(REVENUE_FACTS),
        "test": said(REVENUE_FACTS, test=True),
        "check-failed": said(FAILED),
        "no-activity": said(EMPTY_FACTS),
        "cash-flow": said(cash_flow()),
        "foreign-names": said(named("Ann & Bo <Ltd> *株式会社* مؤسسة")),
    }


def _of(case: str, made: Content) -> Iterator[tuple[str, str]]:
    chart = made.table is not None
    yield f"{case}.html", html_body(made, chart=chart, unsubscribe=LINK)
    yield f"{case}.txt", text_body(made, LINK)
    messages = [main_message(made, "F0SBX000001" if chart else None)]
    messages += [summary_message(made.summary)] if made.summary else []
    messages += [table_message(made, made.table)] if made.table else []
    yield f"{case}.slack.json", json.dumps(messages, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in golden_files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
