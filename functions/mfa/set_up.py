"""The MFA-required page: why, the set-up in place, and on to where the visitor was bound (design 7).

Opening the page makes a pending seed where there is none: it belongs to this session, counts for nothing until a code
of it was typed, and is shown only until then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from functions.mfa import codes, totp
from functions.mfa.check import CodeRefused, check, count_account, count_client, refuse, typed_code
from functions.mfa.compose import Dependencies
from functions.mfa.factors import SetUpGone
from functions.mfa.qr import qr_svg
from ledgercast import second_factor
from ledgercast.web.app import App
from ledgercast.web.paths import safe_next
from ledgercast.web.reply import Reply, page, redirect
from ledgercast.web.visit import Visit

PAGE = "/security/mfa-required"
_DONE = "/security?done=totp_on"
_GONE = "This set-up is over: it was open for 15 minutes, or begun again elsewhere. Please scan the new code."
_SHAPE = "The code of your authenticator app has six digits."
_WRONG = (
    "That code does not belong to this set-up. Type the newest one that the app shows, and see that your phone sets "
    "its time by itself."
)


def register(app: App[Dependencies]) -> None:
    app.route("GET", PAGE, who="member")(mfa_required)
    app.route("GET", "/admin/security/mfa-required", who="nobody")(moved)
    app.route("POST", "/security/totp/enrol", who="member")(enrol)
    app.route("POST", "/security/totp/confirm", who="member")(confirm)


def moved(visit: Visit, deps: Dependencies) -> Reply:
    return redirect(_address(safe_next(visit.query.get("next"), "")), status=308)


def mfa_required(visit: Visit, deps: Dependencies) -> Reply:
    """The set-up; for an account that has passed it, straight on to `next`, so that nobody sees it twice."""
    onward = safe_next(visit.query.get("next"), "")
    if visit.signed_in.totp == "off":
        return _set_up(visit, deps, onward)
    pending = deps.factors.pending_seed(visit.actor, visit.own_session)
    if pending is not None:
        return _set_up(visit, deps, onward)
    return redirect(onward) if onward else page("already_on.html.j2")


def enrol(visit: Visit, deps: Dependencies) -> Reply:
    """Begin a set-up anew. Where the second factor is on already a code of it comes first."""
    onward = safe_next(visit.form.get("next"), "")
    if visit.signed_in.totp == "on":
        try:
            check(visit, deps, "totp_change")
        except CodeRefused as refused:
            return refused.page("already_on.html.j2", path=PAGE)
    deps.factors.begin(visit.actor, visit.own_session, again=True)
    return redirect(_address(onward))


def confirm(visit: Visit, deps: Dependencies) -> Reply:
    """Take the first code of the pending seed: from then on the second factor is on, for this session passed."""
    onward = safe_next(visit.form.get("next"), "")
    try:
        backup = _confirmed(visit, deps)
    except SetUpGone:
        if visit.signed_in.totp == "on":
            return page("already_on.html.j2", 409, path=PAGE, alert="This set-up is over. Nothing was changed.")
        return _set_up(visit, deps, onward, CodeRefused(_GONE, 409))
    except CodeRefused as refused:
        return _set_up(visit, deps, onward, refused)
    deps.edge.audit.note("totp.enrolled", visit.actor, visit.address)
    deps.edge.audit.note("backup_codes.made", visit.actor, visit.address)
    second_factor.resume(deps.holds, deps.edge.audit, visit.actor, actor=visit.actor, origin=visit.address)
    deps.edge.sessions.end_all(visit.actor, but=visit.own_session)
    value, session = deps.edge.sessions.rotate(visit.own_session, mfa=True)
    member = replace(visit.signed_in, totp="on")
    shown = page("backup_codes.html.j2", codes=backup, first=True, onward=onward or _DONE, member=member)
    return shown.with_session(value, session)


def _confirmed(visit: Visit, deps: Dependencies) -> list[str]:
    """The new backup codes. Raises CodeRefused and SetUpGone."""
    code = codes.one_time_code(typed_code(visit))
    if code is None:
        raise CodeRefused(_SHAPE)
    count_client(visit, deps)
    count_account(visit, deps, "totp_set_up")
    backup = deps.factors.confirm(visit.actor, visit.own_session, code)
    if backup is None:
        refuse(visit, deps, "wrong_first_code", _WRONG)
    deps.edge.throttles.forget("totp_set_up", visit.actor)
    return backup


def _set_up(visit: Visit, deps: Dependencies, onward: str, refused: CodeRefused | None = None) -> Reply:
    seed = deps.factors.begin(visit.actor, visit.own_session)
    address = totp.setup_address(seed, visit.signed_in.email)
    values: dict[str, Any] = {
        "secret": totp.secret_text(seed),
        "address": address,
        "qr": qr_svg(address),
        "onward": onward,
        "renewing": visit.signed_in.totp == "on",
        "path": PAGE,
    }
    return refused.page("mfa_required.html.j2", **values) if refused else page("mfa_required.html.j2", **values)


def _address(onward: str) -> str:
    return f"{PAGE}?{urlencode({'next': onward})}" if onward else PAGE
