"""What the second factor leaves on a member's item, and its reset by an owner or the operator (design 7).

The codes themselves are the business of `functions/mfa`. This much of it is shared: the console's owner and the
operator's command reset it, and the daily sweep counts the days since.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ledgercast.store.audit import Audit
from ledgercast.store.holds import Holds
from ledgercast.store.members import MemberStore
from ledgercast.store.table import Item
from ledgercast.web.sessions import Sessions

GRACE = timedelta(days=7)
"""How long the pulses of a member's connections go on after a reset (`reset_at`); then the connections are held with
the reason `HELD_BECAUSE_OFF`, until the member turns the second factor on again."""

HELD_BECAUSE_OFF = "mfa.off"

NO_SET_UP: Item = {"pending_seed": b"", "pending_until": 0, "pending_by": ""}
NOTHING_LEFT: Item = {"totp": "off", "seed": b"", "last_step": 0, "backup": [], **NO_SET_UP}
"""The attributes of a member without a second factor; `seed` and `pending_seed` are encrypted when there is one."""


def reset(
    members: MemberStore, sessions: Sessions, audit: Audit, member: str, *, actor: str, origin: str, now: datetime
) -> bool:
    """Take the second factor off a member who lost it, end all their sessions, and start the days of grace.

    False, with nothing changed, when it is not on. `actor` and `origin` are the audit's.
    """
    left: Item = {**NOTHING_LEFT, "reset_at": int(now.timestamp())}
    if not members.update(member, left, "#totp = :on", on="on"):
        return False
    sessions.end_all(member)
    audit.note("totp.reset", actor, origin, member)
    return True


def hold(holds: Holds, audit: Audit, member: str, *, actor: str, origin: str) -> None:
    """Hold the Xero connections that a member without a second factor had made."""
    for connection in holds.hold(member, HELD_BECAUSE_OFF):
        audit.note("xero.held", actor, origin, connection, HELD_BECAUSE_OFF)


def resume(holds: Holds, audit: Audit, member: str, *, actor: str, origin: str) -> None:
    """Let those go on that were held because the second factor was off, and no others."""
    for connection in holds.resume(member, HELD_BECAUSE_OFF):
        audit.note("xero.resumed", actor, origin, connection)
