"""The gate of design 7: no way to Xero without the second factor, checked at the start and at the end (OA-3)."""

from __future__ import annotations

from urllib.parse import quote

from ledgercast.web.reply import Reply, redirect
from ledgercast.web.visit import Visit


def verified(visit: Visit) -> bool:
    """Whether the account has the second factor on and this very session passed it.

    Both: a session's mark from before it was turned off counts for nothing.
    """
    return visit.signed_in.totp == "on" and visit.own_session.has_second_factor


def to_second_factor(come_back: str) -> Reply:
    """Set it up, or pass it, and come back by itself."""
    return redirect(f"/security/mfa-required?next={quote(come_back, safe='/')}")
