"""A person at the front door, by HTTP alone: a browser's cookies, the forms of the pages, and an authenticator.

Pages are read by the names that the contracts fix; nothing here knows how the site keeps anything.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import policy
from email.parser import Parser
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

import pyotp
import requests

_PATIENCE: Final = 30.0
_SIGN_IN: Final = re.compile(r"https?://\S+/sign-in/verify\?token=[A-Za-z0-9_-]+")


class TurnedAway(Exception):
    """The front door did not let the person in; the message says where and why."""


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """A page as a person uses it: its forms, links and texts by id, what it alerts, and its connections."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__()
        self.address, self.status = answer.url, answer.status_code
        self.forms: list[Form] = []
        self.texts: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.addresses: list[str] = []
        self.connections: dict[str, str] = {}
        self.alert = ""
        self._within: list[tuple[str, str]] = []
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif tag in ("input", "select") and self.forms and given.get("name"):
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        if tag == "a":
            self.addresses.append(given.get("href", ""))
            self.links[given.get("id", "")] = given.get("href", "")
        if "data-connection" in given:
            self.connections[given["data-connection"]] = given.get("data-state", "")
        mark = "role:alert" if given.get("role") == "alert" else given.get("id", "")
        if mark and tag not in ("input", "img", "br", "meta", "link"):
            self._within.append((tag, mark))

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1][0] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        for _, mark in self._within:
            if mark == "role:alert":
                self.alert += data
            else:
                self.texts[mark] = self.texts.get(mark, "") + data

    def form(self, action: str) -> Form:
        """The form that leads there by POST. Raises TurnedAway."""
        found = next((one for one in self.forms if (one.method, one.action) == ("post", action)), None)
        if found is None:
            raise TurnedAway(f"{urlsplit(self.address).path} ({self.status}) has no form to {action}{self._why()}")
        return found

    def _why(self) -> str:
        words = " ".join(self.alert.split())
        return f": {words}" if words else ""


class Person:
    """`url` is the site's origin. `elsewhere` has somebody open an address of Xero's in a browser of their own, and
    tells where that browser was sent in the end; None: redirects are followed, as our own sandbox gives them."""

    def __init__(self, url: str, email: str, elsewhere: Callable[[str], str] | None = None) -> None:
        self._url, self._email, self._elsewhere = url, email, elsewhere
        self._browser = requests.Session()
        self._browser.trust_env = False
        self._backup_codes: list[str] = []
        self._csrf = ""

    def sign_in(self) -> None:
        """In a browser as new, by the link in the mail, opened and pressed. Raises TurnedAway.

        The second step, once it is set up, is passed by a backup code: the authenticator may still show a used one.
        """
        self._browser.cookies.clear()
        self._csrf = ""
        before = {one["id"] for one in self._mail()}
        self.submit(self.open("/sign-in"), "/sign-in", email=self._email)
        page = self.submit(self.open(self._link(before)), "/sign-in/verify")
        if self._backup_codes:
            self.submit(page, "/security/totp/verify", code=self._backup_codes.pop())

    def connect_xero(self) -> str:
        """Consent once: the id of the organisation that is connected by it. The second factor is set up on the way
        where it is missing. Raises TurnedAway when nothing, or more than one thing, was connected."""
        before = self.connections()
        page = self.consent()
        usable = ("connected", "needs_scopes")  # a missing scope disables its own metrics alone
        found = [one for one, state in self.connections().items() if state in usable and before.get(one) not in usable]
        if len(found) != 1:
            raise TurnedAway(f"{len(found)} organisations were connected; Xero led to {urlsplit(page.address).path}")
        return found[0]

    def consent(self) -> Page:
        """Go to Xero and back: the page that this ends on."""
        page = self._to_xero("/oauth/xero/start")
        return self._to_xero(self._set_up_totp(page)) if "totp-secret" in page.texts else page

    def connections(self) -> dict[str, str]:
        """Each connection's state, as /sources shows it."""
        return self.open("/sources").connections

    def connect_slack(self, channel: str) -> str:
        """Install the app, and allow one channel where the workspace's own are not open: the workspace's id."""
        page = self.open("/oauth/slack/start")
        picker = next((one for one in page.addresses if re.fullmatch(r"/settings/slack/[^/]+/channels", one)), None)
        if picker is None:
            raise TurnedAway(f"no Slack workspace is shown on {urlsplit(page.address).path} ({page.status})")
        found = self.open(f"{picker}?q={quote(channel)}")
        if any((one.method, one.action) == ("post", picker) for one in found.forms):
            self.submit(found, picker, channel=channel)
        return picker.split("/")[3]

    def allow_mail_to(self, *domains: str) -> None:
        for domain in domains:
            self.submit(self.open("/settings"), "/settings/mail-domains", domain=domain)

    def open(self, address: str) -> Page:
        """Redirects are followed, to providers and back too."""
        return Page(self._browser.get(urljoin(f"{self._url}/", address), timeout=60))

    def submit(self, page: Page, action: str, **typed: str) -> Page:
        """The page that follows a form. Raises TurnedAway when the form is missing or refused."""
        given = {**page.form(action).fields, **typed}
        headers = {"Origin": self._url, "Sec-Fetch-Site": "same-origin"}
        answer = self._browser.post(urljoin(f"{self._url}/", action), data=given, headers=headers, timeout=60)
        after = Page(answer)
        if after.status >= 400:
            words = " ".join(after.alert.split()) or "without a word"
            raise TurnedAway(f"{action} answered {after.status}: {words}")
        return after

    def ask(self, method: str, address: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the API answers to the person's own session. Raises TurnedAway when it refuses."""
        if not self._csrf:
            self._csrf = next(form.fields["csrf"] for form in self.open("/security").forms if "csrf" in form.fields)
        headers = {"Origin": self._url, "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": self._csrf}
        answer = self._browser.request(
            method, urljoin(f"{self._url}/", address), json=body, headers=headers, timeout=60
        )
        if answer.status_code >= 400:
            raise TurnedAway(f"{method} {address} answered {answer.status_code}: {answer.text[:500]}")
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    def _set_up_totp(self, page: Page) -> str:
        """Where the page of the backup codes leads on to."""
        authenticator = pyotp.TOTP("".join(page.texts["totp-secret"].split()))
        shown = self.submit(page, "/security/totp/confirm", code=authenticator.now())
        if not shown.links.get("continue"):
            raise TurnedAway("the page of the backup codes leads nowhere")
        self._backup_codes = shown.texts.get("backup-codes", "").split()
        return shown.links["continue"]

    def _to_xero(self, address: str) -> Page:
        """Follow redirects one by one, since one of them may be somebody else's to open."""
        address = urljoin(f"{self._url}/", address)
        while True:
            answer = self._browser.get(address, timeout=60, allow_redirects=False)
            if not answer.is_redirect:
                return Page(answer)
            address = urljoin(address, answer.headers["Location"])
            if self._elsewhere and not address.startswith(f"{self._url}/"):
                address = urljoin(f"{self._url}/", self._elsewhere(address))

    def _link(self, before: set[str]) -> str:
        """The sign-in link of the mail that came since. Raises TurnedAway when none comes."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            for one in self._mail():
                found = _SIGN_IN.search(_text(one["raw"])) if one["id"] not in before else None
                if found:
                    return found[0]
            time.sleep(0.05)
        raise TurnedAway(f"no sign-in mail came to {self._email}")

    def _mail(self) -> list[dict[str, str]]:
        found = self._browser.get(f"{self._url}/_local/mail", params={"to": self._email}, timeout=10).json()
        return list(found)


def _text(raw: str) -> str:
    plain = Parser(policy=policy.default).parsestr(raw).get_body(("plain",))
    return str(plain.get_content()) if plain else ""
