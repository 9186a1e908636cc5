"""A connection: one Xero organisation linked to the workspace, by the consent (grant) of one Xero user (design 1).

Its state alone decides whether Xero may be asked for it: fetch reads it at every run, so that a pulse of a held or
disconnected connection sends nothing, and sends again by itself once the connection is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

ConnectionState = Literal["connected", "needs_scopes", "held", "disconnected"]
"""needs_scopes: open, but at least one metric lacks a permission. held: kept shut by us for a time (`held_reason`).
disconnected: a person has to consent again."""

OPEN: Final = ("connected", "needs_scopes")

BY_MEMBER: Final = "disconnect.here"
GRANT_ENDED: Final = "disconnect.grant_ended"
GONE_IN_XERO: Final = "disconnect.in_xero"
"""Why a connection is disconnected: by a member here, by the end of Xero's consent, or by somebody in Xero. Why one is
held says `ledgercast.second_factor`."""


@dataclass(frozen=True)
class Connection:
    """`tenant` is Xero's id of the organisation, `xero_connection` what a disconnect deletes there ("" once deleted).

    `connected_by` is a member's id; `connected_at`, epoch seconds, is when the consent was given by which it lives.
    Both are empty for a connection that no person made.
    `delete_pending`: disconnected here, and something of it is still to be removed at Xero or in our store.
    `timezone`: the organisation's, an IANA name; "" until its first figures told it.
    """

    id: str
    tenant: str
    name: str
    grant: str
    state: ConnectionState
    scopes: tuple[str, ...]
    xero_connection: str = ""
    connected_by: str = ""
    connected_at: int = 0
    held_reason: str = ""
    delete_pending: bool = False
    timezone: str = ""

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def needs_tokens(self) -> bool:
        """Whether its grant must be kept: it is used, will be again, or a deletion at Xero still needs it."""
        return self.state != "disconnected" or self.delete_pending

    @classmethod
    def from_item(cls, item: dict[str, Any]) -> Connection:
        return cls(
            id=item["sk"].removeprefix("CONN#"),
            tenant=item["tenant"],
            name=item["name"],
            grant=item["grant"],
            state=item["state"],
            scopes=tuple(item["scopes"]),
            xero_connection=item.get("xero_connection", ""),
            connected_by=item.get("connected_by", ""),
            connected_at=item.get("connected_at", 0),
            held_reason=item.get("held_reason") or "",
            delete_pending=item.get("delete_pending", False),
            timezone=item.get("timezone", ""),
        )
