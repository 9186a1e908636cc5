"""Who may be sent to: the workspace's allow-lists, checked at save and at send, closed where they are empty (DL-1)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection

# Plain addresses only: no quoting, no comments, no Unicode. What cannot be compared byte by byte is not let through.
_ADDRESS = re.compile(r"([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})@((?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63})")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,30}")


def plain_address(address: str) -> bool:
    """Whether this is an address of the plain form: ASCII, without quoting, comments or a display name."""
    return _ADDRESS.fullmatch(address) is not None


def address_allowed(address: str, domains: Collection[str]) -> bool:
    """Whether the domain is on the list, exactly: a listed domain lets none of its sub-domains in."""
    found = _ADDRESS.fullmatch(address)
    return found is not None and found[2].lower() in {one.lower() for one in domains}


def channel_allowed(channel: str, channels: Collection[str]) -> bool:
    """Whether this channel id, never a name, is on the list."""
    return _CHANNEL.fullmatch(channel) is not None and channel in channels


def address_hash(address: str) -> str:
    """What the ledger calls an address: the SHA-256 of its lower-case form."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()
