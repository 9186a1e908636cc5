"""What the edge itself works with: sessions, members, audit, throttles, and the few settings it needs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from ledgercast import clock
from ledgercast.domain.errors import SettingsError
from ledgercast.settings import Addresses, address, required
from ledgercast.store import connect
from ledgercast.store.audit import Audit
from ledgercast.store.members import MemberStore
from ledgercast.store.sessions import SessionStore
from ledgercast.store.table import Table
from ledgercast.store.throttles import Throttles
from ledgercast.web.sessions import Limits, Sessions


@dataclass(frozen=True)
class WebSettings:
    """`public_url`: this site's own origin (`LEDGERCAST_PUBLIC_URL`), from which links and the redirect addresses of
    providers are built. `local`: on the local runtime, over http. `onward`: the sources, in the words of a Content
    Security Policy, that a form may end up at when its `next` begins with that path."""

    public_url: str
    local: bool = False
    limits: Limits = field(default_factory=Limits)
    onward: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, env: Mapping[str, str] = os.environ) -> WebSettings:
        """Raises SettingsError, naming the variable."""
        addresses = Addresses.read(env)
        required("LEDGERCAST_PUBLIC_URL", env)
        return cls(
            public_url=address(env, "LEDGERCAST_PUBLIC_URL", ""),
            local=env.get("LEDGERCAST_LOCAL") == "1",
            limits=Limits(
                idle=timedelta(minutes=_minutes(env, "LEDGERCAST_SESSION_IDLE_MINUTES", 120)),
                absolute=timedelta(minutes=_minutes(env, "LEDGERCAST_SESSION_MINUTES", 720)),
            ),
            onward=(
                ("/oauth/xero/", _with_hosts(addresses.xero_login)),
                ("/oauth/slack/", _with_hosts(addresses.slack_api)),
            ),
        )

    @property
    def host(self) -> str:
        return urlsplit(self.public_url).netloc


@dataclass(frozen=True)
class Edge:
    sessions: Sessions
    members: MemberStore
    audit: Audit
    throttles: Throttles
    settings: WebSettings
    now: clock.Clock


def edge(state: Table, ledger: Table, settings: WebSettings, now: clock.Clock = clock.now) -> Edge:
    """The edge over two tables."""
    return Edge(
        sessions=Sessions(SessionStore(state), now, settings.limits),
        members=MemberStore(state),
        audit=Audit(ledger, now),
        throttles=Throttles(state, now),
        settings=settings,
        now=now,
    )


def from_environment() -> Edge:
    """The edge of this very function. Raises SettingsError where the deployment lacks a setting."""
    return edge(connect.state_table(), connect.ledger_table(), WebSettings.read())


def _with_hosts(origin: str) -> str:
    """The provider's own hosts too: what browsers check is every redirect on the way, and both sign in on another."""
    for domain in ("xero.com", "slack.com"):
        if urlsplit(origin).hostname in (domain, f"login.{domain}"):
            return f"{origin} https://*.{domain}"
    return origin


def _minutes(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 43_200):
        raise SettingsError(f"{name} must be a number of minutes from 1 to 43200; it is {text!r}")
    return int(text)
