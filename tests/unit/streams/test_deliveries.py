"""Reading what Xero's webhook says: every field is checked, and nothing in a body can raise or be followed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgercast.domain.streams import (
    KINDS,
    Event,
    Route,
    StreamInvalid,
    Unreadable,
    delivery_of,
    instant,
    kind_words,
    kinds_of,
    only_of,
    sample_body,
    side_of,
)

TENANT = "c2cc9b6e-9458-4c7d-93cc-f02b81b0594f"
DOCUMENT = "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777"


def event(**changes: Any) -> dict[str, Any]:
    return {
        "resourceUrl": f"https://api.xero.com/api.xro/2.0/Invoices/{DOCUMENT}",
        "resourceId": DOCUMENT,
        "eventDateUtc": "2026-11-25T09:41:02.123",
        "eventType": "UPDATE",
        "eventCategory": "INVOICE",
        "tenantId": TENANT,
        "tenantType": "ORGANISATION",
        **changes,
    }


def body(*events: Any) -> bytes:
    return json.dumps(
        {"events": list(events), "firstEventSequence": 3, "lastEventSequence": 5, "entropy": "x"}
    ).encode()


def one(**changes: Any) -> Event:
    (found,) = delivery_of(body(event(**changes))).events
    return found


def test_an_event_is_read_with_its_time_in_utc() -> None:
    found = delivery_of(body(event()))

    assert found.sequence == (3, 5)
    assert found.events == (
        Event(
            tenant=TENANT,
            family="invoice",
            happening="updated",
            resource=DOCUMENT,
            date="2026-11-25T09:41:02.123",
            at=datetime(2026, 11, 25, 9, 41, 2, 123_000, UTC),
        ),
    )


def test_every_kind_has_a_name_and_words() -> None:
    assert len(KINDS) == 10
    assert (KINDS[0], KINDS[5]) == ("invoice.created", "credit_note.updated")
    assert kind_words("credit_note.updated") == "Credit note updated"


@pytest.mark.parametrize("category", ["CONTACT", "CREDITNOTE", "PREPAYMENT", "OVERPAYMENT"])
def test_each_category_is_known(category: str) -> None:
    assert one(eventCategory=category, eventType="CREATE").kind in KINDS


@pytest.mark.parametrize(
    "changes", [{"eventCategory": "SUBSCRIPTION"}, {"eventType": "DELETE"}, {"eventCategory": "TEAPOT"}]
)
def test_an_unknown_kind_is_counted_and_its_neighbours_are_read_wh_7(changes: dict[str, str]) -> None:
    found = delivery_of(body(event(), event(**changes), event(resourceId=TENANT)))

    assert (len(found.events), found.unknown, found.unreadable) == (2, 1, 0)


@pytest.mark.parametrize(
    "spoilt",
    [
        None,
        7,
        "event",
        [],
        event(resourceId=7),
        event(resourceId="../../Invoices"),
        event(resourceId=f"{DOCUMENT}?x=<!channel>"),
        event(resourceId=None),
        event(tenantId="main"),
        event(tenantId={"a": 1}),
        event(eventDateUtc=1_700_000_000),
        event(eventDateUtc=None),
        event(eventType=["UPDATE"]),
        event(eventCategory=True),
        {},
    ],
)
def test_an_event_of_another_form_is_counted_and_its_neighbours_are_read_wh_7(spoilt: Any) -> None:
    found = delivery_of(body(event(), spoilt))

    assert (len(found.events), found.unknown, found.unreadable) == (1, 0, 1)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'{"events": {}}',
        b'{"events": 7}',
        b"\xff\xfe\x00\x01 binary",
        b"[" * 100_000,
        b'{"events": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"events": [' + b"9" * 10_000 + b"]}",
        b"{'events': []}",
    ],
)
def test_what_is_no_delivery_is_unreadable_and_nothing_else_happens_wh_4(raw: bytes) -> None:
    try:
        found = delivery_of(raw)
    except Unreadable:
        return
    assert found.events == () and found.unreadable >= 1


@given(st.binary(max_size=300))
def test_random_bytes_never_raise_anything_else_wh_4(raw: bytes) -> None:
    try:
        delivery_of(raw)
    except Unreadable:
        return


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.fixed_dictionaries({name: _JSON for name in event()} | {"data": _JSON}))
def test_random_fields_never_raise_anything_else_wh_4(given_event: dict[str, Any]) -> None:
    found = delivery_of(body({**given_event, "eventCategory": "INVOICE", "eventType": "CREATE"}))
    assert len(found.events) + found.unreadable == 1


def test_a_date_that_is_no_text_of_unicode_still_has_a_key() -> None:
    assert len(one(eventDateUtc="\ud800").key) == 64


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("2026-11-25T09:41:02", 0),
        ("2026-11-25T09:41:02Z", 0),
        ("2026-11-25T09:41:02.5", 500_000),
        ("2026-11-25T09:41:02.1234567", 123_456),
        ("2026-11-25T09:41:02.123456789+00:00", 123_456),
    ],
)
def test_an_instant_is_utc_however_many_digits_it_has(text: str, microseconds: int) -> None:
    assert instant(text) == datetime(2026, 11, 25, 9, 41, 2, microseconds, UTC)


@pytest.mark.parametrize(
    "text",
    [
        "9999999-01-01T00:00:00",
        "9999-12-31T23:59:59",
        "0001-01-01T00:00:00",
        "2026-13-01T00:00:00",
        "2026-02-30T00:00:00",
        "2026-11-25",
        "2026-11-25T09:41:02+13:00",
        "٢٠٢٦-11-25T09:41:02",
        "/Date(1796000000000)/",
        "x" * 100_000,
        "",
    ],
)
def test_a_date_without_sense_leaves_the_event_with_no_time(text: str) -> None:
    found = one(eventDateUtc=text)
    assert (found.at, found.date) == (None, text)


def test_a_repetition_has_the_same_key_and_a_second_edit_has_another_wh_6() -> None:
    keys = {
        one().key,
        one(eventDateUtc="2026-11-25T09:41:02.124").key,
        one(eventType="CREATE").key,
        one(eventCategory="CREDITNOTE").key,
        one(resourceId=TENANT).key,
        one(tenantId=DOCUMENT).key,
    }
    assert len(keys) == 6
    assert one(resourceUrl="https://evil.example/", entropy="another").key == one(resourceId=DOCUMENT.upper()).key


@pytest.mark.parametrize(
    ("kind", "side"),
    [
        ("ACCREC", "sales"),
        ("ACCRECCREDIT", "sales"),
        ("ACCPAYCREDIT", "bills"),
        ("RECEIVE-PREPAYMENT", "sales"),
        ("SPEND-OVERPAYMENT", "bills"),
        ("ARPREPAYMENT", "sales"),
        ("APOVERPAYMENT", "bills"),
        ("SOMETHING", None),
        (7, None),
        (None, None),
    ],
)
def test_the_side_of_a_document_is_read_off_its_type(kind: object, side: str | None) -> None:
    assert side_of(kind) == side
    assert one(eventCategory="CREDITNOTE", data={"Type": kind}).side == side


def test_an_event_survives_being_stored() -> None:
    for changes in ({}, {"eventDateUtc": "never"}, {"data": {"Type": "ACCPAY"}}):
        found = one(**changes)
        assert Event.from_json(json.loads(json.dumps(found.to_json()))) == found


def route(**changes: Any) -> Route:
    given = {"connection": "x-1", "channel": "C0FINANCE01", "install": "T1", "channel_name": "finance"}
    return Route(**{"id": "r-1", "kinds": ("invoice.created", "invoice.updated"), **given, **changes})


def test_a_route_wants_its_kinds_and_lets_its_side_through() -> None:
    sales = route(only="sales")

    assert sales.wants(one()) and not sales.wants(one(eventCategory="CONTACT"))
    assert sales.lets("invoice", "sales") and not sales.lets("invoice", "bills")
    assert sales.lets("invoice", None), "what nobody knows is told rather than lost"
    assert sales.lets("contact", None) and route().lets("invoice", "bills")
    assert Route.from_item({"sk": "ROUTE#r-1", **sales.to_item()}) == sales


def test_what_was_ticked_is_checked_and_put_in_order() -> None:
    assert kinds_of(["contact.updated", "invoice.created", "contact.updated"]) == ("invoice.created", "contact.updated")
    assert (only_of("sales"), only_of(""), only_of(None), only_of("both")) == ("sales", None, None, None)
    for wrong in ([], ["invoice.deleted"], [7]):
        with pytest.raises(StreamInvalid) as refused:
            kinds_of(wrong)
        assert refused.value.field == "kinds"
    with pytest.raises(StreamInvalid):
        only_of("everything")


def test_a_test_event_looks_like_one_of_xeros() -> None:
    now = datetime(2026, 11, 25, 9, tzinfo=UTC)
    (found,) = delivery_of(sample_body(TENANT, "credit_note.created", now)).events

    assert (found.tenant, found.kind, found.at) == (TENANT, "credit_note.created", now)
    assert found.at and found.at - now < timedelta(seconds=1)
