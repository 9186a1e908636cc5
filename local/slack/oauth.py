"""Slack's OAuth as the sandbox plays it: the page that allows the app, and the code that is exchanged for a token.

The person at the page allows by themselves: `sandbox.oauth.deny = True` makes them cancel. As at Slack, a workspace has
one bot token for the app, the same at every installation, until it is revoked; the next installation makes a new one.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from local.slack.methods import Refused
from local.slack.workspace import APP, BOT_USER, TEAM, Json, Workspace

CODE_LIFE = timedelta(minutes=10)


@dataclass(frozen=True)
class Code:
    scopes: tuple[str, ...]
    redirect: str
    expires: datetime


class OAuth:
    def __init__(self, workspace: Workspace) -> None:
        self.client_id = "1234567890.0987654321"
        self.client_secret = "sandbox-slack-secret-of-no-value"
        self.deny = False
        self.rotation = False  # an app whose tokens expire
        self.whole_organisation = False  # an installation by an organisation's administrator
        self._workspace = workspace
        self._codes: dict[str, Code] = {}

    def authorise(self, params: Mapping[str, str], now: datetime) -> tuple[int, str]:
        """Status, and where the browser goes or what the page says; mistakes of the app stay at Slack."""
        redirect, scopes = params.get("redirect_uri", ""), tuple(filter(None, params.get("scope", "").split(",")))
        if params.get("client_id") != self.client_id:
            return 200, "Invalid client_id parameter"
        if not _allowed(redirect):
            return 200, "redirect_uri did not match any configured URIs"
        if not scopes or set(scopes) - set(self._workspace.scopes):
            return 200, "Invalid permissions requested"
        state = {"state": params["state"]} if "state" in params else {}
        if self.deny:
            return 302, _with(redirect, {"error": "access_denied", **state})
        code = f"{secrets.randbelow(10**12)}.{secrets.token_hex(32)}"
        self._codes[code] = Code(scopes, redirect, now + CODE_LIFE)
        return 302, _with(redirect, {"code": code, **state})

    def access(self, params: Json, authorization: str, now: datetime) -> Json:
        """oauth.v2.access. Raises Refused."""
        if self._client(params, authorization) != (self.client_id, self.client_secret):
            known = self._client(params, authorization)[0] == self.client_id
            raise Refused("bad_client_secret" if known else "invalid_client_id")
        code = self._codes.pop(str(params.get("code", "")), None)
        if code is None or now >= code.expires:
            raise Refused("invalid_code")
        if params.get("redirect_uri") != code.redirect:
            raise Refused("bad_redirect_uri")
        if self._workspace.revoked:
            self._workspace.token = f"xoxb-sandbox-{secrets.token_hex(12)}"
            self._workspace.revoked = False
        return {
            "app_id": APP,
            "authed_user": {"id": "U0INSTALLER"},
            "scope": ",".join(code.scopes),
            "token_type": "bot",
            "access_token": self._workspace.token,
            "bot_user_id": BOT_USER,
            "team": None if self.whole_organisation else {"id": TEAM, "name": "Sandbox"},
            "enterprise": {"id": "E0SANDBOX", "name": "Sandbox Group"} if self.whole_organisation else None,
            "is_enterprise_install": self.whole_organisation,
            **({"refresh_token": "xoxe-1-sandbox", "expires_in": 43_200} if self.rotation else {}),
        }

    @staticmethod
    def _client(params: Json, authorization: str) -> tuple[str, str]:
        """By HTTP Basic or in the form."""
        if authorization.startswith("Basic "):
            client_id, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
            return client_id, secret
        return str(params.get("client_id", "")), str(params.get("client_secret", ""))


def _allowed(address: str) -> bool:
    """https, as at Slack; http for this machine too, which only the sandbox takes."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1"))


def _with(address: str, params: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(params)}"
