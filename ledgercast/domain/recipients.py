"""Who may be sent to: the workspace's policy, checked at save and at send, closed where nothing is known (DL-1)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator

from ledgercast.domain.workspace import Settings

# Plain addresses only: no quoting, no comments, no Unicode. What cannot be compared byte by byte is not let through.
_ADDRESS = re.compile(r"([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})@((?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63})")
# A name and its address in angle brackets. It can begin after a separator alone, so that long text takes no long time.
_NAMED = re.compile(r"""(?:^|(?<=[,;>\n]))(?:[ \t]*"[^"\n]*"[ \t]*|[^,;<>"\n]*)<([^<>\n]*)>""")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,30}")


def plain_address(address: str) -> bool:
    """Whether this is an address of the plain form: ASCII, without quoting, comments or a display name."""
    return _ADDRESS.fullmatch(address) is not None


def address_allowed(address: str, domains: Collection[str]) -> bool:
    """Whether the domain is on the list, exactly: a listed domain lets none of its sub-domains in."""
    found = _ADDRESS.fullmatch(address)
    return found is not None and found[2].lower() in {one.lower() for one in domains}


def domain_of(address: str) -> str:
    """The domain in lower case; "" where it is no plain address."""
    found = _ADDRESS.fullmatch(address)
    return found[2].lower() if found else ""


def channel_id(text: str) -> bool:
    """Whether this has the form of a channel's id; a name has not."""
    return _CHANNEL.fullmatch(text) is not None


def channel_allowed(channel: str, channels: Collection[str]) -> bool:
    """Whether this channel id, never a name, is on the list."""
    return channel_id(channel) and channel in channels


NOT_ALLOWED = "deliver.not_allowed"
SHARED = "deliver.shared_channel"


def channel_refusal(channel: str, settings: Settings, *, shared: bool) -> str | None:
    """Why this channel may not be written to, as a code of `ledgercast.messages`; None where it may.

    `shared`: another company reads there. That takes the word of an owner who knew it: a channel that was allowed as
    the workspace's own and is shared since is closed again.
    """
    listed = channel_allowed(channel, settings.slack_channels)
    if not channel_id(channel):
        return NOT_ALLOWED
    if shared:
        return None if listed and channel in settings.shared_channels else SHARED
    return None if listed or settings.own_channels else NOT_ALLOWED


def addresses_in(text: str) -> Iterator[str]:
    """What was typed or pasted between commas, semicolons, spaces and lines; of `Ann <ann@example.com>` the address."""
    named = _NAMED.sub(r" \1 ", text)
    yield from filter(None, re.split(r"[,;\s]+", named))


def address_hash(address: str) -> str:
    """What the ledger calls an address: the SHA-256 of its lower-case form."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()
