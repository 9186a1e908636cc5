"""A pulse: metric, connection, destinations; a run of it for one slot."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["slack", "email"]
Summary = Literal["off", "template", "ai"]


@dataclass(frozen=True)
class Destination:
    """A Slack channel of one install, or a list of email addresses; `id` names it within its pulse."""

    id: str
    kind: Kind
    channel: str = ""
    install: str = ""
    addresses: tuple[str, ...] = ()

    @classmethod
    def from_item(cls, item: dict[str, Any]) -> Destination:
        return cls(**{**item, "addresses": tuple(item.get("addresses", ()))})


@dataclass(frozen=True)
class Pulse:
    id: str
    metric: str
    connection: str
    destinations: tuple[Destination, ...]
    summary: Summary
    state: Literal["active", "paused", "held"]
    schedule: dict[str, Any]

    def destination(self, destination_id: str) -> Destination | None:
        return next((one for one in self.destinations if one.id == destination_id), None)

    @classmethod
    def from_item(cls, item: dict[str, Any]) -> Pulse:
        return cls(
            id=item["sk"].removeprefix("PULSE#"),
            metric=item["metric"],
            connection=item["connection"],
            destinations=tuple(map(Destination.from_item, item["destinations"])),
            summary=item["summary"],
            state=item["state"],
            schedule=item["schedule"],
        )

    def to_item(self) -> dict[str, Any]:
        """The attributes of a stored pulse, without its keys."""
        body = asdict(self)
        del body["id"]
        body["destinations"] = [{**one, "addresses": list(one["addresses"])} for one in body["destinations"]]
        return body


def artefact_key(workspace: str, pulse: str, slot: str, name: str) -> str:
    """Where one artefact of a run lies in the bucket."""
    return f"runs/{workspace}/{pulse}/{slot}/{name}"


def preview_key(workspace: str, connection: str, metric: str) -> str:
    """Where the facts of the newest preview of a metric lie in the bucket."""
    return f"previews/{workspace}/{connection}/{metric}.json"
