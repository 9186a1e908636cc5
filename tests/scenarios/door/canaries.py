"""Every secret that passed by, in every form in which it might turn up, and the places in which to look for them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from tests.scenarios.door.conftest import Door
from tests.scenarios.door.visitor import Visitor, query

Kept = dict[str, set[str]]
"""Secrets by their kind."""

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_SEED = re.compile(r'id="totp-secret"[^>]*>([A-Z2-7\s]+)<')
_BACKUP = re.compile(r"\b[A-Z2-7]{4}(?:-[A-Z2-7]{4}){5}\b")
_LINK = re.compile(r"/sign-in/verify\?token=([\w-]{43})")


def secrets_of(door: Door, visitors: list[Visitor], typed: set[str]) -> Kept:
    """`typed`: the one-time codes that somebody typed, right or wrong."""
    found: Kept = {"one-time code": set(typed), "webhook key": set(door.system.settings.xero_webhook_keys)}
    found["signing secret"] = {door.system.settings.slack_signing_secret or ""}

    def add(kind: str, *values: str | None) -> None:
        found.setdefault(kind, set()).update(one for one in values if one)

    for letter in door.runtime.mail():
        add("sign-in link", *_LINK.findall(words_of(letter.raw)))
    for answer in door.kept:
        for cookie in answer.raw.headers.getlist("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            add(f"cookie {name}", value)
        add("csrf", *_CSRF.findall(answer.text))
        add("seed", *("".join(one.split()) for one in _SEED.findall(answer.text)))
        add("backup code", *_BACKUP.findall(answer.text))
        for address in (answer.headers.get("Location", ""), answer.url):
            add("state", query(address).get("state"))
            if "/callback?" in address:
                add("code", query(address).get("code"))
    add("seed", *(one.seed for one in visitors))
    for form in door.told.sent:
        add("verifier", form.get("code_verifier"))
        add("code", form.get("code"))
    for told in door.told.answered:
        for name in ("access_token", "refresh_token", "id_token"):
            add(name, told.get(name))
    add("app secret", door.xero.client_secret, door.slack.oauth.client_secret)
    add("bot token", door.slack.token)
    return {kind: {one for one in values if len(one) > 5} for kind, values in found.items()}


def forms_of(kind: str, secret: str) -> set[str]:
    """As text, escaped for an address, as base 64 (alone and behind a name and a colon), as hex; a seed's bytes too."""
    forms = {secret, quote(secret, safe="")}
    raws = [secret.encode()]
    if kind in ("seed", "backup code"):
        plain = secret.replace("-", "")
        forms.add(plain)
        raws = [plain.encode(), base64.b32decode(plain)]
        forms.add(repr(raws[1])[2:-1])
    for raw in raws:
        forms.add(raw.hex())
        forms |= {base64.b64encode(b"x" * pad + raw).decode()[4 * (pad > 0) : -4] for pad in range(3)}
    return {one for one in forms if len(one) > 5}


class Search:
    """Looks for every form of every secret at once."""

    def __init__(self, kept: Kept) -> None:
        self._forms = {form: kind for kind, values in kept.items() for one in values for form in forms_of(kind, one)}

    def kinds_in(self, text: str, *, codes: bool = True) -> set[str]:
        """The kinds of secrets that stand in a text. `codes=False`: six digits by themselves may be a figure."""
        return {
            kind
            for form, kind in self._forms.items()
            if form in text and (kind != "one-time code" or (codes and re.search(rf"(?<!\w){form}(?!\w)", text)))
        }


def words_of(raw: str) -> str:
    """A mail as its readers see it, every part decoded, its headers too."""
    message = BytesParser(policy=policy.default).parsebytes(raw.encode())
    parts = [f"{name}: {value}" for name, value in message.items()]
    for part in message.walk():
        if not part.is_multipart():
            body = part.get_payload(decode=True)
            parts.append(body.decode("utf-8", "replace") if isinstance(body, bytes) else "")
    return "\n".join(parts)


def logs(door: Door) -> dict[str, str]:
    return {one.name: one.read_text(errors="replace") for one in sorted(door.logs.iterdir())}


def executions(door: Door) -> Iterator[str]:
    """What Step Functions kept: inputs, outputs, and all that happened on the way, causes of failures too."""
    client = door.runtime.client("stepfunctions")
    for machine in door.runtime.stack.machines:
        for one in client.list_executions(stateMachineArn=machine)["executions"]:
            described = client.describe_execution(executionArn=one["executionArn"])
            history = client.get_execution_history(executionArn=one["executionArn"], maxResults=1000)["events"]
            yield json.dumps([described, history], default=str)


def schedules(door: Door) -> str:
    client = door.runtime.client("scheduler")
    names = [(one["GroupName"], one["Name"]) for one in client.list_schedules()["Schedules"]]
    return json.dumps([client.get_schedule(GroupName=group, Name=name) for group, name in names], default=str)


def rows(door: Door, table: str) -> list[dict[str, Any]]:
    return [{name: next(iter(value.values())) for name, value in row.items()} for row in door.rows(table)]


def objects(door: Door) -> Iterator[tuple[str, bytes]]:
    client, bucket = door.runtime.client("s3"), door.runtime.outputs["Bucket"]
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for one in page.get("Contents", []):
            yield one["Key"], client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()


def processes(door: Door) -> str:
    """What the workers were started with: their environment and their command line."""
    found = []
    for pid in door.runtime.workers.processes():
        found += [Path(f"/proc/{pid}/{name}").read_bytes().decode(errors="replace") for name in ("environ", "cmdline")]
    return "\n".join(found)


def answers(door: Door) -> Iterator[requests.Response]:
    """Ours alone: the helpers of this machine show mails, and the providers' redirects are theirs."""
    for answer in door.kept:
        if answer.url.startswith(f"{door.runtime.url}/") and not urlsplit(answer.url).path.startswith("/_local/"):
            yield answer
