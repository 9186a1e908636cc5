"""The newest runs of pulses, for their pages. The activity has all of them."""

from __future__ import annotations

from collections.abc import Iterable

from functions.console.compose import Dependencies
from ledgercast.domain.pulses import Pulse
from ledgercast.domain.runs import Run

_LOOKED_AT = 100
"""How many of the newest runs are read at once: enough for every pulse that ran lately, in one call."""


def latest(deps: Dependencies, pulses: Iterable[Pulse]) -> dict[str, Run]:
    """The newest run of each pulse that ever ran, one under way too."""
    found, whole = _newest(deps)
    last: dict[str, Run] = {}
    for run in found:
        last.setdefault(run.pulse, run)
    for pulse in () if whole else pulses:
        if pulse.id not in last and (older := deps.runs.of_pulse(pulse.id, 1)):
            last[pulse.id] = older[0]
    return last


def recent(deps: Dependencies, pulse: Pulse, most: int) -> list[Run]:
    """The newest runs of one pulse, the last that began first."""
    found, whole = _newest(deps)
    own = {run.slot: run for run in found if run.pulse == pulse.id}
    if len(own) < most and not whole:
        own = {run.slot: run for run in deps.runs.of_pulse(pulse.id, most)} | own
    return sorted(own.values(), key=_began, reverse=True)[:most]


def _newest(deps: Dependencies) -> tuple[list[Run], bool]:
    """The newest runs of all pulses, and whether these are all there are."""
    ended, more = deps.runs.newest(_LOOKED_AT)
    under_way = [Run.from_item(one.row) for one in deps.runs.running()]
    # The index may still show a run as running that it shows as ended too; what ended counts.
    runs = {run.id: run for run in (*under_way, *ended)}
    return sorted(runs.values(), key=_began, reverse=True), not more


def _began(run: Run) -> str:
    return run.started_at
