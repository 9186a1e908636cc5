"""A person at a browser of their own. Pages are read by the names that contracts.md 2 fixes, and by what they say."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Literal

import pyotp
from playwright.sync_api import Locator, Page, Response, expect

_STEP = 30
_SURE = 3
"""Seconds that must be left of a code's half minute, for it to be good until it has arrived."""


@dataclass
class Authenticator:
    """The app on the person's phone. Our side takes each code once, and the one before too: so two are at hand at any
    time, and nobody waits for the next."""

    secret: str
    used: list[int] = field(default_factory=list)

    def code(self) -> str:
        """The oldest code that is still taken and was not used yet."""
        while True:
            now = time.time()
            step = int(now // _STEP)
            if now % _STEP <= _STEP - _SURE:
                last = max(self.used, default=0)
                wanted = next((one for one in (step - 1, step) if one > last), None)
                if wanted is not None:
                    self.used.append(wanted)
                    return pyotp.TOTP(self.secret).at(wanted * _STEP)
            time.sleep(0.2)


@dataclass
class Visitor:
    """`page` is the browser's one window; `site` our origin."""

    page: Page
    site: str
    email: str
    phone: Authenticator | None = None
    backup_codes: list[str] = field(default_factory=list)
    status: int = 0
    """How the page that is shown was answered."""

    def __post_init__(self) -> None:
        self.page.on("response", self._answered)

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request() and response.frame == self.page.main_frame:
            self.status = response.status

    def open(self, path: str) -> None:
        self.page.goto(f"{self.site}{path}")

    def path(self) -> str:
        """Where the window is now; another site's address as it is."""
        return self.page.url.removeprefix(self.site)

    def press(self, name: str) -> None:
        """The button of that name; with "About: it" where a name goes on for those who only hear it."""
        self.click(self._named("button", name))

    def follow(self, name: str) -> None:
        self.click(self._named("link", name))

    def click(self, there: Locator) -> None:
        """What it leads to is wholly there afterwards: a click alone waits for the answer, not for all of its page."""
        there.click()
        self.page.wait_for_load_state()

    def go_on(self) -> None:
        """From the page of the backup codes."""
        self.click(self.page.locator("#continue"))

    def unfold(self) -> None:
        """Open whatever is folded."""
        for one in self.page.locator("summary").all():
            one.click()

    def _named(self, role: Literal["button", "link"], name: str) -> Locator:
        return self.page.get_by_role(role, name=re.compile(rf"^{re.escape(name).replace(':', ' ?:')}$"))

    def ask_for_link(self) -> None:
        self.open("/sign-in")
        self.page.locator("[name=email]").fill(self.email)
        self.press("Send me a link")

    def open_link(self) -> None:
        """The newest mail in the viewer, and the link in it."""
        self.open("/_local/inbox")
        letter = self.page.locator("article", has_text=f"To {self.email}").first
        self.click(letter.get_by_role("link", name=re.compile("sign-in.verify")))

    def sign_in_by_mail(self) -> None:
        self.ask_for_link()
        self.open_link()
        self.press("Sign in to Ledgercast")

    def sign_out(self) -> None:
        self.press("Sign out")
        expect(self.page).to_have_url(f"{self.site}/sign-in")

    def set_up_totp(self) -> None:
        """On the MFA-required page: up to the page of the backup codes."""
        secret = self.page.locator("#totp-secret").inner_text()
        self.phone = Authenticator("".join(secret.split()))
        self.type_code(self.phone.code())
        self.press("Confirm")
        self.read_backup_codes()

    def read_backup_codes(self) -> list[str]:
        """The ten that are shown now."""
        shown = self.page.locator("#backup-codes li")
        expect(shown).to_have_count(10)
        self.backup_codes = shown.all_inner_texts()
        return self.backup_codes

    def type_code(self, code: str) -> None:
        self.page.locator("[name=code]").fill(code)

    def give_code(self, code: str = "") -> None:
        """At the second step of signing in: a code of the phone where none is given."""
        assert code or self.phone
        self.type_code(code or (self.phone.code() if self.phone else ""))
        self.press("Continue")

    def open_source(self, organisation: str) -> None:
        self.open("/sources")
        self.follow(organisation)

    def state_of(self, organisation: str) -> str:
        """The connection's state as /sources shows it; "" where there is none."""
        self.open("/sources")
        card = self.page.locator("[data-connection]", has=self.page.get_by_role("heading", name=organisation))
        return (card.get_attribute("data-state") or "") if card.count() else ""

    def refusal(self) -> tuple[bool, str]:
        """Whether the form was answered 4xx, and what is alerted."""
        return 400 <= self.status < 500, self.page.get_by_role("alert").inner_text()
