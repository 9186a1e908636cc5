"""An HTTP API of API Gateway: routes, and payload format 2.0 in two pure functions.

Format: API Gateway Developer Guide, "AWS Lambda proxy integrations for HTTP APIs".
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from local.aws.resources.kinds import Route

BODY_LIMIT = 10 * 1024 * 1024
_TEXT = ("text/", "application/json", "application/javascript", "application/xml")


@dataclass(frozen=True)
class Request:
    """`path` as it came, escapes and all; header names as they came, repeated ones repeated."""

    method: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    source_ip: str


@dataclass(frozen=True)
class Response:
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def json_response(status: int, body: Any) -> Response:
    return Response(status, [("Content-Type", "application/json")], json.dumps(body).encode())


def match(routes: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The most specific route: literal segments before `{name}` before `{name+}`, a method before ANY."""
    found = []
    fallback = None
    for route in routes:
        if route.key == "$default":
            fallback = route
            continue
        wanted, _, pattern = route.key.partition(" ")
        values = _segments(pattern, path) if wanted in (method, "ANY") else None
        if values is not None:
            rank = (pattern.count("+}"), pattern.count("{"), wanted == "ANY")
            found.append((rank, route.key, route, values))
    if found:
        _, _, route, values = min(found, key=lambda one: one[:2])
        return route, values
    return (fallback, {}) if fallback else None


def _segments(pattern: str, path: str) -> dict[str, str] | None:
    names, given = pattern.strip("/").split("/"), path.strip("/").split("/")
    values: dict[str, str] = {}
    for index, name in enumerate(names):
        if name.startswith("{") and name.endswith("+}"):
            rest = given[index:]
            return {**values, name[1:-2]: unquote("/".join(rest))} if rest else None
        if index >= len(given):
            return None
        if name.startswith("{"):
            values[name[1:-1]] = unquote(given[index])
        elif name != given[index]:
            return None
    return values if len(names) == len(given) else None


def event_of(request: Request, route: Route, parameters: dict[str, str], now: datetime) -> dict[str, Any]:
    """The event a function gets for a request."""
    headers = _joined((name.lower(), value) for name, value in request.headers)
    cookies = [part.strip() for part in headers.pop("cookie", "").split(";") if part.strip()]
    text = _text(request.body, headers.get("content-type", ""))
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": unquote(request.path),
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": _context(request, route, headers, now),
        "isBase64Encoded": text is None,
    }
    if cookies:
        event["cookies"] = cookies
    if request.query:
        event["queryStringParameters"] = _joined(parse_qsl(request.query, keep_blank_values=True))
    if parameters:
        event["pathParameters"] = parameters
    if request.body:
        event["body"] = base64.b64encode(request.body).decode() if text is None else text
    return event


def _context(request: Request, route: Route, headers: dict[str, str], now: datetime) -> dict[str, Any]:
    domain = headers.get("host", "localhost")
    return {
        "accountId": "anonymous",
        "apiId": "local",
        "domainName": domain,
        "domainPrefix": domain.split(".")[0],
        "http": {
            "method": request.method,
            "path": unquote(request.path),
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": uuid.uuid4().hex,
        "routeKey": route.key,
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now.timestamp() * 1000),
    }


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Repeated names become one value with commas."""
    values: dict[str, str] = {}
    for name, value in pairs:
        values[name] = f"{values[name]},{value}" if name in values else value
    return values


def _text(body: bytes, content_type: str) -> str | None:
    """The body where API Gateway passes it as text; None where it is base64, as forms are."""
    if body and not content_type.lower().startswith(_TEXT):
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def response_of(answer: bytes, failed: bool) -> Response:
    """What the browser gets for a function's answer."""
    if failed:
        return json_response(500, {"message": "Internal Server Error"})
    given = json.loads(answer or b"null")
    if not isinstance(given, dict) or "statusCode" not in given:
        # An answer without a status code is a body, of JSON.
        return json_response(200, given)
    body = given.get("body") or ""
    raw = base64.b64decode(body) if given.get("isBase64Encoded") else str(body).encode()
    headers = [(str(name), str(value)) for name, value in (given.get("headers") or {}).items()]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "text/plain;charset=UTF-8"))
    headers += [("Set-Cookie", cookie) for cookie in given.get("cookies") or []]
    return Response(int(given["statusCode"]), headers, raw)
