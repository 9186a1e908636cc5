"""A pulse as it is to be for a test, whatever it was before."""

from __future__ import annotations

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.pulses import Pulse
from ledgercast.store.pulses import PulseStore
from ledgercast.store.table import Table


def keep(table: Table, pulse: Pulse, workspace: str = WORKSPACE) -> Pulse:
    store = PulseStore(table, workspace)
    before = store.get(pulse.id)
    return store.save(pulse, before.version) if before else store.create(pulse)
