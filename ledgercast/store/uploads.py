"""Which file of Slack's holds a run's chart, so that a retry or a wait does not upload it twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ledgercast.store.ledger import Place
from ledgercast.store.table import Table

KEPT = timedelta(days=35)


@dataclass(frozen=True)
class Upload:
    """`file` is "" while there is none; `at` is when the work on it began."""

    file: str
    at: datetime


class Uploads:
    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, place: Place) -> Upload | None:
        item = self._table.get(*_keys(place))
        return Upload(item["file"], datetime.fromtimestamp(item["at"], UTC)) if item else None

    def keep(self, place: Place, upload: Upload) -> None:
        """The latest file stands; an older one was never shown to anybody."""
        pk, sk = _keys(place)
        ends = int((upload.at + KEPT).timestamp())
        self._table.put({"pk": pk, "sk": sk, "file": upload.file, "at": int(upload.at.timestamp()), "ttl": ends})


def _keys(place: Place) -> tuple[str, str]:
    return f"WS#{place.workspace}#PULSE#{place.pulse}", f"UPLOAD#{place.slot}#{place.destination}"
