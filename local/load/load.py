"""The load: who sends, what goes wrong, until everything is quiet, and the table."""

from __future__ import annotations

import io
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from ledgercast.ops.deployment import Deployment
from ledgercast.ops.replay import Replay
from local.aws.pollers import Poller
from local.demo.person import Person
from local.load import plan, trouble
from local.load.balance import Balance, balance
from local.load.plan import Plan, Size
from local.load.report import Report, show
from local.load.trouble import Killer
from local.settings import LocalSettings
from local.slack.workspace import Call, Channel
from local.system import WEBHOOK_PATH, System, system
from local.xero.identity import Consent

Tell = Callable[[str], None]

NOW: Final = datetime(2026, 11, 25, 9, tzinfo=UTC)
MORE_POLLERS: Final = 1
SENDERS: Final = 8
"""How many deliveries Xero has under way at once."""
CHANNELS: Final = 12
PATIENCE_SECONDS: Final = 900.0
BURST: Final = 12
"""Posts to a channel at once, before Slack's own limit answers 429."""
KILLED: Final = {"stream": 4.0, "webhook": 2.0}
"""Seconds between two kills of a worker, about."""
ARCHIVED: Final = "C0LOAD00000"
"""A channel that is archived while it lasts: what belongs there is put aside, and told by the replay."""


def main() -> int:
    """0 only if the counts balance to the last event."""
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="ledgercast-load-") as folder:
        report = load(Size(), Path(folder), lambda words: console.print(f"[dim]{words}[/]"))
    show(report, console)
    return 0 if report.ok else 1


def load(size: Size, workdir: Path, tell: Tell, seed: int = 7) -> Report:
    """Run it: everything is started, and nothing is left behind."""
    rng, books = random.Random(seed), plan.books(size, NOW)
    settings = replace(LocalSettings.read({}), port=0, starts_at=NOW)
    with system(settings, workdir, tell, books) as running:
        _inhabit(running, tell)
        planned = plan.planned(size, books, running.runtime.clock.now(), rng)
        return _Load(running, size, planned, rng, tell).run()


class _Load:
    def __init__(self, running: System, size: Size, planned: Plan, rng: random.Random, tell: Tell) -> None:
        assert running.xero and running.slack
        self._running, self._size, self._plan, self._rng, self._tell = running, size, planned, rng, tell
        self._webhook, self._slack = running.xero.webhook, running.slack

    def run(self) -> Report:
        if not (handshake := self._webhook.set_up(self._running.runtime.url + WEBHOOK_PATH)).passed:
            raise RuntimeError(f"the handshake failed: {handshake.why}")
        began, tried = time.monotonic(), len(self._webhook.attempts)
        if self._size.hidden:
            url, hidden = self._running.runtime.outputs["EventsQueue"], str(self._size.hidden)
            sqs = self._running.runtime.client("sqs")
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": hidden})
        self._slack.limits.post_burst = BURST
        trouble.of_slack(self._slack.faults, self._size.deliveries // 2, self._rng)
        names = {self._function(one): every for one, every in KILLED.items()}
        self._tell(f"Sending {len(self._plan.deliveries)} deliveries, while Slack fails and workers are killed")
        killer = Killer(self._running.runtime.workers, names, self._size.kills, self._rng)
        self._slack.channels[ARCHIVED].archived = True
        with self._more_pollers(), killer:
            self._send()
            self._until_quiet()
        self._slack.faults.clear()
        self._let_xero_retry()
        self._until_quiet()
        before = self._balance()
        self._tell("Replaying what was put aside, twice")
        self._slack.channels[ARCHIVED].archived = False
        for _ in range(2):
            self._replay()
            self._until_quiet()
        attempts = self._webhook.attempts[tried:]
        return Report(
            plan=self._plan,
            acks=tuple(one.seconds for one in attempts if not one.why),
            attempts=len(attempts),
            slack=Counter(one.answer for one in self._posts() if one.answer != "ok"),
            kills=Counter({one: killer.kills[self._function(one)] for one in KILLED}),
            posts=len(self._posts()),
            seconds=time.monotonic() - began,
            before=before,
            after=self._balance(),
        )

    def _posts(self) -> list[Call]:
        return [call for call in self._slack.calls if call.method == trouble.POST]

    @contextmanager
    def _more_pollers(self) -> Iterator[None]:
        """Lambda feeds a function from a queue by several at once; the local runtime by one."""
        runtime = self._running.runtime
        queue = runtime.outputs["EventsQueue"].rpartition("/")[2]
        mapping = next(one for one in runtime.stack.mappings if one.queue_arn.endswith(f":{queue}"))
        more = [Poller(mapping, runtime.client("sqs"), runtime.invoke) for _ in range(MORE_POLLERS)]
        for one in more:
            one.start()
        try:
            yield
        finally:
            for one in more:
                one.stop()

    def _send(self) -> None:
        """Eight at a time; some come twice whole, as when our answer was lost."""
        packed = [self._webhook.pack(events) for events in self._plan.deliveries]
        again = self._rng.sample(packed, round(len(packed) * self._size.again))
        with ThreadPoolExecutor(SENDERS) as senders:
            list(senders.map(self._webhook.send, packed + again))

    def _let_xero_retry(self) -> None:
        """What was not taken (its worker died) comes again, by the clock of Xero's side."""
        for _ in range(4):
            if not self._webhook.waiting:
                return
            self._running.runtime.scheduler.advance(15 * 60 + 1)
            self._webhook.tick()
        raise RuntimeError(f"{len(self._webhook.waiting)} deliveries were never taken")

    def _until_quiet(self) -> None:
        """Until the queue has been empty for a while. Raises TimeoutError."""
        until, quiet = time.monotonic() + PATIENCE_SECONDS, 0
        url = self._running.runtime.outputs["EventsQueue"]
        while quiet < 5:
            told = self._running.runtime.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
            busy = sum(int(told["Attributes"].get(f"ApproximateNumberOfMessages{one}", 0)) for one in _WHERE)
            quiet = 0 if busy else quiet + 1
            if time.monotonic() > until:
                raise TimeoutError(f"{busy} deliveries are still in the queue")
            time.sleep(0.2)

    def _balance(self) -> Balance:
        return balance(self._running, self._plan.events)

    def _replay(self) -> None:
        runtime = self._running.runtime
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            Replay(_deployment(self._running), runtime.clock.now, patience=0).run(look=False)

    def _function(self, folder: str) -> str:
        functions = self._running.runtime.stack.functions
        return next(one.name for one in functions if one.handler == f"functions.{folder}.handler.handler")


_WHERE = ("", "NotVisible", "Delayed")


class _Here:
    """A session of boto3 whose clients are those of the local runtime."""

    def __init__(self, running: System) -> None:
        self._running = running

    def client(self, service: str, **_config: object) -> object:
        return self._running.runtime.client(service)


def _deployment(running: System) -> Deployment:
    return Deployment(_Here(running), "local", running.runtime.outputs)  # type: ignore[arg-type]


def _inhabit(running: System, tell: Tell) -> None:
    """Somebody comes in by the front door, connects every organisation and makes the streams."""
    assert running.xero and running.slack
    tell(f"Connecting {len(running.xero.books)} organisations and {CHANNELS} channels")
    channels = [f"C0LOAD{number:05d}" for number in range(CHANNELS)]
    for number, channel in enumerate(channels):
        running.slack.channels[channel] = Channel(channel, f"events-{number + 1:02d}")
    running.xero.identity.consent = Consent(organisations=[one.organisation.id for one in running.xero.books])
    person = Person(running.runtime.url, running.settings.owner_email)
    person.sign_in()
    person.consent()
    connected = sorted(person.connections())
    if len(connected) != len(running.xero.books):
        raise RuntimeError(f"{len(connected)} organisations were connected")
    person.connect_slack(running.channel)
    for route in plan.routes(connected, channels):
        person.ask("POST", "/api/v1/stream-routes", route)
