"""Incidents: what the owners are told of once, and once more when it is mended (design 6, 7, 9).

An incident is about the thing that must be mended, not about each run that met it: eleven pulses that fail for want of
one consent are one incident. `round` is the step of one that is told in steps (14, 7 and 1 days of life left); every
new round is told again. Instants are epoch seconds, 0 for "not yet".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ledgercast.domain.errors import ConnectionGone, GrantDisconnected

Kind = Literal["grant", "connection", "expiring", "mfa_reset", "cause", "pulse", "stream"]
"""grant: Xero's consent ended (subject: the grant). connection: an organisation is no longer in Xero (the connection).
expiring: a grant cannot be renewed (the grant). mfa_reset: a second factor was reset and not set up again (the member).
cause: something that many runs meet (a reason code, or one at a connection). pulse: the runs of one pulse (the pulse).
stream: Xero's events (silence, signatures or dead_letters).
"""

CONSENT_ENDED = (GrantDisconnected.code, ConnectionGone.code)
"""Reasons of which the connection's own incident tells."""

_EVERYWHERE = {
    "settings.invalid",
    "xero.client.invalid",
    "mail.sender_unverified",
    "mail.paused",
    "mail.quota",
    "mail.refused",
    "slack.invalid_auth",
    "slack.not_authed",
    "slack.token_revoked",
    "slack.token_expired",
    "slack.account_inactive",
    "slack.missing_scope",
    "slack.not_allowed_token_type",
    "slack.not_installed",
}
_FOR_A_CONNECTION = {
    "xero.limit.day",
    "xero.limit.minute",
    "xero.limit.concurrent",
    "xero.role.missing",
    "xero.offline",
    "xero.unavailable",
    "xero.unreachable",
}


@dataclass(frozen=True)
class Incident:
    """`about` holds ids by which the letter finds its words: pulse, slot, status, until, connections."""

    kind: Kind
    subject: str
    opened_at: int
    reason: str = ""
    round: str = ""
    told_at: int = 0
    closed_at: int = 0
    mended_at: int = 0
    about: dict[str, str] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return not self.closed_at

    @property
    def is_due(self) -> bool:
        """Whether there is something to tell: that it is there, or that it is over."""
        return not (self.told_at if self.is_open else self.mended_at)

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.subject}"

    @classmethod
    def from_item(cls, item: dict[str, Any]) -> Incident:
        kind, _, subject = item["sk"].removeprefix("INCIDENT#").partition("#")
        numbers = {name: item[name] for name in ("opened_at", "told_at", "closed_at", "mended_at")}
        return cls(kind, subject, reason=item["reason"], round=item["round"], about=item["about"], **numbers)


def cause_of(reason: str, pulse: str, connection: str) -> tuple[Kind, str]:
    """What has to be mended when a run ended for that reason: the kind and subject of its incident."""
    if reason in _EVERYWHERE:
        return "cause", reason
    if reason in _FOR_A_CONNECTION:
        return "cause", f"{reason}@{connection}"
    return "pulse", pulse
