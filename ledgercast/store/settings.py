"""The workspace's settings, in `state`: pk `WS#<w>` sk `SETTINGS` {timezone, mail_domains, own_channels,
slack_channels, shared_channels, channel_names, keep_days}. `deliver` reads the same item at every send.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.workspace import Settings, own_domains
from ledgercast.store.table import SHAPE, Conflict, Item, Table

_TRIES = 5


class SettingsStore:
    """`owner_email` is LEDGERCAST_OWNER_EMAIL, whose domain may be written to until an owner says otherwise."""

    def __init__(self, table: Table, workspace: str = WORKSPACE, owner_email: str = "") -> None:
        self._table = table
        self._pk = f"WS#{workspace}"
        self._domains = own_domains(owner_email)

    def get(self) -> Settings:
        """Read consistently."""
        return self._settings(self._table.get(self._pk, "SETTINGS") or {})

    def change(self, change: Callable[[Settings], dict[str, Any]]) -> None:
        """Set the attributes that `change` makes of the present settings; of two changes at once neither is lost.

        Raises Conflict when others changed them all the time.
        """
        for _ in range(_TRIES):
            item = self._table.get(self._pk, "SETTINGS") or {}
            turn = item.get("turn", 0)
            changes = {"v": SHAPE, "turn": turn + 1, **change(self._settings(item))}
            unchanged = "#turn = :turn" if "turn" in item else "attribute_not_exists(#turn)"
            try:
                self._table.update(self._pk, "SETTINGS", changes, unchanged, **({"turn": turn} if turn else {}))
            except Conflict:
                continue
            return
        raise Conflict("the settings")

    def _settings(self, item: Item) -> Settings:
        return Settings.from_item(item, self._domains)
