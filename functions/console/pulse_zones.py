"""The time zone of an organisation, which a pulse has unless another one is chosen.

Xero tells it with the figures alone. So it is learned from the first preview of any metric, and kept with the
connection.
"""

from __future__ import annotations

from typing import Any

from functions.console.compose import Dependencies
from functions.console.views import Shown
from functions.console.zones import by_region, zones
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.catalogue import METRICS
from ledgercast.domain.connections import Connection
from ledgercast.domain.workspace import UTC, Settings
from ledgercast.store.invoke import FunctionFailed, StillWorking
from ledgercast.xero.scopes import missing


def organisation_zone(deps: Dependencies, connection: Connection) -> str:
    """Its IANA name; "" while nobody knows it."""
    return connection.timezone or _learned(deps, connection)


def _learned(deps: Dependencies, connection: Connection) -> str:
    """Asked once for a connection, within the bound of a preview; the snapshot serves the preview and the runs too."""
    metric = next((one.id for one in METRICS if not missing(one.id, connection.scopes)), "")
    if not (connection.is_open and metric):
        return ""
    try:
        wanted = {"metric": metric, "connection": connection.id}
        answer = deps.fetch.ask({"workspace": WORKSPACE, "preview": wanted})
    except (StillWorking, FunctionFailed):
        return ""
    if answer["outcome"] != "ready":
        return ""
    zone = str(deps.artefacts.get_json(answer["facts"])["organisation"]["timezone"])
    deps.connections.update(connection.id, {"timezone": zone})
    return zone


def zone_choices(settings: Settings, source: Shown | None, chosen: str) -> dict[str, Any]:
    """What the form offers: the organisation's zone and the workspace's first, then all of them by region."""
    own = source.connection.timezone if source else ""
    first = {settings.timezone: f"{settings.timezone} (the workspace's)"}
    if source is None:
        first = {"": "That of the organisation", **first}
    if source and own:
        first = {own: f"{own} (the organisation's)", **{name: told for name, told in first.items() if name != own}}
    if chosen and chosen not in first and chosen not in zones():
        first[chosen] = chosen
    if UTC not in first:
        first[UTC] = UTC
    return {
        "zones_first": list(first.items()),
        "zone_values": set(first),
        "regions": by_region(),
        "zone_note": "" if own or not source else _UNKNOWN,
    }


_UNKNOWN = "The organisation's own time zone is not known yet, so please check this one."
