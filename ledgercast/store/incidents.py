"""Incidents of the one workspace, in `state`: put only if absent, so that of many who meet one trouble one opens it.

pk `WS#<w>` sk `INCIDENT#<kind>#<subject>` {opened_at, told_at, closed_at, mended_at, round, reason, about}. Opening and
closing only write down what is to be told; `ledgercast.notices` tells whatever is due. A closed one stays for a while
and is opened anew when the trouble comes back.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.incidents import Incident, Kind
from ledgercast.store.table import ABSENT, Conflict, Item, Table

KEPT = timedelta(days=35)
_THIS = "#opened_at = :opened AND #closed_at = :closed AND #round = :round"


class IncidentStore:
    def __init__(self, table: Table, workspace: str = WORKSPACE) -> None:
        self._table = table
        self._pk = f"WS#{workspace}"
        self.workspace = workspace

    def list(self) -> list[Incident]:
        """Open ones, and those that were closed of late."""
        return [Incident.from_item(item) for item in self._table.query(self._pk, "INCIDENT#")]

    def get(self, kind: Kind, subject: str) -> Incident | None:
        item = self._table.get(self._pk, _sk(kind, subject))
        return Incident.from_item(item) if item else None

    def open(
        self,
        kind: Kind,
        subject: str,
        now: datetime,
        *,
        reason: str = "",
        round: str = "",  # noqa: A002  # the incident's own word
        about: dict[str, str] | None = None,
    ) -> bool:
        """Write it down, or its next round. False when it is open already, or somebody else has just done so."""
        known = self.get(kind, subject)
        body: Item = {"reason": reason, "round": round, "about": about or {}, "told_at": 0}
        if known and known.is_open:
            return known.round != round and self._change(known, body)
        item = {
            "pk": self._pk,
            "sk": _sk(kind, subject),
            **body,
            "opened_at": int(now.timestamp()),
            "closed_at": 0,
            "mended_at": 0,
        }
        # One that has expired may still lie there: DynamoDB removes it late.
        condition = _THIS if known else f"{ABSENT} OR #ttl <= :now"
        seen = _as_read(known) if known else {"now": int(now.timestamp())}
        try:
            self._table.put(item, condition, **seen)
        except Conflict:
            return False
        return True

    def close(self, incident: Incident, now: datetime, *, quietly: bool = False) -> bool:
        """It is mended, or (`quietly`) it is over without a word. False when another had done so."""
        ended = int(now.timestamp())
        ends = int((now + KEPT).timestamp())
        return self._change(incident, {"closed_at": ended, "mended_at": ended if quietly else 0, "ttl": ends})

    def told(self, incident: Incident, now: datetime) -> bool:
        """Everybody was told of it, or that it is over."""
        name = "told_at" if incident.is_open else "mended_at"
        return self._change(incident, {name: int(now.timestamp())})

    def _change(self, incident: Incident, changes: Item) -> bool:
        """Only while it is as it was read."""
        try:
            self._table.update(self._pk, _sk(incident.kind, incident.subject), changes, _THIS, **_as_read(incident))
        except Conflict:
            return False
        return True


def _as_read(incident: Incident) -> Item:
    return {"opened": incident.opened_at, "closed": incident.closed_at, "round": incident.round}


def _sk(kind: Kind, subject: str) -> str:
    return f"INCIDENT#{kind}#{subject}"
