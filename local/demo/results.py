"""What a demo's runs came to, read from where the product itself keeps it: run rows, ledger, artefacts, mail.

The shapes are those of contracts.md 5. Nothing here asks a sandbox what it received: that is the proof's part.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.pulses import Destination, Pulse, artefact_key
from ledgercast.domain.recipients import address_hash
from ledgercast.store.ledger import Place
from ledgercast.store.table import Item
from local.system import System

MAIN = "message"


@dataclass(frozen=True)
class Run:
    """One fired pulse: its execution as Step Functions describes it once it has ended."""

    pulse: Pulse
    slot: str
    execution: str
    description: Mapping[str, Any]

    def key(self, name: str) -> str:
        return artefact_key(WORKSPACE, self.pulse.id, self.slot, name)

    @property
    def seconds(self) -> float:
        return round(float((self.description["stopDate"] - self.description["startDate"]).total_seconds()), 2)


@dataclass(frozen=True)
class Sent:
    """One part of one run: its attempts' rows, in the order of their numbers."""

    run: Run
    destination: Destination
    part: str
    rows: tuple[Item, ...]

    @property
    def outcome(self) -> Item:
        """The last outcome; a part whose fate was never noted is unconfirmed."""
        ended = [row for row in self.rows if row["kind"] == "outcome"]
        return ended[-1] if ended else {"status": "unconfirmed", "reason": "deliver.stopped"}

    @property
    def run_key(self) -> str:
        """What the other side can be asked about."""
        return Place(WORKSPACE, self.run.pulse.id, self.run.slot, self.destination.id, self.part).key

    @property
    def status(self) -> str:
        status = str(self.outcome["status"])
        return status if status in ("sent", "unconfirmed") else "failed"


def parts_of(system: System, run: Run) -> list[Sent]:
    """Every part that was attempted or refused, by destination and part."""
    rows: dict[tuple[str, str], list[Item]] = {}
    for row in system.ledger.of_slot(WORKSPACE, run.pulse.id, run.slot):
        rows.setdefault((row["destination"], row["part"]), []).append(row)
    found = []
    for (name, part), own in rows.items():
        destination = run.pulse.destination(name)
        if destination:
            found.append(Sent(run, destination, part, tuple(sorted(own, key=lambda row: row["n"]))))
    return found


def run_of(system: System, run: Run, calls: int) -> dict[str, Any]:
    row = system.state.run(WORKSPACE, run.pulse.id, run.slot) or {}
    return {
        "pulse": run.pulse.id,
        "metric": run.pulse.metric,
        "slot": run.slot,
        "execution": run.execution,
        "status": row.get("state", "failed"),
        "reason": row.get("reason"),
        "seconds": run.seconds,
        "xero_calls": calls,
        "deliveries": list(_deliveries(run, parts_of(system, run))),
    }


def _deliveries(run: Run, sent: list[Sent]) -> Iterator[dict[str, Any]]:
    """One entry for a channel, one for each address of a list; a destination never tried has failed."""
    by_part = {(one.destination.id, one.part): one for one in sent}
    for destination in run.pulse.destinations:
        names: dict[str | None, str] = {address: address_hash(address) for address in destination.addresses}
        for address, part in (names or {None: MAIN}).items():
            one = by_part.get((destination.id, part))
            outcome: Item = one.outcome if one else {"reason": "deliver.not_tried"}
            yield {
                "destination": destination.id,
                "kind": destination.kind,
                "address": address,
                "status": one.status if one else "failed",
                "reason": outcome.get("reason"),
                "sent_at": outcome.get("at") if one and one.status == "sent" else None,
            }


def slack_entries(system: System, run: Run, sent: Iterable[Sent]) -> Iterator[dict[str, Any]]:
    """Every attempt to post, as our side made it and as it was answered."""
    chart = system.artefacts.get_json(run.key("chart.json")) or {}
    for one in sent:
        if one.destination.kind != "slack":
            continue
        for attempt in (row for row in one.rows if row["kind"] == "attempt"):
            stored = system.artefacts.get_json(run.key(f"sent/{one.destination.id}-{one.part}-{attempt['n']}.json"))
            ended = next((r for r in one.rows if r["kind"] == "outcome" and r["n"] == attempt["n"]), {})
            file = stored.get("file")
            yield {
                "at": attempt["at"],
                "channel": stored["channel"],
                "ts": ended.get("receipt"),
                "thread_ts": stored["thread_ts"],
                "part": one.part,
                "pulse": run.pulse.id,
                "slot": run.slot,
                "metric": run.pulse.metric,
                "text": stored["text"],
                "blocks": stored["blocks"],
                "file": file and {**file, "sha256": chart.get("sha256")},
                "answer": answer_of(one.rows, attempt["n"], ended),
            }


def answer_of(rows: tuple[Item, ...], n: int, ended: Item) -> str:
    """How the other side answered an attempt: "ok", its error, or "unknown"."""
    if any(row["kind"] == "unknown" and row["n"] == n for row in rows) or not ended:
        return "unknown"
    return "ok" if ended["status"] == "sent" else str(ended.get("reason", ended["status"])).removeprefix("slack.")


def xero_calls(logs: Path) -> dict[str, Counter[str]]:
    """Calls of Xero by report for each pulse, as `fetch` logged them; retries of a step count too."""
    counted: dict[str, Counter[str]] = {}
    for file in sorted(logs.glob("*")):
        for line in file.read_text(errors="replace").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and isinstance(entry.get("xero_calls"), dict):
                counted.setdefault(str(entry.get("pulse")), Counter()).update(entry["xero_calls"])
    return counted


def summary_of(
    runs: list[dict[str, Any]],
    started: datetime,
    finished: datetime,
    organisation: str,
    calls: Counter[str],
    events: list[dict[str, str]],
    *,
    ok: bool,
) -> dict[str, Any]:
    return {
        "started": started.isoformat(timespec="milliseconds"),
        "finished": finished.isoformat(timespec="milliseconds"),
        "seconds": round((finished - started).total_seconds(), 2),
        "organisation": organisation,
        "runs": runs,
        "events": events,
        "xero_calls": {"total": calls.total(), "by_report": dict(sorted(calls.items()))},
        "ok": ok,
    }
