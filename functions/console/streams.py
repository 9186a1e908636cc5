"""Streams: which of Xero's events are told in which Slack channel; how to have Xero send them; and a test event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from functions.console import pulse_form
from functions.console.compose import Dependencies
from functions.console.picker import INVITE
from functions.console.pulse_channels import NOT_SEARCHED, Search, resolved, search
from functions.console.pulse_form import Picked
from functions.console.pulse_views import zone_named
from functions.console.stream_body import Invalid, Wanted, read
from functions.console.stream_views import FAMILY_TITLES, Shown, shown_route
from functions.console.views import shown
from ledgercast.domain.streams import HAPPENINGS, KINDS, MOST_ROUTES, Route, new_route_id, route_id
from ledgercast.text import one_line
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, not_found, page, redirect
from ledgercast.web.visit import Visit

_NEW = "/streams/new"
WEBHOOK = "/webhooks/xero"
DONE = {
    "added": "The stream was added.",
    "deleted": "The stream was deleted. Nothing more of it is posted.",
    "tested": "A test event is on its way. It comes to the channel within a few seconds, marked as a test.",
}
"""What the page says after a redirect to `/streams?done=<word>`."""


@dataclass(frozen=True)
class Typed:
    """The form as it was typed; `channel` is the one chosen, `others` were found beside it."""

    connection: str = ""
    channel: Picked | None = None
    q: str = ""
    kinds: tuple[str, ...] = KINDS
    only: str = "both"


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/streams", who="member")(streams)
    app.route("GET", _NEW, who="member")(new)
    app.route("POST", _NEW, who="member")(create)
    app.route("POST", "/streams/{route}/test", who="member")(test)
    app.route("POST", "/streams/{route}/delete", who="member")(delete)


def streams(visit: Visit, deps: Dependencies) -> Reply:
    found = all_shown(deps)
    return page(
        "streams.html.j2",
        notice=DONE.get(visit.query.get("done", "")),
        streams=found,
        heard=any(one.route.last_event_at for one in found),
        usable=any(one.is_open for one in deps.connections.list()),
        address=deps.edge.settings.public_url + WEBHOOK,
    )


def all_shown(deps: Dependencies) -> list[Shown]:
    return [shown_of(one, deps) for one in deps.routes.list()]


def shown_of(route: Route, deps: Dependencies) -> Shown:
    zone = zone_named(deps.settings.get().timezone)
    hours = partial(deps.rhythm.hours, route.connection)
    return shown_route(route, deps.connections.get(route.connection), hours, deps.edge.now(), zone)


def new(visit: Visit, deps: Dependencies) -> Reply:
    """A lone organisation is chosen already, and every kind ticked."""
    usable = [one.id for one in deps.connections.list() if one.is_open]
    wanted = visit.query.get("connection", "")
    chosen = wanted if wanted in usable else usable[0] if len(usable) == 1 else ""
    return _form(deps, Typed(connection=chosen), new_route_id())


def create(visit: Visit, deps: Dependencies) -> Reply:
    """A second press of the same form makes no second stream: the form names the one that it makes."""
    typed, name = _typed(visit), visit.form.get("id", "")
    route = name if route_id(name) else new_route_id()
    if visit.form.get("do") != "save":
        typed, looked = _found(deps, typed, visit)
        return _form(deps, typed, route, 409 if looked.trouble else 200, problems=_trouble(looked), looked=looked)
    typed, looked = _resolved(deps, typed)
    try:
        wanted = read(_body(typed), deps, route)
    except Invalid as wrong:
        return _form(deps, typed, route, 422, problems=wrong.problems | _trouble(looked), looked=looked)
    if looked.trouble:
        return _form(deps, typed, route, 422, problems=_trouble(looked), looked=looked)
    add(visit, deps, wanted, route)
    return redirect("/streams?done=added")


def add(visit: Visit, deps: Dependencies, wanted: Wanted, route: str) -> Route:
    """Keep it, and write down who did so; one that is kept already stays as it is."""
    made = wanted.route(route, visit.actor, int(deps.edge.now().timestamp()))
    if not deps.routes.create(made):
        return deps.routes.get(route) or made
    deps.edge.audit.note("stream.added", visit.actor, visit.address, route)
    return made


def remove(visit: Visit, deps: Dependencies, route: str) -> bool:
    if not deps.routes.delete(route):
        return False
    deps.edge.audit.note("stream.removed", visit.actor, visit.address, route)
    return True


def test(visit: Visit, deps: Dependencies) -> Reply:
    """By the queue, as an event of Xero's goes: the message in Slack shows that everything behind it works."""
    route = deps.routes.get(visit.params["route"])
    connection = deps.connections.get(route.connection) if route else None
    if route is None or connection is None:
        return not_found()
    deps.events.put_test(connection.tenant, route.kinds[0], route.id, deps.edge.now())
    deps.edge.audit.note("stream.tested", visit.actor, visit.address, route.id)
    return redirect("/streams?done=tested")


def delete(visit: Visit, deps: Dependencies) -> Reply:
    return redirect("/streams?done=deleted") if remove(visit, deps, visit.params["route"]) else not_found()


def _typed(visit: Visit) -> Typed:
    form = visit.form
    kinds = tuple(value for name, value in visit.fields if name == "kinds")
    channel = Picked.read(form["channel"]) if form.get("channel") else None
    return Typed(form.get("connection", ""), channel, one_line(form.get("q", "")), kinds, form.get("only", ""))


def _body(typed: Typed) -> dict[str, object]:
    channel = typed.channel.id if typed.channel else ""
    return {"connection": typed.connection, "channel": channel, "kinds": list(typed.kinds), "only": typed.only}


def _found(deps: Dependencies, typed: Typed, visit: Visit) -> tuple[Typed, Search]:
    rest = visit.form.get("rest", "")[:500] if visit.form.get("do") == "further" else ""
    return _picked(typed, *search(deps, _as_pulse(typed), rest))


def _resolved(deps: Dependencies, typed: Typed) -> tuple[Typed, Search]:
    return _picked(typed, *resolved(deps, _as_pulse(typed)))


def _as_pulse(typed: Typed) -> pulse_form.Typed:
    """The part of the form that a pulse's has too: the picker of channels is one."""
    return pulse_form.Typed(channels=(typed.channel,) if typed.channel else (), q=typed.q)


def _picked(typed: Typed, asked: pulse_form.Typed, looked: Search) -> tuple[Typed, Search]:
    """A stream goes to one channel: the one that was found last."""
    return replace(typed, channel=asked.channels[-1] if asked.channels else None, q=asked.q), looked


def _trouble(looked: Search) -> dict[str, str]:
    return {"channel": looked.trouble} if looked.trouble else {}


def _form(
    deps: Dependencies,
    typed: Typed,
    route: str,
    status: int = 200,
    *,
    problems: Mapping[str, str] | None = None,
    looked: Search = NOT_SEARCHED,
) -> Reply:
    problems = problems or {}
    sources = [shown(one) for one in deps.connections.list()]
    return page(
        "stream_form.html.j2",
        status,
        alert=" ".join(problems.values()) or None,
        typed=typed,
        id=route,
        problems=problems,
        sources=[one for one in sources if one.is_open or one.id == typed.connection],
        installs=deps.installs.list(),
        found=looked.found,
        rest=looked.rest,
        searched=looked.searched,
        invite=INVITE,
        families=FAMILY_TITLES,
        happenings=HAPPENINGS.values(),
        most=MOST_ROUTES,
    )
