"""A pulse: metric, connection, destinations; a run of it for one slot."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from ledgercast.domain.connections import OPEN
from ledgercast.domain.schedules import Schedule

Kind = Literal["slack", "email"]
Summary = Literal["off", "template", "ai"]
Theme = Literal["light", "dark"]
State = Literal["active", "paused", "held", "deleted"]
"""held: kept from sending by the system, for as long as its reason lasts. deleted: a tombstone, by which past runs keep
their pulse's name; lists leave it out."""


@dataclass(frozen=True)
class Destination:
    """A Slack channel of one install, or a list of email addresses; `id` names it within its pulse.

    `channel_name` is what the channel was called when it was chosen, for people to read and for nothing else.
    """

    id: str
    kind: Kind
    channel: str = ""
    install: str = ""
    addresses: tuple[str, ...] = ()
    channel_name: str = ""

    @classmethod
    def from_item(cls, item: dict[str, Any]) -> Destination:
        known = {one.name: item[one.name] for one in fields(cls) if one.name in item}
        return cls(**{**known, "addresses": tuple(item.get("addresses", ()))})


@dataclass(frozen=True)
class Pulse:
    """`schedule` is a Schedule's `to_json`, or empty for a pulse that is sent by hand alone.

    `names_to_ai`: a summary's model may be told names. `skip_unchanged`: nothing is sent while the figures are those
    of the newest run that was sent. `version` counts the saves, and `planned` is the version that Scheduler knows;
    they differ from a save until its schedule stands. Times are ISO in UTC, `created_by` a member's id.
    """

    id: str
    metric: str
    connection: str
    destinations: tuple[Destination, ...]
    summary: Summary
    state: State
    schedule: dict[str, Any]
    name: str = ""
    names_to_ai: bool = False
    theme: Theme = "light"
    skip_unchanged: bool = False
    version: int = 1
    planned: int = 0
    created_by: str = ""
    created_at: str = ""
    updated_at: str = ""

    @property
    def is_planned(self) -> bool:
        """Whether Scheduler was told of the newest save."""
        return self.planned == self.version

    @property
    def when(self) -> Schedule | None:
        return Schedule.stored(self.schedule)

    def destination(self, destination_id: str) -> Destination | None:
        return next((one for one in self.destinations if one.id == destination_id), None)

    @classmethod
    def from_item(cls, item: dict[str, Any]) -> Pulse:
        """Attributes that an older row lacks have their defaults."""
        known = {one.name: item[one.name] for one in fields(cls) if one.name in item}
        destinations = tuple(map(Destination.from_item, item["destinations"]))
        return cls(**{**known, "id": item["sk"].removeprefix("PULSE#"), "destinations": destinations})

    def to_item(self) -> dict[str, Any]:
        """The attributes of a stored pulse, without its keys."""
        body = asdict(self)
        del body["id"]
        body["destinations"] = [{**one, "addresses": list(one["addresses"])} for one in body["destinations"]]
        return body


def shown_state(pulse: Pulse, connection_state: str | None) -> State:
    """A pulse is held while its connection (None: there is none) is shut: nothing is written to the pulse itself."""
    return "held" if pulse.state == "active" and connection_state not in OPEN else pulse.state


def artefact_key(workspace: str, pulse: str, slot: str, name: str) -> str:
    """Where one artefact of a run lies in the bucket."""
    return f"runs/{workspace}/{pulse}/{slot}/{name}"


def preview_key(workspace: str, connection: str, metric: str, ending: str = ".json") -> str:
    """Where the facts of the newest preview of a metric lie in the bucket, or what was made of them."""
    return f"previews/{workspace}/{connection}/{metric}{ending}"
