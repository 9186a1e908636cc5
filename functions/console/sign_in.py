"""Signing in by a link that is mailed, opened and used once (design 7).

Asking for a link gives the same answer in the same time whether the address is a member's or not; mail goes to members
alone. Opening the link shows a button and touches nothing, so that mail scanners cannot use it up; pressing it does.
Throttles are kept per client and per address asked for. Nobody is locked out by them: five links of a quarter of an
hour each are good at once, and their owner has them all.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from functions.console.compose import Dependencies
from functions.console.letters import sign_in_letter
from ledgercast.domain.accounts import EMAIL_LENGTH, Member, email_hash, normalise_email
from ledgercast.observability import logger
from ledgercast.store.links import TOKEN_LENGTH
from ledgercast.web.app import App
from ledgercast.web.browsers import browser_name
from ledgercast.web.guard import stage_of
from ledgercast.web.paths import safe_next
from ledgercast.web.reply import Reply, page, redirect
from ledgercast.web.visit import FormError, Visit

log = logger("console")

WINDOW = 15 * 60
LINKS_PER_ACCOUNT = 5
LINKS_PER_CLIENT = 30
TRIES_PER_CLIENT = 30

_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}")
_USED_UP = "This link was used already, is more than 15 minutes old, or was not copied whole. Ask for a new one."
_BUSY = "That was asked for often just now. Use the newest mail from us, or try again in {} minutes."


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/sign-in", who="nobody")(form)
    app.route("POST", "/sign-in", who="nobody")(ask)
    app.route("GET", "/sign-in/verify", who="nobody")(button)
    app.route("POST", "/sign-in/verify", who="nobody")(verify)
    app.route("POST", "/sign-out", who="link")(sign_out)


def form(visit: Visit, deps: Dependencies) -> Reply:
    """The form for a stranger, the second step for a session that lacks it, onwards for everybody else."""
    next_page = safe_next(visit.query.get("next"))
    stage = stage_of(visit)
    if stage == "link":
        return page("second_factor.html.j2", next=next_page)
    return _form(next_page) if stage == "nobody" else redirect(next_page)


def ask(visit: Visit, deps: Dependencies) -> Reply:
    """Send a link, if there is somebody to send it to."""
    next_page, typed = safe_next(visit.form.get("next")), visit.form.get("email", "")[: EMAIL_LENGTH + 50]
    try:
        email = normalise_email(visit.field("email", EMAIL_LENGTH, label="Email address"))
        wrong = "" if email else "That does not look like an email address, such as name@example.com."
    except FormError as error:
        email, wrong = None, str(error)
    if email is None:
        return _form(next_page, 422, typed=typed, alert=wrong)
    busy = _too_many(visit, deps, email)
    if busy:
        return _busy(_form(next_page, 429, typed=typed, alert=_BUSY.format(_minutes(busy))), busy)
    deps.evenly(lambda: _send(visit, deps, email, next_page))
    return page("sign_in_sent.html.j2", email=email)


def button(visit: Visit, deps: Dependencies) -> Reply:
    """The page of a link: it asks nobody whether the token is good, and gives its address to nobody.

    What the link leads to in the end may be a provider's page, which browsers count as a place that the form leads to.
    """
    token = visit.query.get("token", "")
    if not _TOKEN.fullmatch(token):
        return _form("/", 400, alert=_USED_UP).without_referrer()
    onward = tuple(origin for _, origin in deps.edge.settings.onward)
    return page("sign_in_verify.html.j2", token=token, form_action=onward).without_referrer()


def verify(visit: Visit, deps: Dependencies) -> Reply:
    """Use the link up: a new session, of which the second step may still be to come."""
    edge = deps.edge
    busy = edge.throttles.window("verify", visit.network, TRIES_PER_CLIENT, WINDOW)
    if busy:
        return _busy(_form("/", 429, alert=_BUSY.format(_minutes(busy))), busy)
    token = visit.form.get("token", "")
    link = deps.links.consume(token, visit.now) if _TOKEN.fullmatch(token) else None
    member = edge.members.get(link.member) if link else None
    if link is None or member is None or member.state == "removed":
        edge.audit.note("sign_in.refused", "", visit.address, outcome="link_refused")
        return _form("/", 400, alert=_USED_UP)
    if member.state == "invited":
        edge.members.update(member.id, {"state": "active"}, "#state = :invited", invited="invited")
    if visit.session:
        edge.sessions.end(visit.session)
    value, session = edge.sessions.start(member, browser=browser_name(visit.headers.get("user-agent", "")))
    edge.audit.note("sign_in.ok", member.id, visit.address, outcome="ok" if session.stage == "full" else "second_step")
    next_page = safe_next(link.next)
    onward = next_page if session.stage == "full" else f"/sign-in?next={quote(next_page, safe='')}"
    return redirect(onward).with_session(value, session)


def sign_out(visit: Visit, deps: Dependencies) -> Reply:
    deps.edge.sessions.end(visit.own_session)
    deps.edge.audit.note("sign_out", visit.actor, visit.address)
    return redirect("/sign-in").without_session()


def _too_many(visit: Visit, deps: Dependencies, email: str) -> int:
    """The seconds to wait; 0 to go on. Known and unknown addresses are counted alike."""
    throttles = deps.edge.throttles
    busy = throttles.window("sign_in_client", visit.network, LINKS_PER_CLIENT, WINDOW) or throttles.window(
        "sign_in_account", email, LINKS_PER_ACCOUNT, WINDOW
    )
    if busy and not throttles.window("sign_in_told", visit.network, 1, WINDOW):
        deps.edge.audit.note("sign_in.throttled", "", visit.address, email_hash(email)[:20], "throttled")
    return busy


def _send(visit: Visit, deps: Dependencies, email: str, next_page: str) -> None:
    """A failure is logged and not shown: it happens to members only, and would tell who is one."""
    try:
        member = _member(visit, deps, email)
        if member is None or member.state == "removed":
            return
        token = deps.links.make(member, visit.now, next_page)
        deps.edge.audit.note("sign_in.link_sent", member.id, visit.address)
        deps.post.send(member.email, sign_in_letter(deps.edge.settings.public_url, token))
    except Exception as fault:
        log.error("no sign-in link was sent", extra={"kind": type(fault).__name__})


def _member(visit: Visit, deps: Dependencies, email: str) -> Member | None:
    """The member of that address; the first owner comes into being when first asked for."""
    found = deps.edge.members.by_email(email)
    if found or not deps.owner_email or email != deps.owner_email:
        return found
    created = deps.edge.members.create(email, "owner", "invited", visit.now)
    if created:
        deps.edge.audit.note("member.created", "system", visit.address, created.id)
    return created or deps.edge.members.by_email(email)


def _form(next_page: str, status: int = 200, *, typed: str = "", alert: str = "") -> Reply:
    return page("sign_in.html.j2", status, next=next_page, typed=typed, alert=alert, refused=status == 422)


def _busy(reply: Reply, seconds: int) -> Reply:
    return reply.with_headers(Retry_After=str(seconds))


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)
