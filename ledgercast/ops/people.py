"""Members from the operator's side: a sign-in link, a list, ending sessions, taking a lost second factor off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ledgercast import second_factor
from ledgercast.clock import Clock
from ledgercast.domain.accounts import Member, normalise_email
from ledgercast.ops.deployment import ACTOR, ORIGIN, Deployment
from ledgercast.ops.terminal import Stop, remark, say, table
from ledgercast.store.audit import Audit
from ledgercast.store.links import LIFE, LinkStore
from ledgercast.store.members import MemberStore
from ledgercast.store.sessions import SessionStore
from ledgercast.store.table import Table
from ledgercast.web.sessions import Limits, Sessions

# A deployment may set longer limits than ours; each row's own end, by which the table filters, is the true one.
_ANY = Limits(idle=timedelta(days=366), absolute=timedelta(days=366))


class People:
    def __init__(self, deployment: Deployment, now: Clock) -> None:
        dynamodb = deployment.client("dynamodb")
        state = Table(dynamodb, deployment.output("StateTable"), now)
        self._deployment = deployment
        self._now = now
        self._members = MemberStore(state)
        self._links = LinkStore(state)
        self._sessions = Sessions(SessionStore(state), now, _ANY)
        self._audit = Audit(Table(dynamodb, deployment.output("LedgerTable"), now), now)

    def link(self, typed: str) -> None:
        """Print a sign-in link for a member; the deployment's owner becomes the first member by it."""
        member = self._member_or_owner(_email(typed))
        address = f"{self._deployment.output('ApiUrl')}/sign-in/verify?token="
        now = self._now()
        token = self._links.make(member, now)
        self._audit.note("sign_in.link_sent", ACTOR, ORIGIN, member.id)
        say(address + token)
        second = " The second factor is asked for as always." if member.totp == "on" else ""
        remark(f"It works once, until {_time(now + LIFE)}, and signs in as {member.email}.{second}")

    def list(self) -> None:
        """Print everybody who was not removed."""
        rows = [
            (one.email, one.role, one.state, one.totp, str(len(self._sessions.list(one.id))))
            for one in self._members.list()
        ]
        if not rows:
            remark("There are no members yet. `link` with the owner's address makes the first one.")
            return
        table(("EMAIL", "ROLE", "STATE", "2FA", "SESSIONS"), rows)

    def reset(self, typed: str) -> None:
        """Take the second factor off a member who lost it; the same act as an owner's reset."""
        member = self._member(_email(typed))
        now = self._now()
        done = second_factor.reset(
            self._members, self._sessions, self._audit, member.id, actor=ACTOR, origin=ORIGIN, now=now
        )
        if not done:
            raise Stop(f"Two-factor authentication is not on for {member.email}; nothing was changed")
        days = second_factor.GRACE.days
        say(f"Two-factor authentication is off for {member.email}, and every session has ended.")
        remark(f"Their Xero connections go on for {days} days; in that time they must set it up again.")

    def sessions(self, typed: str, *, end: bool) -> None:
        """Print a member's sessions, or end them all."""
        member = self._member(_email(typed))
        if end:
            ended = self._sessions.end_all(member.id)
            self._audit.note("session.ended", ACTOR, ORIGIN, member.id, "all")
            say(f"Sessions of {member.email} ended: {ended}")
            return
        found = self._sessions.list(member.id)
        if not found:
            remark(f"{member.email} has no session.")
            return
        rows = [
            (_instant(one.created_at), _instant(one.seen_at), "passed" if one.mfa_at else "-", one.browser or "-")
            for one in found
        ]
        table(("SIGNED IN", "LAST USED", "2FA", "BROWSER"), rows)

    def _member(self, email: str) -> Member:
        member = self._members.by_email(email)
        if member is None or member.state == "removed":
            raise Stop(f"{email} is no member; an owner can invite this address on the Security page")
        return member

    def _member_or_owner(self, email: str) -> Member:
        if email == normalise_email(self._deployment.output("Owner")) and self._members.by_email(email) is None:
            created = self._members.create(email, "owner", "invited", self._now())
            if created:
                self._audit.note("member.created", ACTOR, ORIGIN, created.id)
        return self._member(email)


def _email(typed: str) -> str:
    email = normalise_email(typed)
    if email is None:
        raise Stop("That does not look like an email address, such as name@example.com", 2)
    return email


def _time(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%H:%M UTC")


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
