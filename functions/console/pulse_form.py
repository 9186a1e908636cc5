"""The form of a pulse as it stands in a browser: what it shows at first, and what was typed, word for word.

Nothing is judged here: `body` makes of the fields what the API takes, and `pulse_body` alone says what is wrong with
it. So a refused form shows again whatever was typed, however wrong.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ledgercast.domain.catalogue import metric
from ledgercast.domain.pulses import Pulse
from ledgercast.text import one_line, shorten
from ledgercast.web.visit import Visit

Body = dict[str, Any]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_AT = "09:00"
_MOST_CHANNELS = 50
_MOST_NAME = 80


@dataclass(frozen=True)
class Picked:
    """A channel as the form carries it; `name` is for people alone and is looked up anew when the form is saved."""

    id: str
    name: str

    @property
    def value(self) -> str:
        return f"{self.id}/{self.name}" if self.name else self.id

    @classmethod
    def read(cls, value: str) -> Picked:
        channel, _, name = value.partition("/")
        return cls(shorten(channel, 40), shorten(one_line(name), _MOST_NAME))


@dataclass(frozen=True)
class Typed:
    """Every field as text. `q` is what was typed to find a channel; `version` and `seen` are the pulse's version and
    its content when the form was opened, "" for a new one."""

    name: str = ""
    connection: str = ""
    metric: str = ""
    channels: tuple[Picked, ...] = ()
    q: str = ""
    addresses: str = ""
    every: str = "week"
    at: str = _AT
    minute: str = "0"
    days: tuple[str, ...] = ("mon",)
    day: str = "1"
    cron: str = ""
    timezone: str = ""
    summary: str = "template"
    names_to_ai: bool = False
    theme: str = "light"
    skip_unchanged: bool = False
    version: str = ""
    seen: str = ""


def suggested(metric_id: str) -> Body:
    """What a new pulse of the metric begins with: its cadence of the catalogue."""
    if metric(metric_id).cadence == "daily":
        return {"every": "weekday"}
    return {"every": "week", "days": ("mon",)}


def of_pulse(pulse: Pulse) -> Typed:
    """The form of a pulse that there is."""
    schedule: Body = {"every": "week", "timezone": "", **pulse.schedule}
    at = str(schedule.get("at") or _AT)
    addresses = [one for target in pulse.destinations for one in target.addresses]
    return Typed(
        name=pulse.name,
        connection=pulse.connection,
        metric=pulse.metric,
        channels=tuple(
            Picked(one.channel, one.channel_name or one.channel) for one in pulse.destinations if one.kind == "slack"
        ),
        addresses="\n".join(addresses),
        every=schedule["every"],
        at=_AT if schedule["every"] == "hour" else at,
        minute=str(int(at[3:])) if schedule["every"] == "hour" else "0",
        days=tuple(schedule.get("days") or ("mon",)),
        day=str(schedule.get("day") or 1),
        cron=str(schedule.get("cron") or ""),
        timezone=schedule["timezone"],
        summary=pulse.summary,
        names_to_ai=pulse.names_to_ai,
        theme=pulse.theme,
        skip_unchanged=pulse.skip_unchanged,
        version=str(pulse.version),
        seen=json.dumps(content(pulse)),
    )


def of_visit(visit: Visit) -> Typed:
    """What was sent, as it was typed."""
    form, many = visit.form, _many(visit)
    return Typed(
        name=form.get("name", ""),
        connection=form.get("connection", ""),
        metric=form.get("metric", ""),
        channels=tuple({one.id: one for one in map(Picked.read, many("channel"))}.values())[:_MOST_CHANNELS],
        q=form.get("q", "").strip(),
        addresses=form.get("addresses", ""),
        every=form.get("every", ""),
        at=form.get("at", ""),
        minute=form.get("minute", "0"),
        days=tuple(many("days")),
        day=form.get("day", ""),
        cron=form.get("cron", ""),
        timezone=form.get("timezone", ""),
        summary=form.get("summary", ""),
        names_to_ai=form.get("names_to_ai") == "yes",
        theme=form.get("theme", ""),
        skip_unchanged=form.get("skip_unchanged") == "yes",
        version=form.get("version", ""),
        seen=form.get("seen", ""),
    )


def _many(visit: Visit) -> Any:
    return lambda name: [value for key, value in visit.fields if key == name]


def body(typed: Typed) -> Body:
    """The form as the body of the API that says the same; of the schedule only what its frequency needs."""
    destinations: list[Body] = [{"kind": "slack", "channel": one.id} for one in typed.channels]
    if typed.addresses.strip():
        destinations.append({"kind": "email", "addresses": typed.addresses})
    return {
        "name": typed.name,
        "connection": typed.connection,
        "metric": typed.metric,
        "destinations": destinations,
        "schedule": schedule(typed),
        "summary": typed.summary,
        "names_to_ai": typed.names_to_ai,
        "theme": typed.theme,
        "skip_unchanged": typed.skip_unchanged,
    }


def schedule(typed: Typed) -> Body:
    given: Body = {"every": typed.every, "timezone": typed.timezone}
    if typed.every == "cron":
        return {**given, "cron": typed.cron}
    if typed.every == "hour":
        return {**given, "at": f"00:{typed.minute.zfill(2)}"}
    given["at"] = typed.at
    if typed.every == "week":
        given["days"] = list(typed.days)
    if typed.every == "month":
        given["day"] = int(typed.day) if re.fullmatch(r"\d{1,4}", typed.day, re.ASCII) else typed.day
    return given


def content(pulse: Pulse) -> Body:
    """What a pulse says, without what the system keeps of it: the same names as the API's."""
    return {
        "name": pulse.name,
        "connection": pulse.connection,
        "metric": pulse.metric,
        "destinations": [
            {"kind": "slack", "channel": one.channel, "channel_name": one.channel_name}
            if one.kind == "slack"
            else {"kind": "email", "addresses": list(one.addresses)}
            for one in pulse.destinations
        ],
        "schedule": dict(pulse.schedule),
        "summary": pulse.summary,
        "names_to_ai": pulse.names_to_ai,
        "theme": pulse.theme,
        "skip_unchanged": pulse.skip_unchanged,
        "state": pulse.state,
    }
