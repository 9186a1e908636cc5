"""An event of API Gateway (payload format 2.0) as a bounded Request; no handler and no template ever sees the event.

What cannot be read is a BadRequest with a 4xx status: wrong encodings, wrong types, too much of anything.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

MOST_BODY = 64 * 1024
_MOST_FIELDS = 200
_MOST_QUERY = 4096
_MOST_PATH = 512
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_PREFIX = "__Host-"


class BadRequest(Exception):
    """The request cannot be read. `status` is the answer's; the message is for people and repeats nothing of it.

    `allow` names the methods that the address does take.
    """

    def __init__(self, status: int, message: str, allow: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.allow = allow


@dataclass(frozen=True)
class Request:
    """`query` and `fields` are pairs in their order; `cookies` go by plain name, a deployment's `__Host-` taken off."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str], ...]
    json: Any
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    address: str


def read_head(event: Mapping[str, Any], *, local: bool) -> Request:
    """Everything but the body. Raises BadRequest."""
    http = (event.get("requestContext") or {}).get("http") or {}
    path = str(event.get("rawPath") or "")
    if not path:
        raise BadRequest(400, "The request has no address.")
    if len(path) > _MOST_PATH:
        raise BadRequest(414, "This address is too long.")
    return Request(
        method=str(http.get("method", "GET")).upper(),
        path=path,
        query=_pairs(str(event.get("rawQueryString") or ""), _MOST_QUERY),
        fields=(),
        json=None,
        headers={str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()},
        cookies=_cookies(event.get("cookies") or [], local=local),
        address=str(http.get("sourceIp", ""))[:64],
    )


def read_body(event: Mapping[str, Any], head: Request) -> tuple[tuple[tuple[str, str], ...], Any]:
    """The form's fields and the parsed JSON of a state change. Raises BadRequest."""
    raw = _raw(event)
    if not raw:
        return (), None
    kind = head.headers.get("content-type", "").partition(";")[0].strip().lower()
    wanted = _JSON if head.path.startswith("/api/") else _FORM
    if kind != wanted:
        raise BadRequest(415, f"Only {wanted} is understood here.")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise BadRequest(400, "The request is not valid UTF-8 text.") from None
    if wanted == _FORM:
        return _pairs(text, MOST_BODY), None
    try:
        return (), json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest(400, "The request is not valid JSON.") from None


def _raw(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not isinstance(body, str) or len(body) > MOST_BODY * 4 // 3 + 4:
        raise BadRequest(413, "This is more than can be taken at once.")
    if not event.get("isBase64Encoded"):
        raw = body.encode(errors="surrogatepass")
    else:
        try:
            raw = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            raise BadRequest(400, "The request's body is not valid base64.") from None
    if len(raw) > MOST_BODY:
        raise BadRequest(413, "This is more than can be taken at once.")
    return raw


def _pairs(text: str, most: int) -> tuple[tuple[str, str], ...]:
    if len(text) > most:
        raise BadRequest(414 if most == _MOST_QUERY else 413, "This is more than can be taken at once.")
    try:
        return tuple(
            parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, encoding="utf-8", errors="strict")
        )
    except ValueError:  # too many fields, or escapes that are no UTF-8
        raise BadRequest(400, "The request cannot be read.") from None


def _cookies(given: Any, *, local: bool) -> dict[str, str]:
    """Only cookies named `__Host-…` count in a deployment: no other host and no plain connection can have set those."""
    found: dict[str, str] = {}
    for cookie in given if isinstance(given, list) else []:
        name, _, value = str(cookie).strip().partition("=")
        if not local and not name.startswith(_PREFIX):
            continue
        plain = name.removeprefix(_PREFIX)
        if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", plain) and len(value) <= 4096:
            found.setdefault(plain, value)
    return found
