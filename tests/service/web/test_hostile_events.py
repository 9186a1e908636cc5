"""Events that no browser sends: every one is answered with a 4xx, none with a fault."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import pytest

from tests.service.console.world import Console, console
from tests.service.web.browser import ORIGIN, event
from tests.service.web.world import world

FORM = {"content-type": "application/x-www-form-urlencoded", "origin": ORIGIN}


@pytest.fixture
def desk(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Console:
    return console(world(dynamodb), monkeypatch)


def form(**changes: Any) -> dict[str, Any]:
    return {**event("POST", "/sign-in", headers=FORM, body=b"email=a"), **changes}


HOSTILE: dict[str, tuple[dict[str, Any], int]] = {
    "bad base64": (form(body="%%%not base64%%%"), 400),
    "base64 without its end": (form(body="YWJ"), 400),
    "bytes that are no text": (form(body=base64.b64encode(b"email=\xff\xfe").decode()), 400),
    "escapes that are no text": (form(body=base64.b64encode(b"email=%ff%fe").decode()), 400),
    "a surrogate": (form(body="email=\ud800", isBase64Encoded=False), 400),
    "a body that is a list": (form(body=[1, 2]), 413),
    "a body of a megabyte": (form(body=base64.b64encode(b"a" * 1_000_000).decode()), 413),
    "a text of a megabyte": (form(body="a" * 1_000_000, isBase64Encoded=False), 413),
    "a thousand fields": (form(body=base64.b64encode(b"&".join(b"a=1" for _ in range(1000))).decode()), 400),
    "JSON for a form": (form(headers={**FORM, "content-type": "application/json"}), 415),
    "multipart for a form": (form(headers={**FORM, "content-type": "multipart/form-data; boundary=x"}), 415),
    "no type at all": (form(headers={"origin": ORIGIN}), 415),
    "no body at all": (form(body=None), 403),
    "a huge header": (form(headers={**FORM, "x-much": "a" * 200_000}), 403),
    "a huge cookie": (form(cookies=[f"__Host-form={'a' * 100_000}"]), 403),
    "cookies without sense": (
        form(cookies=["", "=", "=;", ";;", "a", "__Host-=x", "__Host-form", "é=é", 7, None]),
        403,
    ),
    "cookies that are no list": (form(cookies="__Host-form=x"), 403),
    "a long address": (event("GET", f"/{'a' * 3000}"), 414),
    "a long query": (event("GET", f"/sign-in?next={'a' * 10_000}"), 414),
    "a query of nonsense": (event("GET", "/sign-in?next=%ff%fe"), 400),
    "a thousand questions": (event("GET", f"/sign-in?{'a=1&' * 900}"), 400),
    "no context": ({"version": "2.0", "rawPath": "/nothing"}, 404),
    "nothing": ({}, 400),
    "nulls": ({"rawPath": None, "headers": None, "cookies": None, "requestContext": None, "body": None}, 400),
    "control characters": (event("GET", "/sign-in/\x00\x1b"), 404),
    "markup": (event("GET", "/<script>alert(1)</script>"), 404),
    "another site's form": (form(headers={**FORM, "origin": "https://evil.example"}), 403),
    "an origin of nonsense": (form(headers={**FORM, "origin": "\x00"}), 403),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_event_is_refused_plainly(desk: Console, name: str) -> None:
    given, status = HOSTILE[name]
    answer = desk.app.handle(given, None)
    assert answer["statusCode"] == status
    assert "<script>" not in answer["body"]


TEXTS = [
    "'",
    '"><script>alert(1)</script>',
    "{{ 7*7 }}",
    "\x00",
    "\u202eevil",
    "a" * 60_000,
    "😀" * 9000,
    "\ud7ff",
    "%s%n",
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_hostile_fields_are_refused_or_shown_as_text(desk: Console, text: str) -> None:
    person = desk.browser()
    for fields in (
        {"email": text},
        {"email": "ada@example.com", "next": text},
        {"email": "ada@example.com", text: "x"},
    ):
        person.get("/sign-in")
        answer = person.post("/sign-in", **fields)
        assert answer.status in (200, 413, 422)
        assert "<script>" not in answer.body and "49" not in answer.alert
    person.get("/sign-in")
    for token in (text, ""):
        assert person.post("/sign-in/verify", token=token).status in (400, 413)
        assert person.get(f"/sign-in/verify?token={quote(token, errors='replace')[:4000]}").status in (400, 414)
