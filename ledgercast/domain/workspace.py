"""What an owner sets for the workspace: its time zone, and who may be written to (DL-1).

To begin with that is the first owner's own mail domain, and every channel of the installed Slack workspace that no
other company shares. A list that an owner has emptied lets nobody in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

UTC = "UTC"
MOST_DOMAINS = 50
MOST_CHANNELS = 100

_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")

# At these anybody can have an address: an owner's own address there must not let all of them in.
PUBLIC_DOMAINS = frozenset(
    [
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com"),
        *("yahoo.co.uk", "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com", "proton.me"),
        *("protonmail.com", "pm.me", "gmx.com", "gmx.net", "gmx.de", "web.de", "mail.com", "mail.ru"),
        *("yandex.ru", "qq.com", "163.com", "zoho.com", "fastmail.com", "hey.com", "tutanota.com"),
        *("btinternet.com", "xtra.co.nz", "bigpond.com"),
    ]
)


@dataclass(frozen=True)
class Settings:
    """`timezone` is an IANA name. `own_channels`: every channel of an installed workspace may be written to that no
    other company shares. `slack_channels` are the ids that an owner allowed, needed where `own_channels` is off or the
    channel is shared; `shared_channels` are those of them of which the owner knew that another company reads there.
    `channel_names` are what they were called when they were allowed, for people to read and for nothing else.
    `keep_days` is how long what was sent (charts, texts, numbers) is kept; 0: as long as the deployment lets it."""

    timezone: str = UTC
    mail_domains: tuple[str, ...] = ()
    slack_channels: tuple[str, ...] = ()
    channel_names: dict[str, str] = field(default_factory=dict)
    own_channels: bool = True
    shared_channels: tuple[str, ...] = ()
    keep_days: int = 0

    @classmethod
    def from_item(cls, item: dict[str, Any], domains: tuple[str, ...] = ()) -> Settings:
        """`domains` are those that may be written to while no owner has said anything of domains (`own_domains`)."""
        given = item.get("mail_domains")
        return cls(
            timezone=item.get("timezone") or UTC,
            mail_domains=domains if given is None else tuple(given),
            slack_channels=tuple(item.get("slack_channels") or ()),
            channel_names=dict(item.get("channel_names") or {}),
            own_channels=item.get("own_channels", True),
            shared_channels=tuple(item.get("shared_channels") or ()),
            keep_days=item.get("keep_days") or 0,
        )


def own_domains(owner_email: str) -> tuple[str, ...]:
    """The mail domains that may be written to at first: the first owner's, unless it is everybody's."""
    domain = mail_domain(owner_email)
    return (domain,) if domain and domain not in PUBLIC_DOMAINS else ()


def mail_domain(text: str) -> str | None:
    """The domain in the form that it is compared in; None where it is none in plain letters.

    An address is taken for its domain, since that is what people paste.
    """
    domain = text.strip().lower().rpartition("@")[2].rstrip(".")
    return domain if _DOMAIN.fullmatch(domain) else None
