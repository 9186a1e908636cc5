"""The settings of contracts.md 4, read once by each command. Every one has a default that needs no account anywhere."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from ledgercast.clock import Clock
from ledgercast.domain.errors import SettingsError
from ledgercast.settings import SLACK_API, XERO_API, XERO_IDENTITY, XERO_LOGIN, Addresses, address

_XERO_ADDRESSES = ("LEDGERCAST_XERO_LOGIN_URL", "LEDGERCAST_XERO_IDENTITY_URL", "LEDGERCAST_XERO_API_URL")


@dataclass(frozen=True)
class XeroApp:
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class LocalSettings:
    """None stands for "our own sandbox's"."""

    xero_login: str | None
    xero_identity: str | None
    xero_api: str | None
    xero_app: XeroApp | None
    xero_webhook_keys: tuple[str, ...]
    slack_api: str | None
    slack_client_id: str | None
    slack_client_secret: str | None
    slack_signing_secret: str | None
    slack_bot_token: str | None
    slack_channel: str | None
    owner_email: str
    port: int
    starts_at: datetime | None
    out: Path

    @classmethod
    def read(cls, env: Mapping[str, str] = os.environ) -> LocalSettings:
        """Raises SettingsError with the variable's name and what it must look like."""
        keys = (_text(env, "LEDGERCAST_XERO_WEBHOOK_KEY") or "").split(",")
        login, identity, api = (_address(env, name) for name in _XERO_ADDRESSES)
        return cls(
            xero_login=login,
            xero_identity=identity,
            xero_api=api,
            xero_app=_xero_app(env),
            xero_webhook_keys=tuple(key.strip() for key in keys if key.strip()),
            slack_api=_address(env, "LEDGERCAST_SLACK_API_URL"),
            slack_client_id=_text(env, "LEDGERCAST_SLACK_CLIENT_ID"),
            slack_client_secret=_text(env, "LEDGERCAST_SLACK_CLIENT_SECRET"),
            slack_signing_secret=_text(env, "LEDGERCAST_SLACK_SIGNING_SECRET"),
            slack_bot_token=_text(env, "LEDGERCAST_SLACK_BOT_TOKEN"),
            slack_channel=_text(env, "LEDGERCAST_SLACK_CHANNEL"),
            owner_email=_email(env, "LEDGERCAST_OWNER_EMAIL", "owner@example.com"),
            port=_port(env, "LEDGERCAST_PORT", 8080),
            starts_at=_instant(env, "LEDGERCAST_NOW"),
            out=Path(_text(env, "LEDGERCAST_OUT") or "out/demo"),
        )

    @property
    def needs_xero_sandbox(self) -> bool:
        """A real app's id and secret mean the real Xero; otherwise every address left alone is our sandbox's."""
        return self.xero_app is None and None in (self.xero_login, self.xero_identity, self.xero_api)

    @property
    def consents_by_itself(self) -> bool:
        """Our own sandbox asks nobody: its authorise address can be followed by the program."""
        return self.needs_xero_sandbox and self.xero_login is None

    def addresses(self, *, xero_sandbox: str = "", slack_sandbox: str = "") -> Addresses:
        """The outbound addresses, with those of the running sandboxes where a setting was left alone."""
        return Addresses(
            xero_login=self.xero_login or xero_sandbox or XERO_LOGIN,
            xero_identity=self.xero_identity or xero_sandbox or XERO_IDENTITY,
            xero_api=self.xero_api or xero_sandbox or XERO_API,
            slack_api=self.slack_api or slack_sandbox or SLACK_API,
        )

    def clock(self) -> Clock:
        """Our clock: it starts at LEDGERCAST_NOW, if that is set, and runs on from there."""
        starts_at, zero = self.starts_at, time.monotonic()
        if starts_at is None:
            return lambda: datetime.now(UTC)
        return lambda: starts_at + timedelta(seconds=time.monotonic() - zero)


def _text(env: Mapping[str, str], name: str) -> str | None:
    return env.get(name, "").strip() or None


def _address(env: Mapping[str, str], name: str) -> str | None:
    if _text(env, name) is None:
        return None
    try:
        _ = urlsplit(env[name]).port
    except ValueError:
        raise SettingsError(f"{name} must be scheme://host[:port]; the port in {env[name]!r} is no number") from None
    return address({**env, "LEDGERCAST_LOCAL": "1"}, name, "")


def _xero_app(env: Mapping[str, str]) -> XeroApp | None:
    client_id, secret = _text(env, "LEDGERCAST_XERO_CLIENT_ID"), _text(env, "LEDGERCAST_XERO_CLIENT_SECRET")
    if client_id and secret:
        return XeroApp(client_id, secret)
    if client_id or secret:
        raise SettingsError("Set both LEDGERCAST_XERO_CLIENT_ID and LEDGERCAST_XERO_CLIENT_SECRET, or neither")
    return None


def _email(env: Mapping[str, str], name: str, default: str) -> str:
    value = _text(env, name) or default
    local, _, domain = value.partition("@")
    if not local or not domain or any(one.isspace() for one in value):
        raise SettingsError(f"{name} must be one email address; it is {value!r}")
    return value


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    value = _text(env, name) or str(default)
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise SettingsError(f"{name} must be a port number from 1 to 65535; it is {value!r}")
    return int(value)


def _instant(env: Mapping[str, str], name: str) -> datetime | None:
    value = _text(env, name)
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise SettingsError(f"{name} must be an instant with its zone, such as 2026-11-25T09:00:00Z; it is {value!r}")
    return instant.astimezone(UTC)
