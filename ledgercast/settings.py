"""What a function is told by its environment, read once when its dependencies are composed, never at import.

Names and meanings: contracts.md 4 and the template's own `LEDGERCAST_*` variables.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ledgercast.domain.errors import SettingsError

XERO_LOGIN = "https://login.xero.com"
XERO_IDENTITY = "https://identity.xero.com"
XERO_API = "https://api.xero.com"
SLACK_API = "https://slack.com"


@dataclass(frozen=True)
class Addresses:
    """The outbound addresses: scheme, host and port, no path. These hosts, and no others, are ever asked (SX-1)."""

    xero_login: str = XERO_LOGIN
    xero_identity: str = XERO_IDENTITY
    xero_api: str = XERO_API
    slack_api: str = SLACK_API

    @classmethod
    def read(cls, env: Mapping[str, str] = os.environ) -> Addresses:
        """Raises SettingsError, naming the variable and what it must look like."""
        return cls(
            xero_login=address(env, "LEDGERCAST_XERO_LOGIN_URL", XERO_LOGIN),
            xero_identity=address(env, "LEDGERCAST_XERO_IDENTITY_URL", XERO_IDENTITY),
            xero_api=address(env, "LEDGERCAST_XERO_API_URL", XERO_API),
            slack_api=address(env, "LEDGERCAST_SLACK_API_URL", SLACK_API),
        )


def address(env: Mapping[str, str], name: str, default: str) -> str:
    """An outbound address. http passes only with LEDGERCAST_LOCAL=1, which no deployment sets."""
    value = (env.get(name) or default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.username:
        raise SettingsError(f"{name} must be scheme://host[:port] without a path; it is {value!r}")
    if parts.scheme == "http" and env.get("LEDGERCAST_LOCAL") != "1":
        raise SettingsError(f"{name} must begin with https://; plain http is for the local runtime alone")
    return value


def required(name: str, env: Mapping[str, str] = os.environ) -> str:
    """A variable that the template sets. Raises SettingsError when it is missing or empty."""
    value = env.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set; the deployed template sets it, so this function was changed by hand")
    return value
