"""A pulse as the pages show it: its state in words and why, where and when it goes, its last run and its next ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from functions.console.views import Tone, shown
from ledgercast.domain.catalogue import metric
from ledgercast.domain.connections import Connection
from ledgercast.domain.errors import UnknownMetric
from ledgercast.domain.pulses import Destination, Pulse, shown_state
from ledgercast.domain.runs import Run
from ledgercast.domain.schedules import Schedule
from ledgercast.messages import reason
from ledgercast.text import one_line

Standing = Literal["active", "paused", "held", "error"]

STATES: dict[Standing, tuple[Tone | Literal["calm"], str]] = {
    "active": ("good", "Active"),
    "paused": ("calm", "Paused"),
    "held": ("warn", "Held"),
    "error": ("bad", "Error"),
}
RUNS: dict[str, tuple[str, str]] = {
    "running": ("calm", "Running"),
    "sent": ("good", "Sent"),
    "partly_sent": ("warn", "Partly sent"),
    "skipped": ("calm", "Skipped"),
    "deferred": ("warn", "Deferred"),
    "failed": ("bad", "Failed"),
}
SUMMARIES = {"off": "No comment", "template": "A comment that is computed here", "ai": "A comment by AI, checked"}
MOST_TARGETS = 4


@dataclass(frozen=True)
class NextRun:
    """A time to come. `runs` is False where daylight saving leaves it out, as `note` says."""

    at: datetime
    words: str
    note: str
    runs: bool


@dataclass(frozen=True)
class PastRun:
    """A run that began at `at`; `why` is "" unless something stands against it."""

    at: datetime
    when: str
    state: str
    tone: str
    words: str
    why: str
    link: str
    test: bool


@dataclass(frozen=True)
class Shown:
    """`organisation` and `name` are fit for one line; `targets` are at most MOST_TARGETS and how many more. `is_open`:
    its organisation is connected."""

    id: str
    name: str
    metric: str
    organisation: str
    targets: tuple[str, ...]
    schedule: str
    zone: str
    state: Standing
    tone: str
    state_words: str
    why: str
    last: PastRun | None
    coming: tuple[NextRun, ...]
    is_open: bool
    pulse: Pulse

    @property
    def next(self) -> NextRun | None:
        return next((run for run in self.coming if run.runs), None)

    @property
    def no_next(self) -> str:
        return "Paused" if self.paused else "None is planned"

    @property
    def paused(self) -> bool:
        return self.pulse.state == "paused"

    @property
    def can_send(self) -> bool:
        """Whether a run by hand would send: a paused one too, since the pause is its schedule's alone."""
        return self.state != "held" and self.is_open


def shown_pulse(
    pulse: Pulse, connections: Mapping[str, Connection], last: Run | None, now: datetime, count: int = 1
) -> Shown:
    """`last` is the newest run, `count` how many of the next runs are wanted."""
    connection = connections.get(pulse.connection)
    schedule, zone = pulse.when, zone_named(str(pulse.schedule.get("timezone") or ""))
    newest = past_run(last, zone) if last else None
    standing, why = _standing(pulse, connection, newest)
    tone, words = STATES[standing]
    return Shown(
        id=pulse.id,
        name=name_of(pulse),
        metric=title_of(pulse.metric),
        organisation=shown(connection).name if connection else "An organisation that is no longer here",
        targets=_targets(pulse.destinations),
        schedule=schedule.words() if schedule else "Sent by hand alone",
        zone=zone.key,
        state=standing,
        tone=tone,
        state_words=words,
        why=why,
        last=newest,
        coming=tuple(next_runs(schedule, now, count)) if schedule and pulse.state != "paused" else (),
        is_open=connection is not None and connection.is_open,
        pulse=pulse,
    )


def next_runs(schedule: Schedule, now: datetime, count: int) -> Iterable[NextRun]:
    for run in schedule.next(now, count):
        yield NextRun(run.at, moment(run.at), run.note[:1].upper() + run.note[1:], run.runs)


def past_run(run: Run, zone: tzinfo) -> PastRun:
    at = datetime.fromisoformat(run.started_at).astimezone(zone)
    tone, words = RUNS.get(run.state, ("calm", run.state))
    return PastRun(
        at=at,
        when=moment(at),
        state=run.state,
        tone=tone,
        words=words,
        why=reason(run.reason) if run.reason and run.state not in ("sent", "running") else "",
        link=f"/activity/{run.id}",
        test=run.is_test,
    )


def _standing(pulse: Pulse, connection: Connection | None, last: PastRun | None) -> tuple[Standing, str]:
    state = shown_state(pulse, connection.state if connection else None)
    if state == "held":
        if pulse.state == "held":
            return "held", "It is held for the time being."
        return "held", shown(connection).why if connection else "Its organisation is no longer here. Choose another."
    if state == "active" and last and last.state == "failed":
        return "error", last.why
    return ("paused" if state == "paused" else "active"), ""


def _targets(destinations: Iterable[Destination]) -> tuple[str, ...]:
    names = [name for one in destinations for name in target_names(one)]
    if len(names) <= MOST_TARGETS:
        return tuple(names)
    return (*names[: MOST_TARGETS - 1], f"{len(names) - MOST_TARGETS + 1} more")


def target_names(one: Destination) -> tuple[str, ...]:
    """A channel by its name, where it is known; each address of a list."""
    return one.addresses if one.kind == "email" else (f"#{one_line(one.channel_name) or one.channel}",)


def name_of(pulse: Pulse) -> str:
    return one_line(pulse.name) or title_of(pulse.metric)


def title_of(metric_id: str) -> str:
    try:
        return metric(metric_id).title
    except UnknownMetric:
        return metric_id


def zone_named(name: str) -> ZoneInfo:
    """The zone; UTC where its name is not known here."""
    try:
        return ZoneInfo(name or "UTC")
    except (ValueError, OSError, KeyError):
        return ZoneInfo("UTC")


def moment(at: datetime) -> str:
    """«Mon 30 Nov 2026, 09:00»."""
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M}"
