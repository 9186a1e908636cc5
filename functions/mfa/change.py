"""Changing a second factor that is on. Each change takes a code first and ends the member's other sessions (MF-3)."""

from __future__ import annotations

from dataclasses import replace

from functions.mfa.check import CodeRefused, check
from functions.mfa.compose import Dependencies
from ledgercast import second_factor
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, page, redirect
from ledgercast.web.visit import Visit

_TURN_OFF = {
    "title": "Turn off two-factor authentication",
    "said": "The Xero connections that you made are held while it is off: their charts are not sent.",
    "action": "/security/totp/disable",
    "button": "Turn off",
    "danger": True,
}
_RENEW = {
    "title": "Make new backup codes",
    "said": "Ten new codes, shown once. The old ones stop working.",
    "action": "/security/backup-codes",
    "button": "Make new codes",
    "danger": False,
}
_MEANWHILE = "Your two-factor authentication was changed elsewhere at this moment. Please look at it again."


def register(app: App[Dependencies]) -> None:
    app.route("POST", "/security/totp/disable", who="member")(disable)
    app.route("POST", "/security/backup-codes", who="member")(new_backup_codes)


def disable(visit: Visit, deps: Dependencies) -> Reply:
    """Turn it off. The connections are held before, so that there is no moment in which they go on without it."""
    if visit.signed_in.totp == "off":
        return redirect("/security")
    edge = deps.edge
    try:
        factor = check(visit, deps, "totp_change")
    except CodeRefused as refused:
        return refused.page("with_code.html.j2", **_TURN_OFF)
    second_factor.hold(deps.holds, edge.audit, visit.actor, actor=visit.actor, origin=visit.address)
    if not deps.factors.turn_off(factor):
        if deps.factors.read(visit.actor).on:
            second_factor.resume(deps.holds, edge.audit, visit.actor, actor=visit.actor, origin=visit.address)
        return CodeRefused(_MEANWHILE, 409).page("with_code.html.j2", **_TURN_OFF)
    edge.audit.note("totp.disabled", visit.actor, visit.address)
    edge.sessions.end_all(visit.actor, but=visit.own_session)
    without = replace(visit.own_session, mfa_at=None)
    return redirect("/security?done=totp_off").with_session(*edge.sessions.rotate(without, mfa=False))


def new_backup_codes(visit: Visit, deps: Dependencies) -> Reply:
    """Ten new codes, shown this once; the old ones no longer work."""
    if visit.signed_in.totp == "off":
        return redirect("/security")
    try:
        factor = check(visit, deps, "totp_change")
    except CodeRefused as refused:
        return refused.page("with_code.html.j2", **_RENEW)
    fresh = deps.factors.new_backup_codes(factor)
    if fresh is None:
        return CodeRefused(_MEANWHILE, 409).page("with_code.html.j2", **_RENEW)
    deps.edge.audit.note("backup_codes.made", visit.actor, visit.address)
    deps.edge.sessions.end_all(visit.actor, but=visit.own_session)
    return page("backup_codes.html.j2", codes=fresh, first=False, onward="/security?done=codes")
