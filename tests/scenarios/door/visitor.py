"""A browser in the hands of somebody who means no good: it follows nothing by itself, and sends what it is told to."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pyotp
import requests

from local.demo.person import Person

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_CODE = re.compile(r"\b[A-Z2-7]{4}(?:-[A-Z2-7]{4}){5}\b")


Answer = requests.Response


class Visitor(Person):
    """`kept` collects every answer that any visitor gets, those that are followed over too."""

    def __init__(self, url: str, email: str, kept: list[Answer]) -> None:
        super().__init__(url, email)
        self.url, self.email = url, email
        self.seed = ""
        self.spent = ""
        self.codes: list[str] = []
        self._browser.hooks["response"].append(lambda answer, **_: kept.append(answer))

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, headers=headers)

    def post(self, path: str, csrf: str | None = None, headers: dict[str, str] | None = None, **fields: Any) -> Answer:
        """A form of ours or a call of the API, with this visitor's own value unless another one is given."""
        own = self.csrf() if csrf is None else csrf
        ours = {"Origin": self.url, "Sec-Fetch-Site": "same-origin", **(headers or {})}
        if path.startswith("/api/"):
            return self.send("POST", path, json=fields, headers={"X-CSRF-Token": own, **ours})
        return self.send("POST", path, data={"csrf": own, **fields}, headers=ours)

    def send(self, method: str, path: str, **given: Any) -> Answer:
        answer: Answer = self._browser.request(method, f"{self.url}{path}", timeout=60, allow_redirects=False, **given)
        return answer

    def protect(self, onward: str = "") -> None:
        """Turn two-factor authentication on; `spent` is the code that it took."""
        page = self.open(f"/security/mfa-required{onward}")
        self.seed = "".join(page.texts["totp-secret"].split())
        self.spent = pyotp.TOTP(self.seed).now()
        self.codes = self.confirm(self.spent, query(onward).get("next", ""))

    def confirm(self, code: str, onward: str = "") -> list[str]:
        """The backup codes that are shown."""
        return _CODE.findall(self.post("/security/totp/confirm", code=code, next=onward).text)

    def renew_codes(self, code: str) -> None:
        self.codes = _CODE.findall(self.post("/security/backup-codes", code=code).text)

    def pass_second_step(self) -> Answer:
        """By a backup code, since a one-time code of this half minute may be used up already."""
        return self.post("/security/totp/verify", code=self.codes.pop(), next="/")

    def csrf(self) -> str:
        """What this visitor's forms carry: read off a page that everybody has."""
        for path in ("/security", "/sign-in"):
            found = _CSRF.search(self.get(path).text)
            if found:
                return found[1]
        raise AssertionError("no page has a form")

    def cookie(self, name: str = "session") -> str:
        return self._browser.cookies.get(name, "") or ""

    def take(self, name: str, value: str) -> None:
        """Put a cookie in place of what the browser had; "" removes it."""
        for known in [one for one in self._browser.cookies if one.name == name]:
            self._browser.cookies.clear(known.domain, known.path, known.name)
        if value:
            self._browser.cookies.set(name, value, domain="localhost.local", path="/")

    def link(self, onward: str = "/") -> str:
        """A sign-in link by mail, as its path."""
        before = {one["id"] for one in self._mail()}
        self.submit(self.open("/sign-in"), "/sign-in", email=self.email, next=onward)
        return self._link(before).removeprefix(self.url)

    def is_in(self) -> bool:
        return self.get("/api/v1/me").status_code == 200


def place(answer: Answer) -> str:
    """Where a redirect leads, its query left off."""
    return answer.headers.get("Location", "").partition("?")[0]


def query(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
