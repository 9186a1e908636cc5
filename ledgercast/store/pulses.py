"""Pulses of the one workspace, in `state`: pk `WS#<w>` sk `PULSE#<id>`.

Every save counts the version up under a condition on the one before, so that of two people who edit at the same time
the second is told. A deleted pulse stays as a tombstone for as long as the ledger keeps what it sent.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from ledgercast import clock
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.pulses import Pulse
from ledgercast.store.ledger import KEPT
from ledgercast.store.table import ABSENT, Conflict, Item, Table


class Stale(Exception):
    """The pulse was changed, deleted or never there since it was read."""


class PulseStore:
    def __init__(self, table: Table, workspace: str = WORKSPACE, now: clock.Clock = clock.now) -> None:
        self._table = table
        self._pk = f"WS#{workspace}"
        self._now = now
        self.workspace = workspace

    def get(self, pulse: str, *, deleted: bool = False) -> Pulse | None:
        """Read consistently; a tombstone only when it is asked for."""
        item = self._table.get(self._pk, f"PULSE#{pulse}")
        found = Pulse.from_item(item) if item else None
        return found if found and (deleted or found.state != "deleted") else None

    def list(self, *, deleted: bool = False) -> list[Pulse]:
        """By name; tombstones only when they are asked for."""
        found = (Pulse.from_item(item) for item in self._table.query(self._pk, "PULSE#"))
        wanted = (one for one in found if deleted or one.state != "deleted")
        return sorted(wanted, key=lambda one: (one.name.casefold(), one.metric, one.id))

    def create(self, pulse: Pulse) -> Pulse:
        """A new one, as its version 1, unplanned. Raises Stale when there is one of that id."""
        made = replace(pulse, version=1, planned=0)
        self._put(made, ABSENT)
        return made

    def save(self, pulse: Pulse, expected_version: int) -> Pulse:
        """Over the version that was read, as the next one. Raises Stale. What is planned stays what it was."""
        made = replace(pulse, version=expected_version + 1)
        self._put(made, _VERSION, expected=expected_version, first=1)
        return made

    def mark_planned(self, pulse: str, version: int) -> bool:
        """Scheduler says what this version says. False when it is no longer the newest."""
        try:
            self._table.update(
                self._pk,
                f"PULSE#{pulse}",
                {"planned": version, "version": version},
                _VERSION,
                expected=version,
                first=1,
            )
        except Conflict:
            return False
        return True

    def delete(self, pulse: str, expected_version: int) -> Pulse:
        """Leave the tombstone: the deleted pulse. Raises Stale."""
        found = self.get(pulse)
        if found is None:
            raise Stale(pulse)
        return self.save(replace(found, state="deleted"), expected_version)

    def _put(self, pulse: Pulse, condition: str, **values: int) -> None:
        item: Item = {"pk": self._pk, "sk": f"PULSE#{pulse.id}", **pulse.to_item()}
        if pulse.state == "deleted":
            item["ttl"] = int((self._now() + KEPT).timestamp())
        try:
            self._table.put(item, condition, **values)
        except Conflict:
            raise Stale(pulse.id) from None


# A row that was written before versions counts as the first.
_VERSION = "attribute_exists(pk) AND (#version = :expected OR (attribute_not_exists(#version) AND :expected = :first))"


def new_id() -> str:
    return f"p-{secrets.token_hex(6)}"
