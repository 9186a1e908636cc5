"""Routes and payload format 2.0."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from local.aws.gateway import Request, event_of, match, response_of
from local.aws.resources.kinds import Route

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
KEYS = (
    "GET /pulses",
    "GET /pulses/new",
    "GET /pulses/{id}",
    "POST /pulses/{id}/run",
    "ANY /api/{rest+}",
    "GET /api/v1/me",
    "GET /",
)


def request(method: str = "GET", path: str = "/", query: str = "", body: bytes = b"", **headers: str) -> Request:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Request(method, path, query, pairs, body, "127.0.0.1")


@pytest.mark.parametrize(
    ("method", "path", "key", "values"),
    [
        ("GET", "/", "GET /", {}),
        ("GET", "/pulses", "GET /pulses", {}),
        ("GET", "/pulses/new", "GET /pulses/new", {}),
        ("GET", "/pulses/a%20b", "GET /pulses/{id}", {"id": "a b"}),
        ("POST", "/pulses/7/run", "POST /pulses/{id}/run", {"id": "7"}),
        ("GET", "/api/v1/me", "GET /api/v1/me", {}),
        ("DELETE", "/api/v1/pulses/7", "ANY /api/{rest+}", {"rest": "v1/pulses/7"}),
    ],
)
def test_the_most_specific_route_answers(method: str, path: str, key: str, values: dict[str, str]) -> None:
    found = match([Route(one, "fn") for one in KEYS], method, path)

    assert found and (found[0].key, found[1]) == (key, values)


@pytest.mark.parametrize(("method", "path"), [("POST", "/pulses"), ("GET", "/nothing"), ("GET", "/pulses/1/2")])
def test_without_a_route_or_a_default_nothing_answers(method: str, path: str) -> None:
    routes = [Route(one, "fn") for one in KEYS]

    assert match(routes, method, path) is None
    assert match([*routes, Route("$default", "fn")], method, path) == (Route("$default", "fn"), {})


def event(given: Request) -> dict[str, Any]:
    return event_of(given, Route("GET /x", "fn"), {}, NOW)


def test_the_event_joins_repeated_values_and_splits_cookies() -> None:
    given = Request(
        "GET", "/x", "a=1&a=2&b=", [("Accept", "a"), ("Accept", "b"), ("Cookie", "s=1; t=2")], b"", "127.0.0.1"
    )

    made = event(given)

    assert made["headers"] == {"accept": "a,b"}
    assert made["cookies"] == ["s=1", "t=2"]
    assert made["rawQueryString"] == "a=1&a=2&b="
    assert made["queryStringParameters"] == {"a": "1,2", "b": ""}
    assert "body" not in made


@pytest.mark.parametrize(
    ("content_type", "body", "encoded"),
    [
        ("application/json; charset=utf-8", b"{}", False),
        ("text/plain", "ä".encode(), False),
        ("application/x-www-form-urlencoded", b"a=1", True),
        ("application/octet-stream", b"\x00\xff", True),
        ("text/plain", b"\xff", True),
    ],
)
def test_text_goes_as_text_and_everything_else_as_base64(content_type: str, body: bytes, encoded: bool) -> None:
    made = event(request("POST", "/x", body=body, content_type=content_type))

    assert made["isBase64Encoded"] is encoded
    assert (base64.b64decode(made["body"]) if encoded else made["body"].encode()) == body


def test_an_answer_becomes_status_headers_cookies_and_bytes() -> None:
    answer = {
        "statusCode": 302,
        "headers": {"Location": "/next"},
        "cookies": ["a=1", "b=2"],
        "body": base64.b64encode(b"\x89PNG").decode(),
        "isBase64Encoded": True,
    }

    made = response_of(json.dumps(answer).encode(), failed=False)

    assert (made.status, made.body) == (302, b"\x89PNG")
    assert [value for name, value in made.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert ("Location", "/next") in made.headers


def test_an_answer_without_a_status_is_a_json_body_and_a_failure_is_a_500_that_tells_nothing() -> None:
    plain = response_of(b'{"a": 1}', failed=False)
    broken = response_of(b'{"errorMessage": "secret"}', failed=True)

    assert (plain.status, json.loads(plain.body)) == (200, {"a": 1})
    assert (broken.status, json.loads(broken.body)) == (500, {"message": "Internal Server Error"})
