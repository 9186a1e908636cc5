"""What a consent changes here: the organisations it names are connected, the others of its user go on with it.

A connection's state alone holds its pulses, so that connecting it again resumes them; nothing is written to a pulse.
"""

from __future__ import annotations

from collections.abc import Iterable

from functions.oauth.compose import Dependencies, XeroSide
from functions.oauth.flow import log
from ledgercast.domain import connections as domain
from ledgercast.domain.connections import Connection
from ledgercast.store.table import Item
from ledgercast.web.reply import Reply, redirect
from ledgercast.web.visit import Visit
from ledgercast.xero.identity import Connection as Organisation
from ledgercast.xero.scopes import state_of


def link(
    visit: Visit,
    deps: Dependencies,
    side: XeroSide,
    grant: str,
    scopes: tuple[str, ...],
    organisations: Iterable[Organisation],
) -> list[Connection]:
    """Connect these organisations by this grant, new ones and known ones alike; holds and disconnects are over."""
    made = []
    for organisation in organisations:
        connection_id = deps.connections.id_for(organisation.tenant)
        before = deps.connections.get(connection_id)
        connection = Connection(
            id=connection_id,
            tenant=organisation.tenant,
            name=organisation.name,
            grant=grant,
            state=state_of(scopes),
            scopes=scopes,
            xero_connection=organisation.id,
            connected_by=visit.actor,
            connected_at=int(visit.now.timestamp()),
        )
        deps.connections.save(connection)
        deps.edge.audit.note("xero.connected", visit.actor, visit.address, connection_id)
        if before and before.grant != grant:
            side.disconnects.end_unused(before.grant)
        made.append(connection)
    settle(deps)
    return made


def settle(deps: Dependencies) -> None:
    """Close or open the incidents of what changed; where that fails, keepalive does it within the day."""
    try:
        deps.settle()
    except Exception as fault:
        log.error("incidents were left to keepalive", extra={"kind": type(fault).__name__})


def refresh_others(visit: Visit, deps: Dependencies, grant: str, scopes: tuple[str, ...]) -> None:
    """The user's connections share the new tokens and their scopes; those that ended with the former consent resume.

    What a member disconnected here, or somebody in Xero, stays so. What is held stays held, and will be what its
    scopes allow.
    """
    for one in deps.connections.of_grant(grant):
        ended = one.state == "disconnected"
        if ended and (one.delete_pending or one.held_reason in (domain.BY_MEMBER, domain.GONE_IN_XERO)):
            continue
        state = state_of(scopes)
        # Who judges by the consent before, at this very moment, sees by `connected_at` that there is a new one.
        changes: Item = {"scopes": list(scopes), "connected_at": int(visit.now.timestamp())}
        if one.state == "held":
            deps.connections.update(one.id, {**changes, "held_was": state}, "#state = :held", held="held")
            continue
        changes |= {"state": state, "held_reason": ""}
        if deps.connections.update(one.id, changes, "#state = :seen", seen=one.state) and ended:
            deps.edge.audit.note("xero.resumed", visit.actor, visit.address, one.id)


def arrived(made: list[Connection], mended: str, next_page: str) -> Reply:
    """On to the page that was wished for, or to what was connected."""
    if next_page:
        return redirect(next_page)
    if mended and mended not in {one.id for one in made}:
        return redirect("/sources?done=another")
    place = f"/sources/{made[0].id}" if len(made) == 1 else "/sources"
    return redirect(f"{place}?done={'reconnected' if mended else 'connected'}")
