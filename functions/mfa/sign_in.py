"""The second step of signing in: the only form, beside signing out, that a session of a link alone may send."""

from __future__ import annotations

from urllib.parse import urlencode

from functions.mfa.check import CodeRefused, check
from functions.mfa.compose import Dependencies
from ledgercast.web.app import App
from ledgercast.web.guard import stage_of
from ledgercast.web.paths import safe_next
from ledgercast.web.reply import Reply, redirect
from ledgercast.web.visit import Visit


def register(app: App[Dependencies]) -> None:
    app.route("POST", "/security/totp/verify", who="link")(verify)


def verify(visit: Visit, deps: Dependencies) -> Reply:
    onward = safe_next(visit.form.get("next"))
    if stage_of(visit) != "link":
        return redirect(onward)
    if visit.signed_in.totp == "off":  # reset or turned off since the link: what was half open is closed
        deps.edge.sessions.end(visit.own_session)
        return redirect(f"/sign-in?{urlencode({'next': onward})}").without_session()
    try:
        check(visit, deps, "totp_sign_in")
    except CodeRefused as refused:
        return refused.page("second_factor.html.j2", next=onward)
    return redirect(onward).with_session(*deps.edge.sessions.rotate(visit.own_session, mfa=True))
