"""Where Xero does not say which organisation a consent was for: the member says it. Nothing is ever guessed."""

from __future__ import annotations

from functions.oauth import flow
from functions.oauth.compose import Dependencies, XeroSide
from functions.oauth.gate import to_second_factor, verified
from functions.oauth.link import arrived, link
from functions.oauth.reasons import Refused
from functions.oauth.xero import START
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.errors import LedgercastError
from ledgercast.store.consents import Offer
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, page
from ledgercast.web.visit import Visit
from ledgercast.xero.identity import Connection as Organisation

ADDRESS = "/oauth/xero/choose"


def register(app: App[Dependencies]) -> None:
    app.route("GET", ADDRESS, who="member")(form)
    app.route("POST", ADDRESS, who="member")(choose)


@flow.ending("xero")
def form(visit: Visit, deps: Dependencies) -> Reply:
    """The organisations of the consent that this session just gave."""
    if not verified(visit):
        return to_second_factor(START)
    offer, side = _offer(visit, deps), deps.xero()
    return _form(deps, _organisations(side, offer))


@flow.ending("xero")
def choose(visit: Visit, deps: Dependencies) -> Reply:
    """Connect the chosen one."""
    if not verified(visit):
        return to_second_factor(START)
    offer, side = _offer(visit, deps), deps.xero()
    organisations = _organisations(side, offer)
    chosen = [one for one in organisations if one.tenant == visit.form.get("organisation")]
    if not chosen:
        return _form(deps, organisations, 422, "Please choose one of the organisations.")
    if not deps.consents.settle(visit.own_session):
        raise Refused("choice")
    made = link(visit, deps, side, offer.grant, offer.scopes, chosen)
    return arrived(made, offer.connection, offer.next)


def _offer(visit: Visit, deps: Dependencies) -> Offer:
    offer = deps.consents.offered(visit.own_session, visit.now)
    if offer is None:
        raise Refused("choice")
    return offer


def _organisations(side: XeroSide, offer: Offer) -> list[Organisation]:
    try:
        return side.identity.connections(side.grants.access_token(WORKSPACE, offer.grant))
    except LedgercastError:
        raise Refused("organisations") from None


def _form(deps: Dependencies, organisations: list[Organisation], status: int = 200, alert: str = "") -> Reply:
    here = {one.tenant for one in deps.connections.list() if one.is_open}
    listed = [(one, one.tenant in here) for one in organisations]
    return page("choose.html.j2", status, organisations=listed, alert=alert)
