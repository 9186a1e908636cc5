"""What an owner sets for the workspace: its time zone, and who may be written to (DL-1). Nobody may by default."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

UTC = "UTC"
MOST_DOMAINS = 50
MOST_CHANNELS = 100

_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


@dataclass(frozen=True)
class Settings:
    """`timezone` is an IANA name. `slack_channels` are channel ids; `channel_names` are what they were called when
    they were allowed, for people to read and for nothing else."""

    timezone: str = UTC
    mail_domains: tuple[str, ...] = ()
    slack_channels: tuple[str, ...] = ()
    channel_names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_item(cls, item: dict[str, Any]) -> Settings:
        return cls(
            timezone=item.get("timezone") or UTC,
            mail_domains=tuple(item.get("mail_domains") or ()),
            slack_channels=tuple(item.get("slack_channels") or ()),
            channel_names=dict(item.get("channel_names") or {}),
        )


def mail_domain(text: str) -> str | None:
    """The domain in the form that it is compared in; None where it is none in plain letters.

    An address is taken for its domain, since that is what people paste.
    """
    domain = text.strip().lower().rpartition("@")[2].rstrip(".")
    return domain if _DOMAIN.fullmatch(domain) else None
