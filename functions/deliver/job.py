"""One delivery's order, as the state machine gives it, and the names under which its artefacts lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledgercast.domain.pulses import artefact_key
from ledgercast.store.ledger import Place


@dataclass(frozen=True)
class Job:
    """Keys and ids only; `chart` is None where there was no activity, `summary` where none is wanted or made."""

    workspace: str
    pulse: str
    slot: str
    destination: str
    facts: str
    chart: str | None
    details: str | None
    summary: str | None

    @classmethod
    def from_event(cls, event: dict[str, Any]) -> Job:
        return cls(**{name: event[name] for name in cls.__dataclass_fields__})

    def place(self, part: str) -> Place:
        return Place(self.workspace, self.pulse, self.slot, self.destination, part)

    def sent_key(self, part: str, n: int, suffix: str) -> str:
        """Where that attempt's content is kept for people to read (design 10: what was sent stays readable)."""
        return artefact_key(self.workspace, self.pulse, self.slot, f"sent/{self.destination}-{part}-{n}.{suffix}")
