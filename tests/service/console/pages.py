"""The console's pages over connections, settings, Slack and previews as a test wants them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

from ledgercast.domain.accounts import Member, Role
from ledgercast.domain.connections import Connection, ConnectionState
from ledgercast.domain.facts import Facts
from ledgercast.slack.channels import Channel
from ledgercast.slack.finding import Channel as Seen
from ledgercast.slack.finding import SlackRefused
from ledgercast.store.artefacts import Artefacts
from ledgercast.store.invoke import FunctionFailed, StillWorking
from ledgercast.xero.scopes import GRANULAR
from tests.service.console.world import Console
from tests.service.web.browser import Browser
from tests.unit.deliver.samples import REVENUE_FACTS

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "{{ 7 * 7 }} {% raw %}",
    "javascript:alert(1)",
    "</title></style></textarea><svg onload=alert(1)>",
    "Evil \u202e moc.live \u2066 Ltd \x00\x1b[31m",
    "A" * 300,
    "& &amp; &lt;b&gt;",
)
"""Names that would do harm, or break a page, wherever they are not escaped."""

TEAM = "T0SANDBOX"


@dataclass
class FakeFetch:
    """The function `fetch`: answers with what `answers` says next, the last of them for good."""

    answers: list[Any] = field(default_factory=lambda: [StillWorking()])
    asked: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, event: dict[str, Any]) -> Any:
        self.asked.append(event)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, StillWorking | FunctionFailed):
            raise answer
        return answer


@dataclass
class FakeRender:
    """The function `render`: puts `drawn` where a preview's chart goes; without one, there was no activity."""

    artefacts: Artefacts
    drawn: bytes = b""
    refusal: Exception | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, event: dict[str, Any]) -> Any:
        self.asked.append(event)
        if self.refusal:
            raise self.refusal
        key = f"{event['facts'].removesuffix('.json')}-{event['theme']}.png"
        if self.drawn:
            self.artefacts.put(key, self.drawn, "image/png")
        return {"chart": key if self.drawn else None, "details": "-"}


@dataclass
class FakeSlack:
    """A Slack workspace with channels, two to a page; `refusal` is what it says instead."""

    channels: list[Channel] = field(default_factory=list)
    refusal: str = ""

    def search(self, words: str, cursor: str) -> tuple[Sequence[Seen], str]:
        self._check()
        found = [one for one in self.channels if words.lstrip("#") in one.name or one.id == words]
        start = int(cursor or 0)
        return found[start : start + 2], str(start + 2) if start + 2 < len(found) else ""

    def look_up(self, channel: str) -> Seen | None:
        self._check()
        return next((one for one in self.channels if one.id == channel), None)

    def _check(self) -> None:
        if self.refusal:
            raise SlackRefused(self.refusal)


@dataclass
class Pages:
    desk: Console
    fetch: FakeFetch
    slack: FakeSlack
    render: FakeRender

    def person(self, role: Role = "owner", email: str = "") -> Browser:
        """Somebody of the workspace, signed in."""
        browser = self.desk.browser()
        self.desk.web.sign_in(browser, self.member(role, email), mfa=True)
        return browser

    def member(self, role: Role = "owner", email: str = "") -> Member:
        address = email or f"{role}@example.com"
        return self.desk.web.edge.members.by_email(address) or self.desk.web.member(address, role)

    def connect(
        self,
        connection: str = "x-1",
        name: str = "Demo Bakery Ltd",
        state: ConnectionState = "connected",
        scopes: Sequence[str] = GRANULAR,
        **more: Any,
    ) -> Connection:
        made = Connection(
            connection, f"tenant-{connection}", name, "g-1", state, tuple(scopes), f"c-{connection}", **more
        )
        self.desk.deps.connections.save(made)
        return made

    def install(self, team_name: str = "Demo Bakery", team: str = TEAM, state: str = "connected") -> None:
        row = {"team_name": team_name, "bot_user": "U1", "app_id": "A1", "secret": "none", "scopes": [], "state": state}
        self.desk.web.state.put({"pk": "WS#main", "sk": f"SLACK#{team}", **row})

    def ready(self, made: Facts | None = None) -> None:
        """From now on, previews have these facts."""
        key = "previews/main/x-1/revenue.json"
        self.desk.deps.artefacts.put_json(key, (made or REVENUE_FACTS).to_json())
        self.fetch.answers = [{"outcome": "ready", "facts": key, "empty": False}]


def furnish(desk: Console) -> Pages:
    """The desk with a fetch, a render and a Slack that the test scripts."""
    pages = Pages(desk, FakeFetch(), FakeSlack(), FakeRender(desk.deps.artefacts))
    played: dict[str, Any] = {"fetch": pages.fetch, "render": pages.render, "channels": lambda _install: pages.slack}
    desk.deps = replace(desk.deps, **played)
    return pages


class _Tags(HTMLParser):
    """Every element of a page as a browser would read it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_inert(body: str) -> None:
    """Nothing in the page acts, loads or leads anywhere but where our own templates do; no text turns its direction."""
    reader = _Tags()
    reader.feed(body)
    for tag, attributes in reader.found:
        assert tag not in ("script", "svg", "iframe", "object", "embed", "base", "style"), tag
        for name, value in attributes.items():
            assert not name.startswith("on") and name not in ("style", "srcdoc", "autofocus"), (tag, name)
            if name in ("href", "src", "srcset", "action"):
                assert re.match(
                    r"/(?!/)|#|https://go\.xero\.com/|https://developer\.xero\.com/app/manage$", value or ""
                ), (tag, value)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x1b]", body)
    assert ">49<" not in body and "49 %" not in body, "a template was rendered twice"
