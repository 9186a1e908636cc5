"""The mail: MIME structure, what holds in Outlook and dark mode, and nothing that a name could inject (DL-3, SX-3)."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser

import pytest

from functions.deliver.email_message import CHART_ID, Letter, html_body, mime, text_body
from functions.deliver.table import as_csv, cell
from ledgercast.content import content_of
from ledgercast.domain.facts import Facts
from tests.unit.deliver.samples import EMPTY_FACTS, PNG, REVENUE_FACTS, cash_flow, details, named, summary

AT = datetime(2026, 11, 25, 9, 0, 7, tzinfo=UTC)
INJECTIONS = [
    "Evil\r\nBcc: everyone@evil.example",
    "Evil\nContent-Type: text/html\n\n<script>",
    "Evil\x0b\x0c\x00\x1b[31m\u2028Bcc: x@evil.example",
    "=?utf-8?q?Bcc=3A?= x@evil.example",
    '"><img src=x onerror=alert(1)><script>alert(1)</script>',
    "{{ 7*7 }} {% raw %}",
    "<b>&amp;</b>",
]


def letter(facts: Facts = REVENUE_FACTS, to: str = "ann@firm.example", **more: str) -> Letter:
    said = content_of(facts, details(facts), summary(*([facts.organisation.name] if facts.notes else [])))
    chart = None if facts.empty else PNG
    return Letter(said, sender="charts@ledger.example", to=to, at=AT, key="ab12", chart=chart, **more)


def parsed(one: Letter) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(mime(one))


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part
    return str(part.get_content())


def test_the_headers_are_those_of_one_message_to_one_reader() -> None:
    message = parsed(letter())

    assert str(message["Subject"]) == (
        "Revenue (Monthly): £55,070.10 (Oct 2026), up 7.1% on the month before · Fernhill Joinery & Sons Ltd"
    )
    assert str(message["To"]) == "ann@firm.example"
    assert str(message["From"]) == "Ledgercast <charts@ledger.example>"
    assert str(message["Date"]) == "Wed, 25 Nov 2026 09:00:07 +0000"
    assert message["Auto-Submitted"] == "auto-generated"


def test_unsubscribing_is_one_click_where_an_address_serves_it_and_absent_elsewhere() -> None:
    with_it = parsed(letter(unsubscribe="https://ledger.example/unsubscribe/t0k3n"))

    assert with_it["List-Unsubscribe"] == "<https://ledger.example/unsubscribe/t0k3n>"
    assert with_it["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert parsed(letter())["List-Unsubscribe"] is None


def test_the_text_part_says_everything_the_html_says() -> None:
    text = body(parsed(letter()), "plain").replace("\r\n", "\n")

    for said in ("Revenue (Monthly)", "£55,070.10  Oct 2026", "Up 7.1% on the month before", "Ties to Xero's total"):
        assert said in text
    assert re.search(r"^Total +£601,234\.56$", text, re.MULTILINE)
    assert "https://go.xero.com/" in text


@pytest.mark.parametrize("injection", INJECTIONS)
def test_no_name_can_add_a_header_a_recipient_or_markup_dl_3(injection: str) -> None:
    raw = mime(letter(named(injection)))
    head = raw.split(b"\r\n\r\n", 1)[0]
    message = BytesParser(policy=policy.default).parsebytes(raw)

    assert message["Bcc"] is None
    names = [line.split(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert names == [
        *(b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted", b"MIME-Version", b"Content-Type")
    ]
    html = body(message, "html")
    assert "<script" not in html
    assert "onerror=alert" not in re.sub(r"&[a-z#0-9]+;[^<]*", "", html)
    assert "<b>" not in html


@pytest.mark.parametrize("address", ["a@x.example\r\nBcc: b@x.example", "a@x.example, b@x.example", "a b@x.example"])
def test_an_address_that_is_two_cannot_become_a_header(address: str) -> None:
    with pytest.raises(Exception, match=r".*"):
        mime(letter(to=address))


class Shape(HTMLParser):
    """What mail programs stumble over: open tags, grounds, widths, images."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[dict[str, str]] = []
        self.images: list[dict[str, str]] = []
        self.tables: list[dict[str, str]] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)
        if tag == "img":
            self.images.append(given)
        elif tag == "table":
            self.tables.append(given)
        elif tag == "a":
            self.links.append(given["href"])
        elif tag == "td" and "bgcolor" in given:
            self.cells.append(given)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("facts", [REVENUE_FACTS, cash_flow(), EMPTY_FACTS, named("Ann & Bo <Ltd>")])
def test_the_html_holds_in_outlook_and_dark_mode(facts: Facts) -> None:
    html = html_body(content_of(facts, details(facts), summary()), chart=not facts.empty)
    shape = Shape(html)

    assert not shape.open, "every tag is closed"
    assert {table["width"] for table in shape.tables if "width" in table} <= {"100%", "640", "576"}
    assert all("background-color:#" in cell["style"] for cell in shape.cells)
    assert '<meta name="color-scheme" content="light">' in html
    assert not re.search(r"<(script|link|form|iframe|svg)\b|@import|url\(|position:|display:flex", html)
    assert all(image["alt"] and image["width"] == "576" for image in shape.images)
    assert {image["src"] for image in shape.images} <= {f"cid:{CHART_ID}"}
    assert all(link.startswith("https://go.xero.com/") for link in shape.links)


def test_a_failed_check_stands_where_it_is_seen() -> None:
    html = html_body(content_of(named("x"), None, None), chart=False)

    assert html.index("Does not tie to Xero") < html.index("Rent")


def test_no_activity_has_neither_chart_nor_table_rl_5() -> None:
    message = parsed(letter(EMPTY_FACTS))

    assert "No activity between" in body(message, "plain")
    assert not list(message.iter_attachments())
    assert "<img" not in body(message, "html")


def test_the_content_hash_is_of_what_is_said_not_of_mimes_chance() -> None:
    assert letter().content_hash == letter(to="bo@firm.example").content_hash
    assert letter().content_hash != letter(cash_flow()).content_hash
    other = replace(letter(), chart=PNG + b"!")
    assert other.content_hash != letter().content_hash


def test_the_csv_has_every_account_and_plain_numbers() -> None:
    table = content_of(cash_flow(), None, None).table
    assert table
    rows = list(csv.reader(io.StringIO(as_csv(table).decode("utf-8-sig"))))

    assert rows[0][:2] == ["Month", "Current account, received"]
    assert len(rows[0]) == 14
    assert rows[1][0] == "Dec 2025"
    assert rows[2][-1] == "-100.00"
    assert rows[-1][0] == "Total"


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "＝1", "-2+3|cmd", "+44 20"],
)
def test_no_cell_of_text_is_a_formula_sx_3(text: str) -> None:
    assert cell(text).startswith("'")


@pytest.mark.parametrize("number", ["-12.50", "12.50", "0.00", "-1", "1234567.89"])
def test_real_numbers_stay_numbers(number: str) -> None:
    assert cell(number) == number


def test_the_text_wraps_at_no_line_that_smtp_refuses() -> None:
    assert max(map(len, mime(letter(named("N" * 200))).splitlines())) < 998


def test_the_table_in_the_text_is_aligned_for_wide_signs() -> None:
    text = text_body(content_of(named("株式会社みどり"), None, None))
    row = next(line for line in text.splitlines() if line.startswith("株式会社みどり "))

    assert row.endswith("£1,200.00")
