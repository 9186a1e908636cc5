"""A person with a browser, as far as a function sees one: cookies kept, forms sent with what the page held.

Shared by the tests of every function behind the edge:

    person = Browser(app.handle)
    person.get("/sign-in")
    answer = person.post("/sign-in", email="owner@example.com")   # `csrf` comes from the last page
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

Handle = Callable[[dict[str, Any], object], dict[str, Any]]
HOST = "ledgercast.example.com"
ORIGIN = f"https://{HOST}"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    cookies: list[str]
    body: str

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def alert(self) -> str:
        found = re.search(r'role="alert"[^>]*>(.*?)</', self.body, re.DOTALL)
        return html.unescape(found[1]).strip() if found else ""

    def hidden(self, name: str) -> str:
        """The value of the first field with that name; "" without one."""
        found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', self.body)
        return html.unescape(found[1]) if found else ""


def event(
    method: str,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    cookies: list[str] | None = None,
    body: bytes | None = None,
    address: str = "203.0.113.7",
) -> dict[str, Any]:
    """What API Gateway gives a function for a request (payload format 2.0)."""
    path, _, query = target.partition("?")
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": HOST, "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", **(headers or {})},
        "cookies": cookies or [],
        "requestContext": {"http": {"method": method, "path": path, "sourceIp": address}, "requestId": "r-1"},
        "isBase64Encoded": body is not None,
        **({"body": base64.b64encode(body).decode()} if body is not None else {}),
    }


class Browser:
    """`handlers`: one function, or several that share the site; the one that knows the path answers."""

    def __init__(self, *handlers: Handle, address: str = "203.0.113.7") -> None:
        self._handlers = handlers
        self.address = address
        self.cookies: dict[str, str] = {}
        self.csrf = ""

    def get(self, target: str, **headers: str) -> Answer:
        return self.send("GET", target, headers=headers)

    def post(self, target: str, **fields: str) -> Answer:
        """A form of the last page, sent as a browser of today sends it."""
        body = urlencode({"csrf": self.csrf, **fields}).encode()
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self.send("POST", target, body=body, headers={**kind, "origin": ORIGIN, "sec-fetch-site": "same-origin"})

    def call(self, method: str, target: str, body: Any = None) -> Answer:
        """A call of the API, with the session's CSRF value from the last page."""
        headers = {"content-type": "application/json", "x-csrf-token": self.csrf}
        raw = json.dumps(body).encode() if body is not None else None
        return self.send(method, target, body=raw, headers=headers)

    def send(
        self, method: str, target: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        cookies = [f"{name}={value}" for name, value in self.cookies.items()]
        given = event(method, target, headers=headers, cookies=cookies, body=body, address=self.address)
        answers = (handle(given, None) for handle in self._handlers)
        raw = next((one for one in answers if one["statusCode"] != 404), None) or self._handlers[-1](given, None)
        answer = Answer(raw["statusCode"], raw["headers"], raw["cookies"], raw["body"])
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        self.csrf = answer.hidden("csrf") or self.csrf
        return answer

    def follow(self, answer: Answer) -> Answer:
        """The page at the end of the redirects of this site."""
        for _ in range(6):
            if answer.status not in (302, 303, 308) or not answer.location.startswith("/"):
                return answer
            answer = self.get(answer.location)
        raise AssertionError("a loop of redirects")
