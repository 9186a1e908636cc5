"""The credentials of the Xero and Slack apps: their names, their shapes, and what is said when one is wrong.

No value, and nothing that could be one in the wrong place, ever stands in a message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledgercast.ops.terminal import Stop

Values = dict[str, Any]

MOST_BYTES = 65_536
KEYS = "xero_webhook_keys"

_TEXT = re.compile(r"[!#-&(-;=?-_a-~]{4,256}")  # printable ASCII without spaces, quotes and angle brackets


@dataclass(frozen=True)
class Field:
    """`words`: what the provider's page calls it. `usual`: the form it has had so far; another one is only remarked."""

    words: str
    usual: re.Pattern[str]


FIELDS = {
    "xero_client_id": Field("Xero app, Configuration: Client id", re.compile(r"[0-9A-Fa-f]{32}")),
    "xero_client_secret": Field("Xero app, Configuration: Client secret", re.compile(r"[A-Za-z0-9_-]{40,64}")),
    KEYS: Field("Xero app, Webhooks: key (two, comma separated, while you change it)", re.compile(r"[A-Za-z0-9+/=]+")),
    "slack_client_id": Field("Slack app, Basic Information: Client ID", re.compile(r"[0-9]+\.[0-9]+")),
    "slack_client_secret": Field("Slack app, Basic Information: Client Secret", re.compile(r"[0-9a-f]{32}")),
    "slack_signing_secret": Field("Slack app, Basic Information: Signing Secret", re.compile(r"[0-9a-f]{32}")),
}


def from_file(path: Path) -> Values:
    """What a JSON file gives. Raises Stop, status 2."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as fault:
        raise Stop(f"The file {path} cannot be read: {fault.strerror}", 2) from None
    body = _json(raw) if len(raw) <= MOST_BYTES else None
    if not isinstance(body, dict):
        raise Stop(f'The file {path} must hold one JSON object, such as {{"xero_client_id": "…"}}', 2)
    if not set(body) <= set(FIELDS):
        raise Stop(f"The file {path} holds a name that is none of {', '.join(FIELDS)}", 2)
    return checked(body)


def from_answers(answers: Mapping[str, str]) -> Values:
    """What was typed at the prompts; webhook keys stand in one answer, separated by commas."""
    given: Values = dict(answers)
    given[KEYS] = [one for one in re.split(r"[,\s]+", answers.get(KEYS, "")) if one]
    return checked(given)


def checked(given: Mapping[str, Any]) -> Values:
    """The fields that hold something, without the space around them. Raises Stop that names the field alone."""
    found: Values = {}
    for name in FIELDS:
        value = given.get(name)
        if value in (None, [], "") or (isinstance(value, str) and not value.strip()):
            continue
        found[name] = _keys(value) if name == KEYS else _text(name, value)
    return found


def agreeing(values: Mapping[str, Any]) -> None:
    """Raises Stop where two fields hold the same: one was pasted twice."""
    seen: dict[str, str] = {}
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            if one in seen:
                raise Stop(f"{seen[one]} and {name} are the same; one was pasted twice. Nothing was changed", 2)
            seen[one] = name


def unusual(given: Mapping[str, Any]) -> list[str]:
    """The fields that look different from what the providers have issued so far."""
    return [
        name
        for name, value in given.items()
        if not all(FIELDS[name].usual.fullmatch(one) for one in (value if isinstance(value, list) else [value]))
    ]


def _keys(value: Any) -> list[str]:
    if isinstance(value, str):
        value = re.split(r"[,\s]+", value.strip())
    if not isinstance(value, list) or len(value) > 2:
        raise Stop(f"{KEYS} must be a list of one or two keys", 2)
    return [_text(KEYS, one) for one in value]


def _text(name: str, value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not _TEXT.fullmatch(text):
        raise Stop(f"{name} must be 4 to 256 plain characters without spaces or quotes ({FIELDS[name].words})", 2)
    if text.startswith(("xoxb-", "xoxp-", "xapp-")):
        raise Stop(f"{name} was given a token of Slack's; it wants what stands under {FIELDS[name].words}", 2)
    return text


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
