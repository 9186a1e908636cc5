"""What App refuses before a handler runs: those who may not enter, and state changes that another site sent (SE-2)."""

from __future__ import annotations

import hmac
import re
import secrets
from urllib.parse import quote

from ledgercast.domain.accounts import Member, Session
from ledgercast.web.edge import Edge, WebSettings
from ledgercast.web.events import BadRequest, Request
from ledgercast.web.paths import safe_next
from ledgercast.web.reply import SESSION_COOKIE, Reply, error_reply, problem, redirect
from ledgercast.web.routes import Route, Who
from ledgercast.web.visit import Visit

FORM_COOKIE = "form"
"""Carries the CSRF value of a visitor without a session, so that signing in is protected too."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def entry(edge: Edge, cookies: dict[str, str]) -> tuple[Session, Member] | tuple[None, None]:
    """The living session of these cookies and its member; both None for a stranger or a removed member."""
    session = edge.sessions.find(cookies.get(SESSION_COOKIE, ""))
    member = edge.members.get(session.member) if session else None
    if session is None or member is None or member.state != "active":
        return None, None
    return session, member


def stage_of(visit: Visit) -> Who:
    """How far in this visitor is.

    A session that did not pass the second factor of a member who has it on is a link's, whatever it was before.
    """
    if visit.session is None or visit.member is None:
        return "nobody"
    if visit.session.stage != "full" or (visit.member.totp == "on" and visit.session.mfa_at is None):
        return "link"
    return "owner" if visit.member.is_owner else "member"


def refuse(route: Route, visit: Visit) -> Reply | None:
    """The answer for somebody who may not enter; None for everyone else."""
    order: tuple[Who, ...] = ("nobody", "link", "member", "owner")
    stage = stage_of(visit)
    if order.index(stage) >= order.index(route.who):
        return None
    if stage == "member":
        return _forbidden(visit)
    if visit.is_api:
        code, status = ("signed_out", 401) if stage == "nobody" else ("second_factor_required", 403)
        return error_reply(code, "Sign in first." if stage == "nobody" else "Pass the second factor first.", status)
    return redirect(f"/sign-in{_next_of(visit)}")


def check_origin(head: Request, settings: WebSettings) -> None:
    """Raises BadRequest for a state change that a browser says another site sent.

    `Origin: null` is what a page without referrer sends; such a request stands or falls with its CSRF value.
    """
    if head.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise BadRequest(403, _FOREIGN)
    origin = head.headers.get("origin", "null")
    if origin not in ("null", settings.public_url):
        raise BadRequest(403, _FOREIGN)


def check_csrf(visit: Visit, known: str) -> None:
    """Raises BadRequest unless the request carries the value of our own forms. `known` is "" when there is none."""
    given = visit.headers.get("x-csrf-token", "") if visit.is_api else visit.form.get("csrf", "")
    if not known or not hmac.compare_digest(given.encode(errors="replace"), known.encode()):
        raise BadRequest(
            403, "This page was open for too long or in another sign-in. Go back, reload it and try again."
        )


def known_csrf(session: Session | None, cookies: dict[str, str]) -> str:
    """The value that this visitor's forms were given; "" when they were given none."""
    if session:
        return session.csrf
    value = cookies.get(FORM_COOKIE, "")
    return value if _TOKEN.fullmatch(value) else ""


def new_csrf() -> str:
    return secrets.token_urlsafe(32)


def _forbidden(visit: Visit) -> Reply:
    message = "Only an owner of this workspace may do this."
    return error_reply("forbidden", message, 403) if visit.is_api else problem(403, "For owners only", message)


def _next_of(visit: Visit) -> str:
    if visit.method != "GET" or visit.path == "/":
        return ""
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in visit.query.items())
    wanted = safe_next(f"{visit.path}?{query}" if query else visit.path, "")
    return f"?next={quote(wanted, safe='')}" if wanted else ""


_FOREIGN = "This came from another site. Open the page here and try again."
