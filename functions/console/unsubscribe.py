"""Leaving the readers of a pulse by the link in its mails: without a session, for people and for mail programs.

`POST /unsubscribe/{token}` is the one click of RFC 8058, which a mail program sends from its own servers: no cookie, no
CSRF value, no redirect, whatever body. A page that is only read changes nothing, so that scanners of mail, which follow
links, unsubscribe nobody. The token is known from the mail alone and lets its bearer do this one thing.
"""

from __future__ import annotations

from typing import Any

from functions.console.compose import Dependencies
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.catalogue import METRICS
from ledgercast.domain.recipients import address_hash
from ledgercast.store.optouts import Subscription
from ledgercast.text import one_line
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, page
from ledgercast.web.visit import Visit

_TITLES = {one.id: one.title for one in METRICS}


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/unsubscribe/{token}", who="nobody")(show)
    app.route("POST", "/unsubscribe/{token}", who="nobody", csrf=False)(leave)
    app.route("POST", "/unsubscribe/{token}/again", who="nobody")(come_back)


def show(visit: Visit, deps: Dependencies) -> Reply:
    found = deps.opt_outs.find(visit.params["token"])
    return _page(visit, deps, found, is_out=deps.opt_outs.is_out(found)) if found else _unknown()


def leave(visit: Visit, deps: Dependencies) -> Reply:
    """As often as somebody likes; the answer is the same each time."""
    found = deps.opt_outs.find(visit.params["token"])
    if found is None:
        return _unknown()
    if deps.opt_outs.opt_out(found, visit.now):
        deps.edge.audit.note("recipient.opted_out", "", visit.address, _subject(found))
    return _page(visit, deps, found, is_out=True)


def come_back(visit: Visit, deps: Dependencies) -> Reply:
    """For whom it was a mistake: from our own page alone, and for nobody else, an owner neither."""
    found = deps.opt_outs.find(visit.params["token"])
    if found is None:
        return _unknown()
    if deps.opt_outs.opt_in(found):
        deps.edge.audit.note("recipient.opted_in", "", visit.address, _subject(found))
    return _page(visit, deps, found, is_out=False, back=True)


def _page(visit: Visit, deps: Dependencies, found: Subscription, *, is_out: bool, back: bool = False) -> Reply:
    values = {"token": visit.params["token"], "is_out": is_out, "back": back, **_about(deps, found)}
    return page("unsubscribe.html.j2", **values).without_referrer()


def _about(deps: Dependencies, found: Subscription) -> dict[str, Any]:
    """What the mails are called, and the address as the pulse knows it; "" where it no longer has it."""
    pulse = deps.state.pulse(WORKSPACE, found.pulse)
    if pulse is None:
        return {"name": "", "address": ""}
    addresses = (address for target in pulse.destinations for address in target.addresses)
    address = next((one for one in addresses if address_hash(one) == found.address), "")
    return {"name": one_line(pulse.name) or _TITLES.get(pulse.metric, ""), "address": address}


def _subject(found: Subscription) -> str:
    """The address by its hash: the audit holds no addresses."""
    return f"{found.pulse}/{found.address[:16]}"


def _unknown() -> Reply:
    return page("unsubscribe_unknown.html.j2", 404).without_referrer()
