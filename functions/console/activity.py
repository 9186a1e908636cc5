"""What happened: every run of every pulse for all members, and (`?show=acts`) every act of LG-2 for owners."""

from __future__ import annotations

from itertools import groupby
from urllib.parse import quote

from functions.console.acts import acts_page
from functions.console.compose import Dependencies
from functions.console.run_views import Shown, views
from functions.console.zones import zone_of
from ledgercast.domain.runs import Run, run_id
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, page, problem
from ledgercast.web.visit import FormError, Visit

PAGE = 40
LOOK_AGAIN_SECONDS = 5
_LONGEST_ID = 150


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/activity", who="member")(activity)


def activity(visit: Visit, deps: Dependencies) -> Reply:
    if visit.query.get("show") == "acts":
        return acts_page(visit, deps) if visit.signed_in.is_owner else _for_owners(visit, deps)
    runs, more, first = newest(visit, deps, PAGE, "after")
    zone = zone_of(deps.settings.get())
    shown = views(deps, runs, zone)
    reply = page(
        "activity.html.j2",
        days=[(day, list(those)) for day, those in groupby(shown, key=_day)],
        zone=str(zone),
        older=f"/activity?after={quote(runs[-1].id, safe='')}" if more else "",
        newest=first,
    )
    under_way = any(one.state == "running" for one in runs)
    return reply.with_headers(Refresh=str(LOOK_AGAIN_SECONDS)) if under_way else reply


def newest(visit: Visit, deps: Dependencies, most: int, name: str) -> tuple[list[Run], bool, bool]:
    """A page of runs, the one that began last first: those, whether there are more, and whether it is the first page.

    The query's value of that name is the id of the run behind which the page goes on; those under way stand on the
    first one. Raises FormError for anything that no page of ours linked to.
    """
    text = visit.asked(name, _LONGEST_ID)
    if not text:
        under_way = [Run.from_item(one.row) for one in deps.runs.running()]
        ended, more = deps.runs.newest(most)
        known = {one.id for one in ended}  # the index may show one that has just ended twice
        return [*reversed([one for one in under_way if one.id not in known]), *ended], more, True
    named = run_id(text)
    after = deps.runs.get(*named) if named else None
    if after is None:
        raise FormError(name, "This page of the activity does not exist. Go back to the newest runs.")
    ended, more = deps.runs.newest(most, after)
    return ended, more, False


def _day(one: Shown) -> object:
    return one.began.date()


def _for_owners(visit: Visit, deps: Dependencies) -> Reply:
    deps.edge.audit.note("access.denied", visit.actor, visit.address, "GET /activity?show=acts", "forbidden")
    return problem(403, "For owners only", "Only an owner of this workspace may see who did what.")
