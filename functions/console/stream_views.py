"""A stream as the pages and the API show it: what it tells where, and whether anything comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Literal

from functions.console.pulse_views import moment
from functions.console.views import MOST_NAME, shown
from ledgercast.domain.connections import Connection
from ledgercast.domain.rhythm import silence
from ledgercast.domain.streams import FAMILIES, HAPPENINGS, ONLY_WORDS, Route
from ledgercast.messages import reason
from ledgercast.text import one_line, shorten

Standing = Literal["waiting", "receiving", "silent", "failing"]

STATES: dict[Standing, tuple[str, str]] = {
    "waiting": ("calm", "Waiting for the first event"),
    "receiving": ("good", "Receiving"),
    "silent": ("warn", "Silent"),
    "failing": ("bad", "Failing"),
}
FAMILY_TITLES = {
    "invoice": "Invoices and bills",
    "contact": "Contacts",
    "credit_note": "Credit notes",
    "prepayment": "Prepayments",
    "overpayment": "Overpayments",
}
"""A family of kinds as a row of the form."""


@dataclass(frozen=True)
class Shown:
    """`organisation` and `channel` are fit for one line. `told` are the kinds in words, a line for each family."""

    id: str
    organisation: str
    channel: str
    told: tuple[str, ...]
    only: str
    state: Standing
    tone: str
    words: str
    why: str
    last: str
    last_at: datetime | None
    route: Route

    @property
    def can_test(self) -> bool:
        return self.state != "failing" or bool(self.route.failing_reason)


def shown_route(
    route: Route, connection: Connection | None, hours: Callable[[], Iterable[datetime]], now: datetime, zone: tzinfo
) -> Shown:
    """`hours` has the rhythm of the connection's events; it is asked for only where the state depends on it."""
    state, why = _standing(route, connection, hours, now, zone)
    tone, words = STATES[state]
    last = datetime.fromtimestamp(route.last_event_at, UTC) if route.last_event_at else None
    return Shown(
        id=route.id,
        organisation=shown(connection).name if connection else "An organisation that is no longer here",
        channel=shorten(one_line(route.channel_name), MOST_NAME) or route.channel,
        told=tuple(_told(route.kinds)),
        only=ONLY_WORDS[route.only] if route.only else "",
        state=state,
        tone=tone,
        words=words,
        why=why,
        last=moment(last.astimezone(zone)) if last else "",
        last_at=last,
        route=route,
    )


def _standing(
    route: Route, connection: Connection | None, hours: Callable[[], Iterable[datetime]], now: datetime, zone: tzinfo
) -> tuple[Standing, str]:
    if connection is None:
        return "failing", "Its organisation is no longer here. Delete the stream."
    if not connection.is_open:
        return "failing", shown(connection).why
    if route.failing_reason:
        return "failing", reason(route.failing_reason).replace("this pulse", "this stream")  # whose words they are
    if not route.last_event_at:
        return "waiting", ""
    quiet = silence(hours(), now)
    if quiet:
        since = moment(quiet.since.astimezone(zone))
        return "silent", f"Nothing has come since {since}, which is unusually long. See “When nothing comes” below."
    return "receiving", ""


def _told(kinds: Iterable[str]) -> Iterable[str]:
    """«Invoices and bills: created, updated», family by family."""
    wanted = set(kinds)
    for family in FAMILIES.values():
        happenings = [one for one in HAPPENINGS.values() if f"{family}.{one}" in wanted]
        if happenings:
            yield f"{FAMILY_TITLES[family]}: {', '.join(happenings)}"
