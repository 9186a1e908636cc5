"""Xero's side of the webhook (facts 5): signing, handshake, retries by our clock, duplicates and disorder."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.xero.books import Books
from local.xero.events import WEBHOOK_KEY, Event, Habits, body, burst, of_document, packed, sign, stamp
from local.xero.generate import generate
from local.xero.webhook import Webhook
from tests.unit.xero_sandbox.conftest import NOW, Time
from tests.unit.xero_sandbox.receiver import Receiver, receiver


@pytest.fixture(scope="module")
def books() -> Books:
    return generate(NOW.date(), unallocated_credits=True)


@pytest.fixture
def taker() -> Iterator[Receiver]:
    with receiver(WEBHOOK_KEY) as told:
        yield told


@pytest.fixture
def webhook(time: Time, taker: Receiver) -> Webhook:
    made = Webhook(time)
    assert made.set_up(taker.url).passed
    taker.taken.clear()
    made.attempts.clear()
    return made


def some(count: int = 1) -> list[Event]:
    return [Event("tenant", "INVOICE", "UPDATE", f"id-{n}", NOW + timedelta(seconds=n)) for n in range(count)]


def test_a_body_is_spaced_as_xeros_and_counts_its_events() -> None:
    content = body(some(2), 41, random.Random(1))

    assert b'"firstEventSequence": 41,"lastEventSequence": 42, "entropy"' in content
    assert [one["resourceId"] for one in json.loads(content)["events"]] == ["id-0", "id-1"]
    assert json.loads(body((), 41, random.Random(1)))["firstEventSequence"] == 0


def test_a_signature_takes_the_key_as_the_text_it_is() -> None:
    assert sign(b'{"events":[]}', "key") == "Qrz9n8NSnnBLDlKIZEhYxzL4J+L5wKUqtKk3FuhGKW0="  # as openssl says


def test_instants_have_no_zone_and_varying_digits() -> None:
    assert stamp(NOW) == "2026-11-25T10:30:00"
    assert stamp(NOW.replace(microsecond=120_000)) == "2026-11-25T10:30:00.12"


def test_an_invoice_event_says_neither_sale_nor_bill_and_younger_categories_do(books: Books) -> None:
    made = {d.type: of_document(d, "t", "UPDATE", NOW).wire() for d in books.documents}

    assert "data" not in made["ACCREC"] and made["ACCREC"].keys() == made["ACCPAY"].keys()
    assert made["ACCPAYCREDIT"]["eventCategory"] == "CREDITNOTE"
    assert set(made["ACCPAYCREDIT"]["data"]) == {"Type", "Status"}
    assert made["RECEIVE-PREPAYMENT"]["data"]["UpdatedDateUTCString"] == "2026-11-25T10:30:00Z"
    assert made["SPEND-OVERPAYMENT"]["eventCategory"] == "OVERPAYMENT"


def test_the_handshake_sends_three_bad_signatures_and_one_good(time: Time, taker: Receiver) -> None:
    webhook = Webhook(time)

    handshake = webhook.set_up(taker.url)

    assert handshake.passed and webhook.state == "on"
    assert sorted((one.signed, one.status) for one in handshake.attempts) == [(False, 401)] * 3 + [(True, 200)]
    assert [one["events"] for one in taker.taken] == [[]]


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        ({"bad_status": 400}, "a bad signature was answered 400, not 401"),
        ({"always": 500}, "answered 500"),
        ({"body": b"Unauthorized"}, "the response contains a body"),
        ({"cookie": "a=b"}, "the response sets a cookie"),
    ],
)
def test_the_handshake_fails_as_the_portal_would(
    time: Time, taker: Receiver, spoil: dict[str, object], complaint: str
) -> None:
    for name, value in spoil.items():
        setattr(taker, name, value)
    webhook = Webhook(time)

    handshake = webhook.set_up(taker.url)

    assert (handshake.passed, handshake.why, webhook.state) == (False, complaint, "off")


def test_a_delivery_that_is_not_taken_is_tried_again_at_once_and_then_every_fifteen_minutes(
    webhook: Webhook, taker: Receiver, time: Time
) -> None:
    taker.answers = [500, 500, 503]

    webhook.publish(some())
    for _ in range(4):
        webhook.tick()
        time.pass_by(minutes=7.5)

    assert [(one.status, (one.at - NOW) / timedelta(minutes=1)) for one in webhook.attempts] == [
        (500, 0),
        (500, 0),
        (503, 15),
    ]
    time.pass_by(minutes=0)
    webhook.tick()
    assert webhook.attempts[-1].status == 200 and not webhook.waiting
    assert len(taker.events) == 1


def test_after_a_day_of_failures_the_webhook_is_disabled_and_a_handshake_brings_everything_in_order(
    webhook: Webhook, taker: Receiver, time: Time
) -> None:
    taker.always = 500
    webhook.publish(some(2))
    for _ in range(24 * 4 + 1):
        time.pass_by(minutes=15)
        webhook.tick()
    tried = len(webhook.attempts)
    webhook.publish([Event("tenant", "CONTACT", "CREATE", "later", time.now)])
    time.pass_by(hours=40)
    webhook.tick()

    assert webhook.state == "disabled" and len(webhook.letters) == 1
    assert tried == 2 + 24 * 4 and len(webhook.attempts) == tried

    taker.always = None
    assert webhook.set_up(taker.url).passed
    assert [event["resourceId"] for event in taker.events] == ["id-0", "id-1", "later"]


def test_what_nobody_took_for_31_days_is_gone(webhook: Webhook, taker: Receiver, time: Time) -> None:
    webhook.state = "disabled"
    webhook.publish(some())
    time.pass_by(days=32)

    assert webhook.set_up(taker.url).passed
    assert taker.events == []


def test_a_burst_is_many_different_events_of_one_organisation(books: Books) -> None:
    made = burst(books, 300, NOW, random.Random(3))

    keys = {(one.tenant, one.category, one.type, one.resource, stamp(one.at)) for one in made}
    assert len(keys) == 300
    assert {one.category for one in made} >= {"INVOICE", "CONTACT", "CREDITNOTE"}
    assert max(Counter(one.resource for one in made).values()) > 1
    assert made == sorted(made, key=lambda one: one.at)


def test_unkind_packing_loses_nothing_and_repeats_its_share_in_other_deliveries() -> None:
    deliveries = packed(some(400), Habits(per_delivery=8, duplicates=0.1, shuffled=True), random.Random(5))

    counts = Counter(event.resource for part in deliveries for event in part)
    assert len(counts) == 400 and sum(counts.values()) == 440
    assert all(len({event.resource for event in part}) == len(part) for part in deliveries)
    flat = [event.resource for part in deliveries for event in part]
    assert flat != sorted(flat)
