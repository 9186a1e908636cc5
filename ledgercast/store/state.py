"""The `state` table: what is configured and what is going on. Every call takes the workspace.

Access patterns: a thing by its id within its workspace; runs of a pulse, newest first; a connection by tenant.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ledgercast.domain.pulses import Pulse
from ledgercast.store.pulses import PulseStore
from ledgercast.store.table import ABSENT, Conflict, Item, Table


class StateStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def pulse(self, workspace: str, pulse: str) -> Pulse | None:
        """The tombstone too, by which what was sent keeps its name. Who changes pulses has `ledgercast.pulses`."""
        return PulseStore(self._table, workspace).get(pulse, deleted=True)

    def pulses(self, workspace: str, *, deleted: bool = False) -> list[Pulse]:
        """By name; with their tombstones where those are wanted too."""
        return PulseStore(self._table, workspace).list(deleted=deleted)

    def connection(self, workspace: str, connection: str) -> Item | None:
        """{tenant, name, grant, state, scopes}"""
        return self._table.get(f"WS#{workspace}", f"CONN#{connection}")

    def save_connection(self, workspace: str, connection: str, item: dict[str, Any]) -> None:
        keys = {"pk": f"WS#{workspace}", "sk": f"CONN#{connection}"}
        index = {"gsi1pk": f"TENANT#{item['tenant']}", "gsi1sk": f"WS#{workspace}"}
        self._table.put({**keys, **index, **item})

    def slack_install(self, workspace: str, install: str) -> Item | None:
        """{secret, bot_user}"""
        return self._table.get(f"WS#{workspace}", f"SLACK#{install}")

    def save_slack_install(self, workspace: str, install: str, item: dict[str, Any]) -> None:
        self._table.put({"pk": f"WS#{workspace}", "sk": f"SLACK#{install}", **item})

    def settings(self, workspace: str) -> Item:
        """{mail_domains: [..], slack_channels: [..] or absent}; a workspace without settings allows nobody."""
        return self._table.get(f"WS#{workspace}", "SETTINGS") or {}

    def save_settings(self, workspace: str, item: dict[str, Any]) -> None:
        self._table.put({"pk": f"WS#{workspace}", "sk": "SETTINGS", **item})

    def run(self, workspace: str, pulse: str, slot: str) -> Item | None:
        """{execution, state, attempt, reason, started_at, finished_at}"""
        return self._table.get(f"WS#{workspace}#PULSE#{pulse}", f"RUN#{slot}")

    def runs(self, workspace: str, pulse: str) -> list[Item]:
        """The runs of a pulse, newest slot first."""
        return list(self._table.query(f"WS#{workspace}#PULSE#{pulse}", "RUN#", newest_first=True))

    def acquire_lease(self, workspace: str, name: str, owner: str, seconds: int, now: datetime) -> bool:
        """Take the lease if it is free, ours or past its end; a dead holder therefore delays for `seconds` at most."""
        until = int((now + timedelta(seconds=seconds)).timestamp())
        item = {"pk": f"WS#{workspace}", "sk": f"LEASE#{name}", "owner": owner, "until": until, "ttl": until + 86_400}
        free = f"{ABSENT} OR #until <= :now OR #owner = :owner"
        try:
            self._table.put(item, free, now=int(now.timestamp()), owner=owner)
        except Conflict:
            return False
        return True

    def release_lease(self, workspace: str, name: str, owner: str) -> None:
        """Give the lease back; one that somebody else took meanwhile stays theirs."""
        try:
            self._table.delete(f"WS#{workspace}", f"LEASE#{name}", "#owner = :owner", owner=owner)
        except Conflict:
            return
