"""Bodies and names that mean no good: nothing raised, nothing fetched, nothing that Slack would act on (SX-1, SX-3)."""

from __future__ import annotations

import base64
import json
import socket
from typing import Any

import pytest

from ledgercast.domain.streams import ENCODING
from local.slack.blocks import problems
from tests.service.streams.test_told import LINK, header, said
from tests.service.streams.world import World, event, new_id

ATTACKS = [
    "<!channel> <@U0OWNER> <#C1|x> @here",
    "*bold* _it_ ~st~ `code` ```block```",
    "<https://evil.example|Open in Xero> & co",
    ":tada: :smile:",
    "> quote\n• list\r\nline",
    "\u202egnp.exe \u2066x\u2069 \u0000\u0007",
    "7 invoices updated",
    "&lt;!channel&gt;",
    "|>\"'{{7*7}}${x}%s",
    "Z" * 5000,
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("events", [1, 4])
def test_nothing_from_xero_is_more_than_text(world: World, attack: str, events: int) -> None:
    """SX-3"""
    tenant, connection = world.organisation(attack)
    world.route(connection)
    documents = [new_id() for _ in range(events)]
    for document in documents:
        world.xero.knows_invoice(document, InvoiceNumber=attack, Contact={"Name": attack}, Status=attack)
    world.post.deliver(*[event(tenant, one) for one in documents])
    world.finish()

    (message,) = world.posts()
    text = json.dumps([message.text, message.blocks], ensure_ascii=False)
    mrkdwn = json.dumps([message.text, message.blocks[1:]], ensure_ascii=False)
    assert "<!" not in mrkdwn and "<@" not in mrkdwn and "<#" not in mrkdwn and "<https://evil" not in mrkdwn
    assert "`" not in mrkdwn and ":tada:" not in text and "\u202e" not in text and "\\u0007" not in text
    assert all(link.startswith(("organisationlogin/", "app/")) for link in LINK.findall(mrkdwn))
    assert mrkdwn.count("<http") == len(LINK.findall(mrkdwn))
    assert not problems(message.blocks, lambda _: True)
    assert header(message)[0].isdigit() is (events == 4), "only a list begins with a number, and with its own"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"null",
        b'{"events": 7}',
        b"[" * 50_000,
        b'{"events":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"a":' * 30_000 + b"1" + b"}" * 30_000,
        b'{"events": [' + b"9" * 9_000 + b"]}",
    ],
)
def test_what_is_no_delivery_is_kept_for_inspection_and_fails_nobody(world: World, raw: bytes) -> None:
    """WH-4, WH-7"""
    tenant, connection = world.organisation()
    world.route(connection)
    world.post.deliver(raw=raw or b"=")
    world.post.deliver(event(tenant))

    assert world.turn() == []
    assert [why for _, why in world.post.dead] == ["stream.unreadable"]
    assert len(world.posts()) == 1


@pytest.mark.parametrize("text", ["/wAB", "%%%", "AAAA", "", "Ä"])
def test_a_body_that_travelled_as_base64_is_read_or_kept(world: World, text: str) -> None:
    world.post.deliver(raw=text.encode(), **{ENCODING: "base64"})
    assert world.turn() == []
    assert [why for _, why in world.post.dead] == ["stream.unreadable"]


def test_a_good_body_that_travelled_as_base64_is_told(world: World) -> None:
    tenant, connection = world.organisation()
    world.route(connection)
    body = json.dumps({"events": [event(tenant)], "entropy": "\ufffe"}, ensure_ascii=False).encode()
    world.post.deliver(raw=base64.b64encode(body), **{ENCODING: "base64"})
    world.finish()
    assert len(world.posts()) == 1


@pytest.mark.parametrize(
    "spoilt",
    [
        {"resourceId": 7},
        {"resourceId": ["x"]},
        {"resourceId": "../../BankTransactions"},
        {"resourceId": "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777|<!channel>"},
        {"tenantId": None},
        {"eventDateUtc": 9_999_999},
        {"eventDateUtc": {"$date": 1}},
        {"eventType": []},
    ],
)
def test_an_event_of_the_wrong_types_is_kept_and_its_neighbours_are_told(world: World, spoilt: dict[str, Any]) -> None:
    """WH-7"""
    tenant, connection = world.organisation()
    world.route(connection)
    world.post.deliver(event(tenant), event(tenant, **spoilt), event(tenant))

    assert world.turn() == []
    assert len(world.posts()) == 2
    assert [why for _, why in world.post.dead] == ["stream.unreadable"]
    world.post.replay()
    world.finish()
    assert len(world.posts()) == 2, "a replay repeats nothing"


@pytest.mark.parametrize(
    "date", ["9999999-01-01T00:00:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00", "soon", "", "-1", "9" * 4000]
)
def test_an_event_of_a_time_without_sense_is_told_with_the_time_at_which_it_came(world: World, date: str) -> None:
    tenant, connection = world.organisation()
    world.route(connection)
    same = event(tenant, eventDateUtc=date)
    world.post.deliver(same, same)
    world.post.deliver(event(tenant, same["resourceId"]))
    world.finish()

    messages = [said(one) for one in world.posts()]
    assert len(messages) == 2
    assert sum("Xero told no time; it came on 25 Nov 2026, 22:41 NZDT" in one for one in messages) == 1
    assert not any("earlier" in one for one in messages)


def test_the_address_in_an_event_is_never_asked_nor_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """SX-1"""
    asked: list[str] = []
    real = socket.create_connection

    def connect(to: tuple[str, int], *given: Any, **named: Any) -> socket.socket:
        asked.append(to[0])
        return real(to, *given, **named)

    monkeypatch.setattr(socket, "create_connection", connect)
    tenant, connection = world.organisation()
    world.route(connection)
    for address in ("http://169.254.169.254/latest", "https://evil.example/x", "file:///etc/passwd", 7, None):
        world.post.deliver(event(tenant, resourceUrl=address))
    world.finish()

    assert set(asked) <= {"127.0.0.1"}
    text = "".join(map(said, world.posts()))
    assert world.posts() and "evil" not in text and "169.254" not in text and "passwd" not in text


def test_a_message_of_the_queue_without_any_attribute_is_borne(world: World) -> None:
    tenant, connection = world.organisation()
    world.route(connection)
    letter = world.post.deliver(event(tenant), event(tenant, eventDateUtc="never"))
    stored = world.post.waiting[letter]
    stored.letter.attributes.clear()  # type: ignore[attr-defined]
    world.finish()
    assert len(world.posts()) == 2


@pytest.mark.parametrize("received", ["never", "nan", "inf", "-1e400", "1e300"])
def test_a_time_of_arrival_without_sense_is_borne(world: World, received: str) -> None:
    tenant, connection = world.organisation()
    world.route(connection)
    world.post.deliver(event(tenant, eventDateUtc="never"), received=received)
    world.finish()
    assert len(world.posts()) == 1


def test_no_log_line_and_no_ledger_row_holds_a_name_or_an_amount(
    world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """LG-1, LG-2"""
    caplog.set_level("DEBUG", logger="stream")
    tenant, connection = world.organisation("canary-organisation")
    world.route(connection)
    document = new_id()
    world.xero.knows_invoice(document, InvoiceNumber="canary-number", Contact={"Name": "canary-contact"})
    world.post.deliver(event(tenant, document), delivery="d-correlation")
    world.post.deliver(raw=b"canary-body")
    world.finish()

    logged = capsys.readouterr().out + "".join(str(vars(one)) for one in caplog.records if one.name == "stream")
    assert "d-correlation" in logged, "one id from the webhook to the message"
    for text in (logged, str(world.ledger())):
        assert "canary" not in text and "1,234.50" not in text and "1234.50" not in text
