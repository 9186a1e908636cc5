"""Runs as the pipeline leaves them: rows, the ledger, and what went out, for the activity to show."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from functions.deliver.email_message import Letter, mime
from functions.deliver.slack_message import main_message, table_message
from ledgercast.content import content_of
from ledgercast.domain.facts import Facts, facts_hash
from ledgercast.domain.pulses import Destination, Pulse, artefact_key
from ledgercast.domain.recipients import address_hash
from ledgercast.store.ledger import Ledger, Place, Word
from tests.service.console.pages import Pages
from tests.service.pulses.keeping import keep
from tests.unit.deliver.samples import PNG, REVENUE_FACTS

SLOT = "2026-11-25T09:00:00Z"
SITE, TOKEN = "https://ledgercast.example.com", "canary-Token_of_the_reader"
ADA, MAX = "ada@example.com", "max@example.com"
DESTINATIONS = (
    Destination("d-slack", "slack", channel="C0FINANCE", install="T1", channel_name="finance"),
    Destination("d-mail", "email", addresses=(ADA, MAX)),
)
SUMMARY = {"kind": "template", "headline": "Revenue was £55,070.10 in Oct 2026.", "points": ["Up 7.1% on Sep 2026."]}


@dataclass
class Started:
    """What stands for Step Functions."""

    asked: list[tuple[str, str, bool]]

    def start(self, pulse: str, slot: str, *, resume: bool = False) -> str:
        self.asked.append((pulse, slot, resume))
        return "arn:e"


@dataclass
class RunDesk:
    pages: Pages
    started: Started

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.pages.desk.web.ledger)

    def pulse(self, pulse: str = "p-1", **changes: Any) -> Pulse:
        made = Pulse(pulse, "revenue", "x-1", DESTINATIONS, "template", "active", {}, name="Monday revenue")
        return keep(self.pages.desk.web.state, replace(made, **changes))

    def run(self, state: str = "sent", reason: str | None = None, **more: Any) -> str:
        """A run that took eight seconds, at the clock's present; its id."""
        pulse, slot = more.pop("pulse", "p-1"), more.pop("slot", SLOT)
        began = self.pages.desk.web.clock()
        at, end = (
            one.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            for one in (began, began + timedelta(seconds=8))
        )
        running = state == "running"
        row = {
            "pk": f"WS#main#PULSE#{pulse}",
            "sk": f"RUN#{slot}",
            "gsi1pk": "RUNNING#main" if running else "RUNS#main",
            "gsi1sk": at,
            "execution": "arn:e",
            "state": state,
            "reason": reason,
            "attempt": 1,
            "started_at": at,
            **({} if running else {"finished_at": end}),
            **more,
        }
        self.pages.desk.web.state.put(row)
        return f"{pulse}~{slot}"

    def keep(self, facts: Facts = REVENUE_FACTS, summary: dict[str, Any] | None = None, **of: str) -> None:
        """What a run computed and drew."""
        put = self.pages.desk.deps.artefacts
        put.put_json(self.key("facts.json", **of), facts.to_json())
        put.put_json(self.key("chart.json", **of), {"alt": "Revenue, twelve months, rising", "sha256": "s"})
        put.put(self.key("chart.png", **of), PNG, "image/png")
        put.put_json(self.key("summary.json", **of), summary or SUMMARY)

    def key(self, name: str, pulse: str = "p-1", slot: str = SLOT) -> str:
        return artefact_key("main", pulse, slot, name)

    def part(self, destination: str, part: str, *outcomes: tuple[Word, str | None] | None) -> None:
        """Attempts of one part, one for each outcome; None for one whose fate is not known yet."""
        place = Place("main", "p-1", SLOT, destination, part)
        for n, outcome in enumerate(outcomes, start=1):
            now = self.pages.desk.web.clock()
            self.ledger.attempt(place, n, now, target="t", content="c")
            if outcome:
                self.ledger.outcome(place, n, now, outcome[0], reason=outcome[1])

    def post(self, facts: Facts = REVENUE_FACTS, part: str = "message") -> None:
        """A message that went to the channel, as `deliver` keeps it."""
        content = content_of(facts, None, SUMMARY)
        assert content.table
        said = main_message(content, "F1") if part == "message" else table_message(content, content.table)
        told = {"part": part, "channel": "C0FINANCE", "thread_ts": None, "file": {"id": "F1"}, **said}
        self.pages.desk.deps.artefacts.put_json(self.key(f"sent/d-slack-{part}-1.json"), json.loads(json.dumps(told)))

    def mail(self, to: str = ADA, facts: Facts = REVENUE_FACTS) -> None:
        content = content_of(facts, None, SUMMARY)
        unsubscribe = f"{SITE}/unsubscribe/{TOKEN}"
        letter = Letter(content, "ledgercast@example.com", to, self.pages.desk.web.clock(), "k", PNG, unsubscribe)
        key = self.key(f"sent/d-mail-{address_hash(to)}-1.eml")
        self.pages.desk.deps.artefacts.put(key, mime(letter), "message/rfc822")

    def all_sent(self) -> str:
        """One run of which everything arrived, with all that it left behind."""
        self.pulse()
        self.keep()
        for part in ("message", "table"):
            self.part("d-slack", part, ("sent", None))
            self.post(part=part)
        for address in (ADA, MAX):
            self.part("d-mail", address_hash(address), ("sent", None))
            self.mail(address)
        return self.run(
            deliveries=[ended("d-slack", "sent"), ended("d-mail", "sent")],
            facts_hash=facts_hash(REVENUE_FACTS),
            connection="x-1",
            metric="revenue",
            name="Monday revenue",
            xero_calls=3,
        )


def ended(destination: str, status: str, reason: str | None = None) -> dict[str, Any]:
    return {"destination": destination, "status": status, "complete": reason is None, "reason": reason}


def open_desk(pages: Pages) -> RunDesk:
    pages.connect()
    desk = RunDesk(pages, Started([]))
    pages.desk.deps = replace(pages.desk.deps, executions=desk.started)  # type: ignore[arg-type]
    return desk
