"""One delivery's order, as the state machine gives it, and the names under which its artefacts lie."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ledgercast.domain.pulses import artefact_key
from ledgercast.domain.runs import TEST
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

    @property
    def is_test(self) -> bool:
        """Whether somebody only tries the pulse out: the messages then say so."""
        return self.slot.startswith(TEST)

    @property
    def day(self) -> str:
        """For the names of files: the slot's day, or that it is a test; "" for a slot that is no time."""
        if self.is_test:
            return TEST.rstrip("-")
        return self.slot[:10] if re.match(r"\d{4}-\d\d-\d\dT", self.slot) else ""

    def place(self, part: str) -> Place:
        return Place(self.workspace, self.pulse, self.slot, self.destination, part)

    def sent_key(self, part: str, n: int, suffix: str) -> str:
        """Where that attempt's content is kept for people to read (design 10: what was sent stays readable)."""
        return artefact_key(self.workspace, self.pulse, self.slot, f"sent/{self.destination}-{part}-{n}.{suffix}")
