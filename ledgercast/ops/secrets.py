"""`admin secrets`: filling the deployed app secret, and telling what it holds without showing it."""

from __future__ import annotations

import json
import stat
import warnings
from collections.abc import Callable
from getpass import GetPassWarning
from pathlib import Path

from ledgercast.clock import Clock
from ledgercast.domain.errors import SettingsError
from ledgercast.ops.credentials import FIELDS, Values, agreeing, from_answers, from_file, unusual
from ledgercast.ops.deployment import ACTOR, ORIGIN, Deployment
from ledgercast.ops.terminal import Stop, remark, say
from ledgercast.store.audit import Audit
from ledgercast.store.secrets import Secrets
from ledgercast.store.table import Table

Ask = Callable[[str], str]


class AppSecret:
    def __init__(self, deployment: Deployment, now: Clock) -> None:
        self._client = deployment.client("secretsmanager")
        self._id = deployment.output("AppSecretArn")
        self._audit = Audit(Table(deployment.client("dynamodb"), deployment.output("LedgerTable"), now), now)

    def show(self) -> None:
        """Print which fields are set."""
        held = self._held()
        for name in FIELDS:
            say(f"{name}: {_told(held.get(name))}")

    def missing(self) -> list[str]:
        held = self._held()
        return [name for name in FIELDS if not held.get(name)]

    def set(self, file: Path | None, ask: Ask) -> None:
        """Write a new version of the secret with what is given; what is not given stays."""
        held = self._held()  # before anybody types in vain
        given = from_file(file) if file else from_answers(_prompted(ask))
        changed = {name: value for name, value in given.items() if held.get(name) != value}
        merged = {**held, **changed}
        agreeing({name: merged[name] for name in FIELDS if merged.get(name)})
        for name in unusual(changed):
            remark(f"{name} does not look as usual ({FIELDS[name].words}); check that it was copied whole.")
        if changed:
            self._client.put_secret_value(SecretId=self._id, SecretString=json.dumps(merged))
        for name in changed:
            self._audit.note("secrets.set", ACTOR, ORIGIN, name)
        say(f"Changed: {', '.join(changed) or 'nothing'}")
        lacking = [name for name in FIELDS if not merged.get(name)]
        if lacking:
            remark(f"Not set yet: {', '.join(lacking)}")
        if file:
            _advise(file)

    def _held(self) -> Values:
        try:
            return Secrets(self._client).get_json(self._id)
        except SettingsError:
            remark("What the secret holds is no JSON object, so that nothing can read it; it will be written anew.")
            return {}


def _prompted(ask: Ask) -> dict[str, str]:
    """One hidden answer for each field. Raises Stop where a terminal could not hide it."""
    remark("Nothing that you type is shown. Enter alone keeps what is there.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)
            return {name: ask(f"{field.words}: ") for name, field in FIELDS.items()}
    except (GetPassWarning, EOFError):
        raise Stop("There is no terminal to ask on without showing the answer; use --file", 2) from None


def _advise(file: Path) -> None:
    readable = " Others on this machine can read it." if file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH) else ""
    remark(f"{file} still holds the credentials: delete it.{readable}")


def _told(value: object) -> str:
    if isinstance(value, list):
        return f"set ({len(value)})" if value else "not set"
    return "set" if value else "not set"
