"""Slack installs: a row in `state` for each workspace, its bot token in Secrets Manager.

pk `WS#<w>` sk `SLACK#<team>` {team_name, bot_user, app_id, secret, scopes, state, broken, installed_by, installed_at}.
As with grants, every install has a secret of its own: a deleted one's name is not free again at once.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.store.table import Conflict, Table

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from ledgercast.slack.install import Installed

InstallState = Literal["connected", "needs_scopes", "broken"]
_NAME = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True)
class Install:
    """`id` is Slack's team id, `secret` the ARN of the bot token's secret. `broken` is why it no longer works."""

    id: str
    team_name: str
    bot_user: str
    app_id: str
    secret: str
    scopes: tuple[str, ...]
    state: InstallState
    broken: str = ""
    installed_by: str = ""
    installed_at: int = 0


class InstallStore:
    """`prefix` is LEDGERCAST_SECRET_PREFIX, `key` the customer key's ARN."""

    def __init__(
        self, table: Table, secrets: SecretsManagerClient, *, key: str, prefix: str, workspace: str = WORKSPACE
    ) -> None:
        self._table = table
        self._secrets = secrets
        self._key = key
        self._prefix = prefix
        self._pk = f"WS#{workspace}"

    def get(self, team: str) -> Install | None:
        item = self._table.get(self._pk, f"SLACK#{team}")
        return _install(item) if item else None

    def list(self) -> list[Install]:
        """By name."""
        found = [_install(item) for item in self._table.query(self._pk, "SLACK#")]
        return sorted(found, key=lambda one: (one.team_name.casefold(), one.id))

    def save(self, installed: Installed, member: str, now: datetime) -> Install:
        """Store an install in place of the one before, whose token is then gone from here."""
        before = self.get(installed.team)
        secret = self._new_secret(installed)
        install = Install(
            id=installed.team,
            team_name=installed.team_name,
            bot_user=installed.bot_user,
            app_id=installed.app_id,
            secret=secret,
            scopes=installed.scopes,
            state="needs_scopes" if installed.missing else "connected",
            installed_by=member,
            installed_at=int(now.timestamp()),
        )
        self._table.put({"pk": self._pk, "sk": f"SLACK#{install.id}", **_item(install)})
        if before:
            self._drop_secret(before.secret)
        return install

    def token(self, install: Install) -> str:
        """The bot's token."""
        text = self._secrets.get_secret_value(SecretId=install.secret)["SecretString"]
        return str(json.loads(text)["bot_token"])

    def broke(self, team: str, reason: str) -> bool:
        """Note that the token no longer works. False when that is known already, or there is no such install."""
        changes = {"state": "broken", "broken": reason}
        try:
            self._table.update(self._pk, f"SLACK#{team}", changes, "attribute_exists(pk) AND #state <> :b", b="broken")
        except Conflict:
            return False
        return True

    def remove(self, install: Install) -> None:
        """Forget it, the token first."""
        self._drop_secret(install.secret)
        self._table.delete(self._pk, f"SLACK#{install.id}")

    def _new_secret(self, installed: Installed) -> str:
        name = f"{self._prefix}/slack/{_NAME.sub('', installed.team)}/{uuid.uuid4().hex}"
        text = json.dumps({"bot_token": installed.bot_token})
        return self._secrets.create_secret(Name=name, KmsKeyId=self._key, SecretString=text)["ARN"]

    def _drop_secret(self, secret: str) -> None:
        """At once: a recovery window would keep the token alive."""
        try:
            self._secrets.delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
        except self._secrets.exceptions.ResourceNotFoundException:
            return


def _item(install: Install) -> dict[str, Any]:
    body = {**vars(install), "scopes": list(install.scopes)}
    del body["id"]
    return body


def _install(item: dict[str, Any]) -> Install:
    return Install(
        id=item["sk"].removeprefix("SLACK#"),
        team_name=item.get("team_name") or "Slack",
        bot_user=item.get("bot_user", ""),
        app_id=item.get("app_id", ""),
        secret=item["secret"],
        scopes=tuple(item.get("scopes", ())),
        state=item.get("state", "connected"),
        broken=item.get("broken", ""),
        installed_by=item.get("installed_by", ""),
        installed_at=item.get("installed_at", 0),
    )
