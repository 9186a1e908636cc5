"""A connection as the pages show it: its state in words, what it lacks, and which of the metrics it can be used for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from functions.console.permissions import words_for
from ledgercast.domain.catalogue import METRICS, Category, Metric
from ledgercast.domain.connections import BY_MEMBER, GONE_IN_XERO, GRANT_ENDED, Connection, ConnectionState
from ledgercast.second_factor import HELD_BECAUSE_OFF
from ledgercast.text import one_line, shorten
from ledgercast.xero.scopes import lacking

Tone = Literal["good", "warn", "bad"]

MOST_NAME = 120

_STATES: dict[ConnectionState, tuple[Tone, str]] = {
    "connected": ("good", "Connected"),
    "needs_scopes": ("warn", "Connected, permissions missing"),
    "held": ("warn", "Held"),
    "disconnected": ("bad", "Disconnected"),
}
_WHY = {
    BY_MEMBER: "It was disconnected here. Its charts stopped, and what was kept of its books was deleted.",
    GRANT_ENDED: "Xero no longer accepts the consent that was given. Its charts are held until it is reconnected.",
    GONE_IN_XERO: "It was disconnected in Xero, under Connected apps. Its charts are held until it is reconnected.",
    HELD_BECAUSE_OFF: "The member who connected it has no two-factor authentication. Its charts go on by themselves "
    "once that member turns it on.",
}
_WITHOUT_REASON: dict[ConnectionState, str] = {
    "held": "Its charts are held for the time being.",
    "disconnected": "Its charts are held until it is reconnected.",
}


@dataclass(frozen=True)
class Shown:
    """`name` is fit for one line. `lacking` names the metrics that cannot be made, each with the scopes it lacks."""

    id: str
    name: str
    state: ConnectionState
    tone: Tone
    words: str
    why: str
    lacking: dict[str, tuple[str, ...]]
    connection: Connection

    @property
    def is_open(self) -> bool:
        return self.connection.is_open

    @property
    def gaps(self) -> list[tuple[str, list[str]]]:
        """What each missing permission is in words, with the titles of the metrics that need it."""
        titles = {one.id: one.title for one in METRICS}
        needing: dict[str, list[str]] = {}
        for metric, scopes in self.lacking.items():
            for scope in scopes:
                needing.setdefault(scope, []).append(titles[metric])
        return [(words_for(scope), metrics) for scope, metrics in needing.items()]


@dataclass(frozen=True)
class Availability:
    """One metric on one connection. `reason` is "" where it can be made."""

    metric: Metric
    reason: str


def shown(connection: Connection) -> Shown:
    gaps = lacking(connection.scopes)
    state: ConnectionState = connection.state
    if state == "connected" and gaps:  # consented to before a metric asked for more
        state = "needs_scopes"
    tone, words = _STATES[state]
    return Shown(
        id=connection.id,
        name=shorten(one_line(connection.name), MOST_NAME) or "Unnamed organisation",
        state=state,
        tone=tone,
        words=words,
        why=_why(connection),
        lacking=gaps,
        connection=connection,
    )


def _why(connection: Connection) -> str:
    """Why it is not open; "" where it is."""
    if connection.is_open:
        return ""
    if connection.delete_pending:
        return "It was disconnected here, and its charts stopped. Xero could not be told yet; that is tried every day."
    return _WHY.get(connection.held_reason, _WITHOUT_REASON[connection.state])


def by_category(one: Shown) -> list[tuple[Category, list[Availability]]]:
    """The whole catalogue in its four categories, each metric with what stands against it."""
    return [
        (category, [Availability(metric, _reason(one, metric)) for metric in METRICS if metric.category == category])
        for category in get_args(Category)
    ]


def _reason(one: Shown, metric: Metric) -> str:
    if one.state == "disconnected":
        return "Reconnect to enable"
    if one.state == "held":
        return "Held"
    if metric.id in one.lacking:
        return "Reconnect to enable. It needs: " + listed(one.lacking[metric.id])
    return ""


def listed(scopes: Iterable[str]) -> str:
    """Permissions in one line, in words."""
    return "; ".join(words_for(scope) for scope in scopes)
