"""The use case: a delivery is verified and put into the queue, or refused. Nothing else happens here (WH-5).

What a body means is the stream's matter. Read is only whether it has any event, after its signature was found good:
Xero's intent to receive has none, and there is nothing to queue.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from functions.webhook.signing import KeyRing
from ledgercast.domain.streams import DELIVERY, ENCODING, MOST_BODY, RECEIVED

SIGNATURE = "x-xero-signature"

# What a message of SQS may hold; a body with anything else in it travels as base64.
_NOT_CARRIED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Outcome = Literal["too_large", "refused", "empty", "queued"]
STATUS: dict[Outcome, int] = {"too_large": 413, "refused": 401, "empty": 200, "queued": 200}


@dataclass(frozen=True)
class Door:
    """`queue` takes a message's text and attributes; it raises where it could not be put."""

    ring: KeyRing
    queue: Callable[[str, Mapping[str, str]], None]
    now: Callable[[], datetime]


def receive(event: Mapping[str, Any], door: Door) -> Outcome:
    """What becomes of one request of API Gateway. Raises what ring and queue raise: then Xero has to try again."""
    body = _body(event)
    if body is None:
        return "too_large"
    if not door.ring.opens(body, str((event.get("headers") or {}).get(SIGNATURE, ""))):
        return "refused"
    if _is_empty(body):
        return "empty"
    text, encoding = _carried(body)
    attributes = {RECEIVED: f"{door.now().timestamp():.3f}", DELIVERY: delivery_id(event), **encoding}
    door.queue(text, attributes)
    return "queued"


def delivery_id(event: Mapping[str, Any]) -> str:
    """The correlation id of this delivery: API Gateway's id of the request."""
    return str((event.get("requestContext") or {}).get("requestId") or "unknown")


def _body(event: Mapping[str, Any]) -> bytes | None:
    """The bytes as they came; None for more than is taken, before anything is done with them."""
    given = event.get("body") or ""
    if len(given) > MOST_BODY * 4 // 3 + 4:
        return None
    try:
        raw = base64.b64decode(given) if event.get("isBase64Encoded") else given.encode("utf-8", "surrogatepass")
    except binascii.Error:
        raw = b""
    return raw if len(raw) <= MOST_BODY else None


def _is_empty(body: bytes) -> bool:
    """Whether there is nothing to queue. What cannot be read is queued: the stream keeps it for inspection (WH-4)."""
    try:
        given = json.loads(body or b'{"events": []}')
    except (ValueError, RecursionError):
        return False
    return isinstance(given, dict) and given.get("events") == []


def _carried(body: bytes) -> tuple[str, dict[str, str]]:
    """The text of the queue's message, and the attribute that says how to read it where it is not the body itself."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if not _NOT_CARRIED.search(text):
        return text, {}
    return base64.b64encode(body).decode(), {ENCODING: "base64"}
