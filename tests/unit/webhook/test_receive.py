"""One delivery at the door: refused or queued by its signature alone, whatever it holds (WH-1 to WH-5)."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.webhook import handler as webhook
from functions.webhook.aws import Unavailable
from functions.webhook.receive import Door, receive
from functions.webhook.signing import KeyRing
from tests.unit.webhook.test_signing import KEY, sign

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
DELIVERY = b'{"events":[{"resourceId":"x"}],"firstEventSequence":1,"lastEventSequence":1,"entropy":"e"}'
INTENT = b'{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, "entropy": "S0m3r4Nd0mt3xt"}'


def request(body: bytes, signature: str | None = None, *, coded: bool | None = None) -> dict[str, Any]:
    """As API Gateway hands it on, payload 2.0."""
    try:
        text = None if coded else body.decode()
    except UnicodeDecodeError:
        text = None
    headers = {"content-type": "application/json", "x-xero-signature": sign(body) if signature is None else signature}
    return {
        "version": "2.0",
        "routeKey": "POST /webhooks/xero",
        "headers": headers,
        "requestContext": {"requestId": "JKJaXmPLvHcESHA=", "http": {"method": "POST", "path": "/webhooks/xero"}},
        "body": base64.b64encode(body).decode() if text is None else text,
        "isBase64Encoded": text is None,
    }


@dataclass
class Queue:
    messages: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    down: bool = False

    def put(self, text: str, attributes: Mapping[str, str]) -> None:
        if self.down:
            raise Unavailable("500, TimeoutError")
        self.messages.append((text, attributes))

    def bodies(self) -> list[bytes]:
        return [base64.b64decode(text) if "encoding" in told else text.encode() for text, told in self.messages]


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def door(queue: Queue) -> Door:
    return Door(KeyRing(lambda: [KEY, "another key"]), queue.put, lambda: NOW)


@pytest.fixture
def deployed(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "door", lambda: door)


def test_a_signed_delivery_is_queued_as_it_came(door: Door, queue: Queue) -> None:
    assert receive(request(DELIVERY), door) == "queued"

    assert queue.messages == [
        (DELIVERY.decode(), {"received": f"{NOW.timestamp():.3f}", "delivery": "JKJaXmPLvHcESHA="})
    ]


def test_a_body_in_base64_is_decoded_before_it_is_judged(door: Door, queue: Queue) -> None:
    """WH-1"""
    assert receive(request(DELIVERY, coded=True), door) == "queued"
    assert receive({**request(DELIVERY), "body": "%%%", "isBase64Encoded": True}, door) == "refused"
    assert queue.bodies() == [DELIVERY]


@pytest.mark.parametrize("changes", [{"headers": {}}, {"headers": None}, {"body": None}, {"body": ""}])
def test_a_request_that_lacks_a_part_is_refused(door: Door, queue: Queue, changes: dict[str, Any]) -> None:
    """WH-2"""
    assert receive({**request(DELIVERY), **changes}, door) == "refused"
    assert queue.messages == []


def test_the_intent_to_receive_passes(deployed: None, queue: Queue) -> None:
    """WH-3: several bad signatures, each a character off, and one good; nothing is queued"""
    good = sign(INTENT)
    bad = [good[:5] + ("A" if good[5] != "A" else "B") + good[6:], good[1:] + good[0], "x" * 44]
    answers = [webhook.handler(request(INTENT, one), None)["statusCode"] for one in [*bad[:2], good, bad[2]]]

    assert answers == [401, 401, 200, 401]
    assert queue.messages == []


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"\xff\xfe\x00 binary \x00\x01",
        b'{"events": "none"}',
        b"[]",
        b"null",
        b"[" * 200_000,
        b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
        b'{"events": ' + b"9" * 9_000 + b"}",
        '{"events":[{"x":"\ufffe\u0001\u007f"}]}'.encode(),
        b'{"events":[{"eventDateUtc":"9999999-01-01T00:00:00","resourceUrl":"http://169.254.169.254/"}]}',
        b"\x00",
        b" ",
        "\U0001f600".encode(),
    ],
)
def test_whatever_is_signed_is_kept_and_answered_200(deployed: None, queue: Queue, body: bytes) -> None:
    """WH-4: a 4xx would in the end get the webhook disabled"""
    assert webhook.handler(request(body), None) == {"statusCode": 200, "body": ""}
    assert queue.bodies() == [body]


def test_an_empty_body_has_nothing_to_keep(deployed: None, queue: Queue) -> None:
    assert webhook.handler(request(b""), None)["statusCode"] == 200
    assert queue.messages == []


def test_random_bytes_never_raise_and_go_by_their_signature_alone(deployed: None, queue: Queue) -> None:
    """WH-4"""
    chance = random.Random(7)
    for _ in range(300):
        body = chance.randbytes(chance.randrange(1, 200))
        assert webhook.handler(request(body), None)["statusCode"] == 200
        assert webhook.handler(request(body, sign(body, "of a stranger")), None)["statusCode"] == 401
    assert len(queue.messages) == 300


def test_what_the_queue_could_not_carry_travels_as_base64(door: Door, queue: Queue) -> None:
    """SQS refuses control characters, and a refusal would make Xero try for a day in vain."""
    for body in (b'"\x0b"', "\ufffe".encode(), b"\xc3"):
        receive(request(body), door)
    receive(request("tab\t line\n and \r, Söhne 漢 \U0001f600".encode()), door)

    assert [told.get("encoding") for _, told in queue.messages] == ["base64"] * 3 + [None]


@pytest.mark.parametrize("coded", [False, True])
def test_a_body_above_256_kib_is_too_large_before_anything_else(deployed: None, queue: Queue, coded: bool) -> None:
    full = b'{"events":[1]' + b" " * (256 * 1024 - 14) + b"}"
    assert len(full) == 256 * 1024
    assert webhook.handler(request(full, coded=coded), None)["statusCode"] == 200

    for size in (1, 1024 * 1024):
        large = full + b" " * size
        for signature in ("bad", sign(large)):
            assert webhook.handler(request(large, signature, coded=coded), None) == {"statusCode": 413, "body": ""}
    assert len(queue.messages) == 1


def test_a_body_of_many_bytes_a_letter_is_measured_in_bytes(deployed: None) -> None:
    large = "漢".encode() * (100 * 1024)
    assert webhook.handler(request(large), None)["statusCode"] == 413


def test_a_queue_that_is_down_is_answered_so_that_xero_tries_again(
    deployed: None, queue: Queue, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """WH-7, LG-3: an error id in the log, nothing in the answer"""
    queue.down = True

    assert webhook.handler(request(DELIVERY), None) == {"statusCode": 503, "body": ""}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any(line.get("DeliveriesNotTaken") == 1 for line in lines)
    (told,) = [vars(record) for record in caplog.records]
    assert told["seen"] == "500, TimeoutError" and told["error_id"]
    queue.down = False
    assert webhook.handler(request(DELIVERY), None)["statusCode"] == 200


def test_keys_that_cannot_be_read_refuse_nobody_for_good(monkeypatch: pytest.MonkeyPatch, queue: Queue) -> None:
    def read() -> object:
        raise Unavailable("400")

    monkeypatch.setattr(webhook, "door", lambda: Door(KeyRing(read), queue.put, lambda: NOW))
    assert webhook.handler(request(DELIVERY), None)["statusCode"] == 503


@pytest.mark.parametrize(
    ("event", "counted"),
    [
        (request(DELIVERY), "DeliveriesQueued"),
        (request(INTENT), "Handshakes"),
        (request(DELIVERY, "bad"), "SignaturesRefused"),
        (request(b"x" * 300_000), "DeliveriesTooLarge"),
    ],
)
def test_each_outcome_is_counted_for_the_alarms(
    deployed: None, event: dict[str, Any], counted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """WH-4, WH-8"""
    webhook.handler(event, None)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (metric,) = [line for line in lines if "_aws" in line]
    assert metric[counted] == 1
    assert metric["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": counted, "Unit": "Count"}]


def test_an_answer_has_an_empty_body_and_no_header_at_all(deployed: None) -> None:
    """WH-2: "Response contains a body" is a failure in Xero's portal; cookies are refused"""
    for event in (request(DELIVERY), request(DELIVERY, "bad"), request(INTENT), request(b"x" * 300_000), {}):
        answer = webhook.handler(event, None)
        assert answer["body"] == "" and set(answer) == {"statusCode", "body"}


def test_no_log_line_holds_body_signature_or_key(
    deployed: None, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """LG-1"""
    body = b'{"events":[{"resourceId":"canary-of-the-body"}]}'
    webhook.handler(request(body), None)
    webhook.handler(request(body, "canary-of-the-signature"), None)

    said = capsys.readouterr().out + "".join(str(vars(record)) for record in caplog.records)
    assert "JKJaXmPLvHcESHA=" in said
    for canary in ("canary", KEY, sign(body)):
        assert canary not in said
