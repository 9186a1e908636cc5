"""The console over tables and mail in memory, with a clock that the test moves and without the rest of `evenly`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from functions.console.compose import Dependencies, dependencies
from functions.console.handler import build
from ledgercast.mail import Post
from ledgercast.store import connect
from ledgercast.store.links import LinkStore
from ledgercast.store.state import StateStore
from tests.service.conftest import REGION
from tests.service.web.browser import Answer, Browser
from tests.service.web.sites import deploy
from tests.service.web.world import World

SENDER = "ledgercast@example.com"
OWNER = "owner@example.com"


@dataclass
class Console:
    """`spent`: how often the work that must take even time was done."""

    web: World
    deps: Dependencies
    spent: list[str]

    def __post_init__(self) -> None:
        self.app = build(lambda: self.deps)

    def browser(self, **more: Any) -> Browser:
        return Browser(self.app.handle, **more)

    def letters(self) -> list[EmailMessage]:
        """Every mail that SES took, oldest first."""
        raw = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
        return [message_from_bytes(one.raw_data.encode(), policy=default) for one in raw]

    def tokens(self) -> list[str]:
        """The tokens of the links that were mailed, oldest first."""
        return [found[1] for letter in self.letters() if (found := _TOKEN.search(text_of(letter)))]

    def ask(self, browser: Browser, email: str = OWNER, **more: str) -> Answer:
        browser.get("/sign-in")
        return browser.post("/sign-in", email=email, **more)

    def sign_in(self, browser: Browser, email: str = OWNER) -> Answer:
        """The whole way through the mail; the answer of the pressed button."""
        self.ask(browser, email)
        browser.get(f"/sign-in/verify?token={self.tokens()[-1]}")
        return browser.post("/sign-in/verify", token=self.tokens()[-1])


def console(web: World, monkeypatch: pytest.MonkeyPatch) -> Console:
    """The console as its environment composes it, with the test's clock in everything that tells the time."""
    deploy(monkeypatch)
    spent: list[str] = []

    def evenly(work: Callable[[], None]) -> None:
        spent.append("evenly")
        work()

    composed = replace(
        dependencies(),
        edge=web.edge,
        state=StateStore(web.state),
        links=LinkStore(web.state),
        post=Post(connect.client("sesv2", sending=True), SENDER, web.clock),
        evenly=evenly,
    )
    return Console(web, composed, spent)


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


_TOKEN = re.compile(r"/sign-in/verify\?token=([A-Za-z0-9_-]+)")
