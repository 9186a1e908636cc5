"""What the sandbox puts on the wire: JSON, XML or HTML, and Xero's error bodies in the variants that were met."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Raised by an endpoint that refuses the call; carries what to answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def as_json(payload: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(payload, ensure_ascii=False).encode(), JSON, headers or {})


def as_xml(payload: Mapping[str, Any], status: int = 200) -> Answer:
    """The default of the accounting API for callers that do not ask for JSON."""
    return Answer(status, f"<Response>{_elements(payload)}</Response>".encode(), "text/xml; charset=utf-8")


def as_html(status: int, text: str) -> Answer:
    return Answer(status, f"<!DOCTYPE html><html><body><h1>{escape(text)}</h1></body></html>".encode(), HTML)


def problem(status: int, detail: str, style: str = "capital", headers: Mapping[str, str] | None = None) -> Answer:
    """401 and 403 in one of three spellings: `capital`, `lower`, or `extended` (capital with more fields)."""
    title = {401: "Unauthorized", 403: "Forbidden"}.get(status, "Error")
    body: dict[str, Any] = {"Title": title, "Status": status, "Detail": detail, "Instance": str(uuid4())}
    if style == "lower":
        body = {key.lower(): value for key, value in body.items()}
    if style == "extended":
        body = {"Type": None, **body, "Extensions": {}}
    return as_json(body, status, headers)


def validation(message: str) -> Answer:
    errors = [{"ValidationErrors": [{"Message": message}]}]
    body = {"ErrorNumber": 10, "Type": "ValidationException", "Message": "A validation exception occurred"}
    return as_json({**body, "Elements": errors}, 400)


def bad_query(message: str) -> Answer:
    return as_json({"ErrorNumber": 16, "Type": "QueryParseException", "Message": message}, 400)


def unoptimised_filter() -> Answer:
    """What organisations with very many documents answer to a `where` that is not one of the fast ones."""
    return bad_query("Due to the high number of documents being processed, this filter cannot be used")


def offline(kind: str = "html") -> Answer:
    """503 of a maintenance window, as `html`, `xml` or `text`."""
    text = "The Xero API is currently offline for maintenance"
    if kind == "html":
        return as_html(503, text)
    if kind == "xml":
        return as_xml({"Message": text}, 503)
    return Answer(503, text.encode(), "text/plain")


def instant(moment: datetime, zone: str = "") -> str:
    """Xero's way to write an instant; lists add `+0000`, envelopes and reports do not."""
    return f"/Date({int(moment.timestamp() * 1000)}{zone})/"


def _elements(value: object, name: str = "") -> str:
    if isinstance(value, Mapping):
        return "".join(f"<{key}>{_elements(item, key)}</{key}>" for key, item in value.items() if item is not None)
    if isinstance(value, list):
        one = name.removesuffix("s") or "Item"
        return "".join(f"<{one}>{_elements(item)}</{one}>" for item in value)
    return escape(str(value))
