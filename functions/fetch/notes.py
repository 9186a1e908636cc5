"""What is noted of a run while it is fetched: what it is about, what it asked of Xero, and what its figures were.

Two attempts of one slot, and two slots of one pulse at once, meet here: whether there is anything new is told by the
row of the newest run that went on to be sent, and only once that run was wholly sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ledgercast import clock
from ledgercast.domain.pulses import Pulse
from ledgercast.domain.runs import TEST, is_scheduled
from ledgercast.store.runs import Last, RunStore


@dataclass
class Notes:
    """`about` goes onto the run's row. Without `runs`, nobody keeps account: everything is new."""

    runs: RunStore | None = None
    now: clock.Clock = clock.now
    about: dict[str, Any] = field(default_factory=dict)

    def nothing_new(self, pulse: Pulse, slot: str, figures: str) -> bool:
        """Whether this run need not be sent; otherwise it is the newest one from now on.

        What somebody asked for by hand is sent in any case, and a test is no sending that others are compared with.
        """
        self.about["facts_hash"] = figures
        if self.runs is None or slot.startswith(TEST):
            return False
        if pulse.skip_unchanged and is_scheduled(slot) and self._is_known(self.runs, pulse, slot, figures):
            return True
        self.runs.remember(pulse.id, Last(slot, figures, pulse.version), self.now())
        return False

    def close(self, pulse: str, slot: str, calls: int) -> None:
        """Write it down."""
        if self.runs:
            self.runs.note(pulse, slot, calls, self.about, self.now())

    def _is_known(self, runs: RunStore, pulse: Pulse, slot: str, figures: str) -> bool:
        last = runs.last(pulse.id)
        if last is None or last.slot == slot or (last.facts_hash, last.version) != (figures, pulse.version):
            return False
        run = runs.get(pulse.id, last.slot)
        return run is not None and run.state == "sent"
