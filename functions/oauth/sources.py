"""Disconnecting an organisation: by an owner, or by the member who connected it."""

from __future__ import annotations

from functions.oauth.compose import Dependencies
from functions.oauth.flow import log
from functions.oauth.link import settle
from ledgercast.domain.connections import BY_MEMBER, Connection
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, not_found, problem, redirect
from ledgercast.web.visit import Visit
from ledgercast.xero.disconnect import Ending


def register(app: App[Dependencies]) -> None:
    app.route("POST", "/sources/{connection}/disconnect", who="member")(disconnect)


def disconnect(visit: Visit, deps: Dependencies) -> Reply:
    """Shut it here first; what then fails at Xero is made good by keepalive (OA-6)."""
    connection = deps.connections.get(visit.params["connection"])
    if connection is None:
        return not_found()
    if not (visit.signed_in.is_owner or connection.connected_by == visit.actor):
        deps.edge.audit.note("access.denied", visit.actor, visit.address, connection.id, "forbidden")
        return problem(403, "Not yours to disconnect", "An owner of the workspace, or who connected it, can do this.")
    if _is_over(connection):
        return redirect("/sources?done=disconnected")
    deps.connections.disconnect(connection.id, BY_MEMBER, pending=True)
    ending = _finish(deps, connection)
    settle(deps)
    deps.edge.audit.note("xero.disconnected", visit.actor, visit.address, connection.id, ending)
    return redirect(f"/sources?done={'disconnected' if ending == 'ok' else ending}")


def _is_over(connection: Connection) -> bool:
    shut = connection.state == "disconnected" and connection.held_reason == BY_MEMBER
    return shut and not connection.delete_pending


def _finish(deps: Dependencies, connection: Connection) -> Ending:
    try:
        return deps.xero().disconnects.finish(connection.id)
    except Exception as fault:
        log.error("a disconnect was left to keepalive", extra={"kind": type(fault).__name__})
        return "pending"
