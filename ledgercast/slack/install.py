"""Installing the app into a Slack workspace by OAuth, and taking it out again (design 6).

The bot scopes are a frozen list, from which the app manifest is generated too; more are added only with the feature
that needs them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from ledgercast.domain.sending import NotSent
from ledgercast.slack.api import Slack
from ledgercast.slack.client import slack_client
from ledgercast.slack.errors import DEAD_TOKEN

SCOPES: Final = (
    "chat:write",
    "files:write",
    "files:read",
    "channels:read",
    "channels:join",
    "channels:history",
    "groups:read",
    "groups:history",
)

_AUTHORISE = "/oauth/v2/authorize"
_TOKEN = re.compile(r"xoxb-[!-~]{1,500}")  # fit for a header: a client that refuses one tells it in its exception
_ID = re.compile(r"[A-Za-z0-9]{1,40}")
_LONGEST_NAME = 500  # characters


class UnusableInstall(Exception):
    """Slack installed the app in a way that this release cannot work with.

    `reason`: token_rotation (its tokens expire), whole_organisation (it names no workspace), no_bot.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Installed:
    """One workspace (`team`) with our app in it. The bot's token stays out of its repr."""

    team: str
    team_name: str
    app_id: str
    bot_user: str
    scopes: tuple[str, ...]
    bot_token: str = field(repr=False)

    @property
    def missing(self) -> tuple[str, ...]:
        """The scopes of ours that were not granted."""
        return tuple(scope for scope in SCOPES if scope not in self.scopes)


class SlackApp:
    """One Slack app. `api` is Slack's scheme, host and port."""

    def __init__(self, api: str, client_id: str, client_secret: str) -> None:
        self.api = api
        self._client_id = client_id
        self._secret = client_secret

    def authorise_url(self, *, redirect: str, state: str) -> str:
        """Where the browser goes to allow the app."""
        query = {"client_id": self._client_id, "scope": ",".join(SCOPES), "redirect_uri": redirect, "state": state}
        return f"{self.api}{_AUTHORISE}?{urlencode(query)}"

    def exchange(self, code: str, *, redirect: str) -> Installed:
        """The install that a code stands for.

        Raises NotSent (Slack refused; its reason is `slack.` and Slack's word), Limited, Unclear, UnusableInstall.
        """
        client = slack_client("", self.api)
        given = {"client_id": self._client_id, "client_secret": self._secret, "code": code, "redirect_uri": redirect}
        return _installed(Slack(client).ask(client.oauth_v2_access, **given))

    def revoke(self, bot_token: str) -> None:
        """End the token, and with the last one the installation. One that is dead already is as good.

        Raises NotSent, Limited, Unclear.
        """
        client = slack_client(bot_token, self.api)
        try:
            Slack(client).ask(client.auth_revoke)
        except NotSent as refused:
            if refused.reason not in DEAD_TOKEN:
                raise


class Installs(Protocol):
    """What is used of ledgercast.store.installs.InstallStore."""

    def broke(self, team: str, reason: str) -> bool: ...


def slack_install_broken(installs: Installs, team: str, reason: str) -> bool:
    """Note a refusal that says the install's token is dead; whether that is news, which the owner must be told."""
    return reason in DEAD_TOKEN and installs.broke(team, reason)


def _installed(body: dict[str, Any]) -> Installed:
    team, token = body.get("team"), body.get("access_token")
    if body.get("refresh_token") or body.get("expires_in"):
        raise UnusableInstall("token_rotation")
    if body.get("is_enterprise_install") or not isinstance(team, dict):
        raise UnusableInstall("whole_organisation")
    if not (_TOKEN.fullmatch(str(token)) and _ID.fullmatch(str(team.get("id")))):
        raise UnusableInstall("no_bot")
    return Installed(
        team=str(team["id"]),
        team_name=str(team.get("name") or "Unnamed workspace").encode(errors="replace").decode()[:_LONGEST_NAME],
        app_id=str(body.get("app_id", "")),
        bot_user=str(body.get("bot_user_id", "")),
        scopes=tuple(str(body.get("scope", "")).split(",")),
        bot_token=str(token),
    )
