"""What a run sent to whom and when, part by part, from the ledger's rows (DL-4).

The ledger knows addresses by their hashes alone. What they are is looked up in the pulse; an address that was taken out
since is found in the kept mail only, on its own page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Literal

from functions.console.pulse_views import target_names
from ledgercast.domain.pulses import Destination, Pulse
from ledgercast.domain.recipients import address_hash
from ledgercast.domain.runs import Run
from ledgercast.messages import reason
from ledgercast.store.ledger import Attempt, trail
from ledgercast.store.table import Item
from ledgercast.text import one_line

Status = Literal["sent", "unconfirmed", "failed", "running"]

_SLACK_PARTS = {"message": "Chart", "summary": "Comment, in the thread", "table": "Numbers, in the thread"}
_WORDS: dict[Status, tuple[str, str]] = {
    "sent": ("good", "Sent"),
    "unconfirmed": ("warn", "Unconfirmed"),
    "failed": ("bad", "Not sent"),
    "running": ("calm", "Under way"),
}
_ENDS: dict[str, Status] = {"sent": "sent", "unconfirmed": "unconfirmed"}


@dataclass(frozen=True)
class Part:
    """`address` is of a mail whose recipient the pulse still has. `at` is when it was sent or given up, in the
    workspace's zone; `tries` how often it was tried; `kept` the try whose content is kept, 0 for none."""

    destination: str
    part: str
    name: str
    address: str
    status: Status
    tone: str
    words: str
    code: str
    why: str
    at: datetime | None
    tries: int
    kept: int

    @property
    def is_mail(self) -> bool:
        return self.part not in _SLACK_PARTS


@dataclass(frozen=True)
class Delivery:
    """One destination of a run. `why` is said where no part says it."""

    id: str
    kind: str
    name: str
    parts: tuple[Part, ...]
    status: Status
    code: str
    why: str
    tone: str
    words: str


def deliveries(run: Run, pulse: Pulse | None, rows: Iterable[Item], zone: tzinfo) -> list[Delivery]:
    """In the order of the pulse's destinations; those that it no longer has come last."""
    by_part: dict[str, dict[str, list[Item]]] = {}
    for row in rows:
        by_part.setdefault(row["destination"], {}).setdefault(row["part"], []).append(row)
    ended = {one.destination: one for one in run.deliveries}
    known = {one.id: one for one in pulse.destinations} if pulse else {}
    order = [name for name in known if name in by_part or name in ended]
    order += sorted((set(by_part) | set(ended)) - set(known))
    return [_delivery(name, known.get(name), by_part.get(name, {}), ended, zone) for name in order]


def _delivery(
    name: str, known: Destination | None, rows: Mapping[str, list[Item]], ended: Mapping[str, Any], zone: tzinfo
) -> Delivery:
    addresses = {address_hash(one): one for one in known.addresses} if known else {}
    slack = known.kind == "slack" if known else bool(set(rows) & set(_SLACK_PARTS))
    order = [*_SLACK_PARTS, *addresses]
    parts = sorted(rows, key=lambda part: (order.index(part) if part in order else len(order), part))
    made = tuple(_part(name, part, rows[part], addresses, zone) for part in parts)
    end = ended.get(name)
    status: Status = end.status if end else "running"
    tone, words = _WORDS[status]
    if end and status == "sent" and not end.complete:
        tone, words = "warn", "Sent in part"
    told = {one.code for one in made}
    code = (end.reason or "") if end else ""
    return Delivery(
        id=name,
        kind="Slack" if slack else "Email",
        name=", ".join(target_names(known)) if known and slack else _list(known, made) if not slack else "A channel",
        parts=made,
        status=status,
        code=code,
        why=one_line(reason(code)) if code and code not in told else "",
        tone=tone,
        words=words,
    )


def _list(known: Destination | None, parts: tuple[Part, ...]) -> str:
    count = len(known.addresses) if known else len(parts)
    return f"{count} address{'' if count == 1 else 'es'}"


def _part(destination: str, part: str, rows: list[Item], addresses: Mapping[str, str], zone: tzinfo) -> Part:
    attempts = trail(rows)
    last = attempts[-1] if attempts else None
    status, code, at = _outcome(rows, last)
    tone, words = _WORDS[status]
    reached = [one.n for one in attempts if one.outcome in ("sent", "unconfirmed")]
    return Part(
        destination=destination,
        part=part,
        name=_SLACK_PARTS.get(part) or addresses.get(part) or "An address that is no longer on the pulse",
        address=addresses.get(part, ""),
        status=status,
        tone=tone,
        words=words,
        code=code,
        why=one_line(reason(code)) if code and status != "sent" else "",
        at=at.astimezone(zone) if at else None,
        tries=len(attempts),
        kept=max(reached, default=last.n if last else 0),
    )


def _outcome(rows: list[Item], last: Attempt | None) -> tuple[Status, str, datetime | None]:
    """How the part stands, the code of why, and when that was. What was refused came to no attempt (n = 0)."""
    if last and last.outcome is None:
        return ("unconfirmed" if last.unknown_at else "running"), "", last.at
    ended = [row for row in rows if row["kind"] == "outcome" and (last is None or row["n"] in (last.n, 0))]
    newest = max(ended, key=lambda row: str(row["at"]), default=None)
    if newest is None:
        return "running", "", None
    # What arrived has arrived, whatever a later attempt was refused for.
    word = "sent" if last and last.outcome == "sent" else newest["status"]
    status = _ENDS.get(word, "failed")
    return status, str(newest.get("reason") or ""), datetime.fromisoformat(newest["at"])
