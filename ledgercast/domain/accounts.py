"""Who may come in: members, their roles, and the sessions they hold (design 7).

A member's id is derived from the address, so that one address is one member and no index has to be asked.
Instants are epoch seconds, as the items hold them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

from ledgercast.domain.recipients import plain_address

WORKSPACE = "main"
"""The one workspace of a deployment; every key carries it, so that a second one is an addition."""

Role = Literal["owner", "member"]
MemberState = Literal["invited", "active", "removed"]
Stage = Literal["link", "full"]


@dataclass(frozen=True)
class Member:
    """One person of the workspace. `totp` says whether the second factor is on; its seed is never in here."""

    id: str
    email: str
    role: Role
    state: MemberState
    created_at: int
    totp: Literal["off", "on"] = "off"

    @property
    def is_owner(self) -> bool:
        return self.role == "owner"

    @classmethod
    def from_item(cls, item: dict[str, Any]) -> Member:
        return cls(
            id=item["sk"].removeprefix("MEMBER#"),
            email=item["email"],
            role=item["role"],
            state=item["state"],
            created_at=item["created_at"],
            totp=item.get("totp", "off"),
        )


@dataclass(frozen=True)
class Session:
    """One browser's sign-in. `key` is the hash of the cookie's value, which is stored nowhere.

    `stage` is "link" until a second factor that is on has been passed; `mfa_at` is when this very session passed it.
    `created_at` is the sign-in itself and survives rotation, so that the absolute limit cannot be pushed on.
    """

    key: str
    workspace: str
    member: str
    created_at: int
    seen_at: int
    mfa_at: int | None
    stage: Stage
    csrf: str
    browser: str

    @property
    def has_second_factor(self) -> bool:
        """Whether this very session passed a one-time code or a backup code (OA-3)."""
        return self.stage == "full" and self.mfa_at is not None


def normalise_email(text: str) -> str | None:
    """The address in the one form that it is kept and compared in; None when it is not a plain address.

    Plain means ASCII without quoting or comments: look-alike letters cannot stand for a member's.
    """
    address = text.strip().lower()
    return address if len(address) <= EMAIL_LENGTH and plain_address(address) else None


EMAIL_LENGTH = 254


def email_hash(email: str) -> str:
    """What a key, a throttle or an audit row calls an address."""
    return hashlib.sha256(email.encode()).hexdigest()


def member_id(email: str, workspace: str = WORKSPACE) -> str:
    """The id of the member with that (normalised) address."""
    return "m-" + hashlib.sha256(f"{workspace}/{email}".encode()).hexdigest()[:20]
