"""An owner takes the second factor off another member who lost it. Their pulses go on for seven days (design 7)."""

from __future__ import annotations

from functions.mfa.compose import Dependencies
from ledgercast import second_factor
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, not_found, page, redirect
from ledgercast.web.visit import Visit

_NOT_DONE = "You cannot reset your own two-factor authentication."
_INSTEAD = "Turn it off on the security page, with a code of your app or a backup code, or ask another owner."


def register(app: App[Dependencies]) -> None:
    app.route("POST", "/security/members/{member}/reset", who="owner")(reset)


def reset(visit: Visit, deps: Dependencies) -> Reply:
    """An owner's own is another matter: that would be a way around the code which turning it off takes."""
    edge, member = deps.edge, deps.edge.members.get(visit.params["member"])
    if member is None or member.state == "removed":
        return not_found()
    if member.id == visit.actor:
        return page("problem.html.j2", 409, title="Nothing was changed", message=_INSTEAD, alert=_NOT_DONE)
    done = second_factor.reset(
        edge.members,
        edge.sessions,
        edge.audit,
        member.id,
        actor=visit.actor,
        origin=visit.address,
        now=visit.now,
    )
    return redirect("/security?done=reset" if done else "/security")
