"""The security page: the second factor, the sessions of this account, and for owners the members of the workspace."""

from __future__ import annotations

from collections.abc import Mapping

from functions.console.compose import Dependencies
from functions.console.people import Invited, invite, people_of, remove
from functions.console.zones import zone_of
from ledgercast.domain.accounts import EMAIL_LENGTH, Role, normalise_email
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, not_found, page, redirect
from ledgercast.web.visit import FormError, Visit

DONE = {
    "session": "The session was ended.",
    "sessions": "All other sessions were ended.",
    "invited": "The invitation was sent.",
    "removed": "The member was removed and signed out everywhere.",
    "totp_on": "Two-factor authentication is on.",
    "totp_off": "Two-factor authentication is off. The Xero connections of this account are held until it is on again.",
    "reset": "Two-factor authentication was reset, and the member signed out everywhere.",
    "codes": "Your new backup codes are in place; the old ones no longer work.",
}
"""What the page says after a redirect to `/security?done=<word>`."""


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/security", who="member")(security)
    app.route("POST", "/security/sessions/{session}/end", who="member")(end_session)
    app.route("POST", "/security/end-other-sessions", who="member")(end_other_sessions)
    app.route("POST", "/security/members", who="owner")(invite_member)
    app.route("POST", "/security/members/{member}/remove", who="owner")(remove_member)


def security(visit: Visit, deps: Dependencies) -> Reply:
    return _page(visit, deps, notice=DONE.get(visit.query.get("done", "")))


def end_session(visit: Visit, deps: Dependencies) -> Reply:
    """End one of the member's own sessions; ending the present one is signing out."""
    key = visit.params["session"]
    if key == visit.own_session.key:
        deps.edge.sessions.end(key)
        deps.edge.audit.note("sign_out", visit.actor, visit.address)
        return redirect("/sign-in").without_session()
    if key not in {one.key for one in deps.edge.sessions.list(visit.signed_in.id)}:
        return not_found()
    deps.edge.sessions.end(key)
    deps.edge.audit.note("session.ended", visit.actor, visit.address, visit.actor)
    return redirect("/security?done=session")


def end_other_sessions(visit: Visit, deps: Dependencies) -> Reply:
    deps.edge.sessions.end_all(visit.signed_in.id, but=visit.own_session)
    deps.edge.audit.note("session.ended", visit.actor, visit.address, visit.actor, "all_others")
    return redirect("/security?done=sessions")


def invite_member(visit: Visit, deps: Dependencies) -> Reply:
    try:
        email, role = _invitation(visit)
    except FormError as wrong:
        return _page(visit, deps, 422, alert=str(wrong), typed=_typed(visit))
    outcome = invite(deps, visit, email, role)
    if outcome == "invited":
        return redirect("/security?done=invited")
    status, alert = _UNSENT[outcome]
    return _page(visit, deps, status, alert=alert, typed=_typed(visit))


def remove_member(visit: Visit, deps: Dependencies) -> Reply:
    member = deps.edge.members.get(visit.params["member"])
    if member is None or member.state == "removed":
        return not_found()
    if not remove(deps, visit, member):
        return _page(visit, deps, 409, alert="You cannot remove yourself. Another owner can.")
    return redirect("/security?done=removed")


def _page(
    visit: Visit,
    deps: Dependencies,
    status: int = 200,
    *,
    notice: str | None = None,
    alert: str | None = None,
    typed: Mapping[str, str] | None = None,
) -> Reply:
    """`typed`: what was typed into a refused invitation."""
    member = visit.signed_in
    return page(
        "security.html.j2",
        status,
        notice=notice,
        alert=alert,
        sessions=sorted(deps.edge.sessions.list(member.id), key=lambda one: one.key != visit.own_session.key),
        own=visit.own_session,
        zone=zone_of(deps.settings.get()),
        people=people_of(deps, visit) if member.is_owner else [],
        typed=typed or {"email": "", "role": "member"},
    )


def _typed(visit: Visit) -> dict[str, str]:
    return {"email": visit.form.get("email", "")[: EMAIL_LENGTH + 50], "role": visit.form.get("role", "member")}


def _invitation(visit: Visit) -> tuple[str, Role]:
    email = normalise_email(visit.field("email", EMAIL_LENGTH, label="Email address"))
    if email is None:
        raise FormError("email", "That does not look like an email address, such as name@example.com.")
    roles: Mapping[str, Role] = {"owner": "owner", "member": "member"}
    role = roles.get(visit.form.get("role", "member"))
    if role is None:
        raise FormError("role", "Please choose whether they become a member or an owner.")
    return email, role


_UNSENT: dict[Invited, tuple[int, str]] = {
    "known": (409, "This address is a member already."),
    "busy": (429, "You have invited many people today. Please go on tomorrow."),
    "unsent": (502, "They are invited, but the mail could not be sent. Tell them to sign in here with this address."),
}
