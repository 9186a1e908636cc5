"""In which hours Xero's webhook told something of an organisation, in `state`, for five weeks.

pk `WS#<w>#HEARD#<connection>` sk `DAY#<date>` {h00 .. h23}: how many events came in that hour, by our clock, in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.store.table import SHAPE, Table

KEPT: Final = timedelta(days=35)


class RhythmStore:
    def __init__(self, table: Table, workspace: str = WORKSPACE) -> None:
        self._table = table
        self._workspace = workspace

    def heard(self, connection: str, events: int, at: datetime) -> None:
        """So many events came. A delivery that is handled again counts again: this is a rhythm, not an account."""
        at = at.astimezone(UTC)
        lives = {"v": SHAPE, "ttl": int((at + KEPT).timestamp())}
        self._table.add(self._pk(connection), f"DAY#{at:%Y-%m-%d}", {f"h{at:%H}": events}, lives)

    def hours(self, connection: str) -> Iterator[datetime]:
        """The beginnings of the hours that brought something."""
        for item in self._table.query(self._pk(connection), "DAY#"):
            day = datetime.fromisoformat(item["sk"].removeprefix("DAY#")).replace(tzinfo=UTC)
            yield from (day + timedelta(hours=hour) for hour in range(24) if item.get(f"h{hour:02d}"))

    def _pk(self, connection: str) -> str:
        return f"WS#{self._workspace}#HEARD#{connection}"
