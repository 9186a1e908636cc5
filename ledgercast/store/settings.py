"""The workspace's settings, in `state`: pk `WS#<w>` sk `SETTINGS` {timezone, mail_domains, slack_channels,
channel_names}. `deliver` reads the same item at every send.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.workspace import Settings
from ledgercast.store.table import SHAPE, Conflict, Table

_TRIES = 5


class SettingsStore:
    def __init__(self, table: Table, workspace: str = WORKSPACE) -> None:
        self._table = table
        self._pk = f"WS#{workspace}"

    def get(self) -> Settings:
        """Read consistently; those of a workspace in which nothing was set yet allow nobody."""
        return Settings.from_item(self._table.get(self._pk, "SETTINGS") or {})

    def change(self, change: Callable[[Settings], dict[str, Any]]) -> None:
        """Set the attributes that `change` makes of the present settings; of two changes at once neither is lost.

        Raises Conflict when others changed them all the time.
        """
        for _ in range(_TRIES):
            item = self._table.get(self._pk, "SETTINGS") or {}
            turn = item.get("turn", 0)
            changes = {"v": SHAPE, "turn": turn + 1, **change(Settings.from_item(item))}
            unchanged = "#turn = :turn" if "turn" in item else "attribute_not_exists(#turn)"
            try:
                self._table.update(self._pk, "SETTINGS", changes, unchanged, **({"turn": turn} if turn else {}))
            except Conflict:
                continue
            return
        raise Conflict("the settings")
