"""What the API and the form say of a stream, judged by the same rules: a connection, a channel, kinds of events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.console.compose import Dependencies
from functions.console.views import shown
from ledgercast.destinations import Refusal
from ledgercast.domain.connections import Connection
from ledgercast.domain.pulses import Destination
from ledgercast.domain.streams import MOST_ROUTES, Only, Route, StreamInvalid, kind_words, kinds_of, only_of

Problems = dict[str, str]

LABELS = {"connection": "Organisation", "channel": "Slack channel", "kinds": "Events", "only": "Sales or bills"}
"""Each field that can be wrong, in the order of the form."""


class Invalid(Exception):
    """`problems` has a sentence for each field of LABELS that cannot be taken; each begins with the field's label."""

    def __init__(self, problems: Problems) -> None:
        self.problems = {name: f"{LABELS[name]}: {problems[name]}" for name in LABELS if name in problems}
        super().__init__(" ".join(self.problems.values()))


@dataclass(frozen=True)
class Wanted:
    connection: Connection
    destination: Destination
    kinds: tuple[str, ...]
    only: Only | None

    def route(self, route: str, by: str, at: int) -> Route:
        to = self.destination
        return Route(route, self.connection.id, to.channel, to.install, to.channel_name, self.kinds, self.only, by, at)


def read(body: Mapping[str, Any], deps: Dependencies, own: str = "") -> Wanted:
    """`own` is the id that the route will have: a form sent twice does not meet itself. Raises Invalid."""
    problems: Problems = {}
    connection = _connection(body.get("connection"), deps, problems)
    destination = _channel(body.get("channel"), deps, problems)
    kinds, only = _events(body, problems)
    if connection and destination and not problems:
        others = [one for one in deps.routes.list() if one.id != own]
        if len(others) >= MOST_ROUTES:
            problems["kinds"] = f"There are {MOST_ROUTES} streams already. Delete one first."
        again = _told_already(others, connection, destination, kinds, only)
        if again:
            problems["kinds"] = again
    if problems or connection is None or destination is None:
        raise Invalid(problems)
    return Wanted(connection, destination, kinds, only)


def _connection(wanted: Any, deps: Dependencies, problems: Problems) -> Connection | None:
    if not wanted:
        problems["connection"] = "Choose the organisation whose events are told."
        return None
    found = deps.connections.get(wanted) if isinstance(wanted, str) and len(wanted) <= 80 else None
    if found is None:
        problems["connection"] = "There is no such organisation here. Choose one of those under Sources."
        return None
    if not found.is_open:
        problems["connection"] = f"{shown(found).name} is not connected at the moment. Mend it under Sources first."
    return found


def _channel(wanted: Any, deps: Dependencies, problems: Problems) -> Destination | None:
    found = deps.destinations().check_slack(wanted if isinstance(wanted, str) else "")
    if isinstance(found, Refusal):
        problems["channel"] = found.message
        return None
    return found


def _events(body: Mapping[str, Any], problems: Problems) -> tuple[tuple[str, ...], Only | None]:
    kinds: tuple[str, ...] = ()
    only: Only | None = None
    try:
        given = body.get("kinds")
        if not isinstance(given, list | tuple):
            raise StreamInvalid("kinds", "Name them as a list.")
        kinds = kinds_of(given)
    except StreamInvalid as wrong:
        problems[wrong.field] = str(wrong)
    try:
        only = only_of(body.get("only"))
    except (StreamInvalid, TypeError):
        problems["only"] = "Choose sales, bills or both."
    return kinds, only


def _told_already(
    others: Iterable[Route], connection: Connection, to: Destination, kinds: tuple[str, ...], only: Only | None
) -> str:
    """A channel hears of an event once: what another stream tells it already, this one must not. "" where none does."""
    for one in others:
        meets = only is None or one.only is None or only == one.only
        both = [kind for kind in kinds if kind in one.kinds]
        if one.connection == connection.id and one.channel == to.channel and meets and both:
            told = kind_words(both[0]).lower()
            return f"Another stream tells #{to.channel_name} of this already: {told}. Untick it, or delete that one."
    return ""
