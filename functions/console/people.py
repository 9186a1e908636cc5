"""The members of the workspace: inviting and removing. The reset of a second factor is functions/mfa's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from functions.console.compose import Dependencies
from functions.console.letters import invitation
from ledgercast.domain.accounts import Member, Role
from ledgercast.observability import logger
from ledgercast.web.visit import Visit

log = logger("console")

INVITATIONS = 20
_DAY = 24 * 3600

Invited = Literal["invited", "known", "unsent", "busy"]


@dataclass(frozen=True)
class Person:
    member: Member
    is_self: bool


def people_of(deps: Dependencies, visit: Visit) -> list[Person]:
    return [Person(one, one.id == visit.actor) for one in deps.edge.members.list()]


def invite(deps: Dependencies, visit: Visit, email: str, role: Role) -> Invited:
    """Make a member of the (normalised) address and write to it; they come in by signing in.

    "known": they are one already. "unsent": they are invited now, but the mail could not be sent. "busy": the owner
    has invited more people today than can be meant.
    """
    members = deps.edge.members
    known = members.by_email(email)
    if known and known.state == "active":
        return "known"
    if deps.edge.throttles.window("invite", visit.actor, INVITATIONS, _DAY):
        return "busy"
    if known is None:
        known = members.create(email, role, "invited", visit.now)
    elif known.state == "removed":
        members.invite_again(known.id, role, visit.now)
    else:
        members.update(known.id, {"role": role}, "#state = :invited", invited="invited")
    deps.edge.audit.note("member.invited", visit.actor, visit.address, known.id if known else "", role)
    try:
        deps.post.send(email, invitation(deps.edge.settings.public_url, role))
    except Exception as fault:
        log.error("no invitation was sent", extra={"kind": type(fault).__name__})
        return "unsent"
    return "invited"


def remove(deps: Dependencies, visit: Visit, member: Member) -> bool:
    """Take a member out and end all their sessions. False for oneself: so a workspace keeps an owner."""
    if member.id == visit.actor:
        return False
    deps.edge.members.set_state(member.id, "removed")
    deps.edge.sessions.end_all(member.id)
    deps.edge.audit.note("member.removed", visit.actor, visit.address, member.id)
    return True
