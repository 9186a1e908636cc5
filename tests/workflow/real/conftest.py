"""The whole product, deployed from its own template, with the sandboxes beside it: one for every test of this package.

A person came in by the front door, as the demo does, and connected two organisations: one with figures, one without
any. Each test has a pulse, a channel and mailboxes of its own, and a copy of the connection: so Xero is asked anew.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.pulses import Destination, Pulse
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.settings import SettingsStore
from local.aws.scheduler import text_of
from local.demo.person import Person
from local.settings import LocalSettings
from local.slack.workspace import Channel, Message
from local.system import System, system
from local.xero.generate import generate
from local.xero.identity import Consent
from tests.running import Running
from tests.workflow.conftest import eventually

PATIENCE = 40.0
TODAY = datetime(2026, 11, 25, 9, tzinfo=UTC)  # a Wednesday


@dataclass(frozen=True)
class Run:
    """One execution that ended, beside the run's row."""

    status: str
    row: dict[str, Any]
    output: dict[str, Any]


@dataclass
class World(Running):
    """The running system as one test uses it."""

    person: Person
    figures: str
    empty: str
    slack_install: str
    calls: Path

    def pulse(self, metric: str = "revenue", *, connection: str = "") -> Pulse:
        """A new pulse to a channel and two mailboxes that no other test writes to."""
        name = uuid.uuid4().hex[:10]
        channel = f"C0{name.upper()}"
        self.slack.channels[channel] = Channel(channel, name)
        SettingsStore(self.system.table).change(lambda now: {"slack_channels": [*now.slack_channels, channel]})
        readers = (f"a-{name}@example.com", f"b-{name}@example.com")
        destinations = (
            Destination("slack", "slack", channel=channel, install=self.slack_install),
            Destination("email", "email", addresses=readers),
        )
        source = connection or self._fresh(self.figures)
        pulse = Pulse(name, metric, source, destinations, "template", "active", {})
        return self.system.pulses.store.create(pulse)

    def start(self, pulse: Pulse, slot: str = "", *, resume: bool = False) -> tuple[str, str]:
        """The execution's ARN and its slot."""
        slot = slot or text_of(self.runtime.clock.now())
        return self.runtime.helpers.start(pulse.id, slot, resume=resume), slot

    def run(self, pulse: Pulse, slot: str = "", *, resume: bool = False) -> Run:
        arn, slot = self.start(pulse, slot, resume=resume)
        return self.ended(arn, pulse, slot)

    def ended(self, arn: str, pulse: Pulse, slot: str) -> Run:
        """Our clock is moved past every wait on the way, as nobody has time for them."""

        def over() -> bool:
            status = str(self.client.describe_execution(executionArn=arn)["status"])
            return status != "RUNNING" or self._hurry(arn)

        eventually(over, PATIENCE)
        return self.seen(arn, pulse, slot)

    def seen(self, arn: str, pulse: Pulse, slot: str) -> Run:
        found = self.client.describe_execution(executionArn=arn)
        row = self.system.state.run(WORKSPACE, pulse.id, slot) or {}
        return Run(found["status"], row, json.loads(found.get("output") or "{}"))

    @property
    def client(self) -> Any:
        return self.runtime.client("stepfunctions")

    def waits(self, arn: str) -> bool:
        """Whether the execution stands in a Wait state now."""
        history = self.client.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        entered = sum(one["type"] == "WaitStateEntered" for one in history)
        left = sum(one["type"] == "WaitStateExited" for one in history)
        return bool(entered > left)

    def posted(self, pulse: Pulse) -> list[Message]:
        """What stands in the pulse's channel, replies left out."""
        return [one for one in self.slack.messages if one.channel == self.channel(pulse) and not one.thread_ts]

    def replies(self, pulse: Pulse) -> list[Message]:
        return [one for one in self.slack.messages if one.channel == self.channel(pulse) and one.thread_ts]

    def mailed(self, pulse: Pulse) -> list[str]:
        """Who was written to, once for each letter."""
        readers = {address for one in pulse.destinations for address in one.addresses}
        return sorted(to for letter in self.runtime.mail() for to in letter.to if to in readers)

    def channel(self, pulse: Pulse) -> str:
        return next(one.channel for one in pulse.destinations if one.kind == "slack")

    def readers(self, pulse: Pulse) -> list[str]:
        return sorted(address for one in pulse.destinations for address in one.addresses)

    def consent_to(self, organisation: int) -> None:
        """Whom the next consents at Xero are for, by the place of its books."""
        self.xero.identity.consent = Consent(organisations=[self.xero.books[organisation].organisation.id])

    def function(self, name: str) -> str:
        """The deployed name of `functions/<name>`."""
        handler = f"functions.{name}.handler.handler"
        return next(one.name for one in self.runtime.stack.functions if one.handler == handler)

    def _hurry(self, arn: str) -> bool:
        if self.waits(arn):
            self.runtime.scheduler.advance(5)
        return False

    def _fresh(self, connection: str) -> str:
        """The same organisation and grant under another id, for which nothing was fetched yet."""
        connections = ConnectionStore(self.system.table)
        known = connections.get(connection)
        assert known
        copy = replace(known, id=f"c-{uuid.uuid4().hex[:10]}")
        connections.save(copy)
        return copy.id


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("system")
    calls = folder / "calls"
    settings = replace(LocalSettings.read({}), port=0, starts_at=TODAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEDGERCAST_IAM_LOG", str(calls))
        books = [generate(TODAY.date()), generate(TODAY.date(), seed=9, empty=True, name="Quiet Ltd")]
        with system(settings, folder, lambda _: None, books) as running:
            yield _inhabited(running, calls)


def _inhabited(running: System, calls: Path) -> World:
    assert running.xero
    person = Person(running.runtime.url, running.settings.owner_email)
    person.sign_in()
    figures = person.connect_xero()
    running.xero.identity.consent = Consent(organisations=[running.xero.books[1].organisation.id])
    empty = person.connect_xero()
    install = person.connect_slack(running.channel)
    person.allow_mail_to("example.com")
    return World(running, person, figures, empty, install, calls)


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    yield shared
    shared.slack.faults.clear()
    shared.xero.faults.clear()
    shared.xero.limits.per_day, shared.xero.limits.per_minute = 1_000, 60
