"""To Xero and back (design 6, 7; facts.md 1).

Of all the organisations that a Xero user ever gave us, a consent is for those of its own authentication event, never
for the first or the newest. The tokens are saved before anything else is asked: Xero has replaced this user's former
ones by now, and whatever fails afterwards must not lose them for the user's other organisations.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from functions.oauth import flow
from functions.oauth.compose import Dependencies, XeroSide
from functions.oauth.gate import to_second_factor, verified
from functions.oauth.link import arrived, link, refresh_others
from functions.oauth.reasons import Refused, of_xero
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.errors import LedgercastError
from ledgercast.store.consents import Begun, Offer
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, redirect, redirect_to_provider
from ledgercast.web.visit import Visit
from ledgercast.xero.identity import TokenSet, claims

START = "/oauth/xero/start"


def register(app: App[Dependencies]) -> None:
    app.route("GET", START, who="member")(start)
    app.route("GET", "/oauth/xero/callback", who="member")(callback)


@flow.ending("xero")
def start(visit: Visit, deps: Dependencies) -> Reply:
    """To Xero's consent page, or first to the second factor. Optional: `connection` to mend, `next` to go to."""
    connection = _asked_connection(visit, deps)
    if not verified(visit):
        return to_second_factor(_address(connection, flow.wished(visit)))
    identity = deps.xero().identity
    started, cookie = flow.begin(visit, deps, "xero", connection)
    url = identity.authorise_url(
        redirect=flow.callback_address(deps, "xero"),
        state=started.state,
        challenge=started.challenge,
        scopes=deps.scopes,
    )
    return redirect_to_provider(url, identity.addresses.xero_login, cookie)


@flow.ending("xero")
def callback(visit: Visit, deps: Dependencies) -> Reply:
    """What Xero sends back: a code to be exchanged, or an error."""
    begun = flow.returned(visit, deps.consents, "xero")
    if not verified(visit):
        deps.edge.audit.note("xero.refused", visit.actor, visit.address, outcome="second_factor")
        return to_second_factor(_address(begun.connection, begun.next))
    code, side = flow.code_of(visit), deps.xero()
    tokens, grant = _saved(deps, side, code, begun)
    missing = "ok" if set(deps.scopes) <= set(tokens.scopes) else "subset"
    deps.edge.audit.note("xero.scopes_granted", visit.actor, visit.address, grant, missing)
    return _connected(visit, deps, side, begun, tokens, grant)


def _saved(deps: Dependencies, side: XeroSide, code: str, begun: Begun) -> tuple[TokenSet, str]:
    """The tokens of this consent, and the id of the grant under which they now lie. Raises Refused."""
    try:
        tokens = side.identity.exchange(code, redirect=flow.callback_address(deps, "xero"), verifier=begun.verifier)
        return tokens, side.grants.create(WORKSPACE, tokens)
    except LedgercastError as error:
        raise Refused(of_xero(error)) from None


def _connected(visit: Visit, deps: Dependencies, side: XeroSide, begun: Begun, tokens: TokenSet, grant: str) -> Reply:
    """Connect what the consent names; where it names nothing, let the member choose. Raises Refused."""
    refresh_others(visit, deps, grant, tokens.scopes)
    event = claims(tokens.access_token).auth_event
    try:
        named = side.identity.connections(tokens.access_token, event) if event else []
        known = named or side.identity.connections(tokens.access_token)
    except LedgercastError:
        side.disconnects.end_unused(grant)
        raise Refused("organisations") from None
    if named:
        return arrived(link(visit, deps, side, grant, tokens.scopes, named), begun.connection, begun.next)
    if not known:
        side.disconnects.end_unused(grant)
        raise Refused("no_organisation")
    deps.consents.offer(visit.own_session, Offer(grant, tokens.scopes, begun.next, begun.connection), visit.now)
    return redirect("/oauth/xero/choose")


def _asked_connection(visit: Visit, deps: Dependencies) -> str:
    """The connection that is to be mended, if there is such a one."""
    wanted = visit.query.get("connection", "")
    found = deps.connections.get(wanted) if 0 < len(wanted) <= 80 and wanted.isascii() else None
    return found.id if found else ""


def _address(connection: str, next_page: str) -> str:
    """This very start, with what was asked of it."""
    query = {name: value for name, value in (("connection", connection), ("next", next_page)) if value}
    return f"{START}?{urlencode(query, quote_via=quote, safe='')}" if query else START
