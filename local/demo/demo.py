"""`make demo` and `make local`: the whole product, once or until Ctrl-C."""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.catalogue import metric
from ledgercast.domain.pulses import Pulse
from ledgercast.messages import reason
from local import seed
from local.aws.scheduler import text_of
from local.consent import NoConsent
from local.demo import files, results, streams
from local.demo.front_door import READERS, connect
from local.demo.person import TurnedAway
from local.demo.proof import flaws
from local.demo.streams import Stream
from local.runtime import PortTaken
from local.settings import LocalSettings
from local.stream_fates import Where
from local.system import WEBHOOK_PATH, System, system
from local.xero.desk_page import PATH as DESK_PATH

PATIENCE_SECONDS = 300
_MARK = {"sent": "[green]✓[/]", "partly_sent": "[yellow]◐[/]", "deferred": "[yellow]◷[/]", "skipped": "[yellow]–[/]"}


def demo() -> int:
    """0 only if everything was delivered exactly once, 1 if not, 2 where it could not begin."""
    settings, console = LocalSettings.read(), Console(highlight=False, soft_wrap=True)
    _clear(settings.out)
    with _beginning():
        context = system(settings, settings.out / "run", _teller(console))
        running = context.__enter__()
    try:
        with _beginning():
            pulses, stream = connect(running, _teller(console))
        return _demonstrate(running, pulses, stream, settings.out, console)
    finally:
        context.__exit__(None, None, None)


def run() -> int:
    """The same system with nobody in it yet, kept running for a person with a browser."""
    settings, console = LocalSettings.read(), Console(highlight=False, soft_wrap=True)
    with _beginning():
        context = system(settings, Path("out/local"), _teller(console))
        running = context.__enter__()
    try:
        running.seed_slack()
        url = running.runtime.url
        link = seed.sign_in_link(running.table, url, settings.owner_email, running.runtime.clock.now())
        console.print(f"Ledgercast runs at {url}; its owner is {settings.owner_email}.")
        # Not wrapped: a broken line would be no link.
        console.print(f"Sign in, once and within 15 minutes: {link}", soft_wrap=True)
        console.print(f"Mail is shown at {url}/_local/inbox, where later links come too.")
        if running.xero:
            running.xero.webhook.set_up(url + WEBHOOK_PATH)
            console.print(f"The sandbox's books are at {url}{DESK_PATH}: edit a document there, and its event comes.")
        console.print("Stop: Ctrl-C")
        running.runtime.serve()
    finally:
        context.__exit__(None, None, None)


def _demonstrate(running: System, pulses: list[Pulse], stream: Stream | None, out: Path, console: Console) -> int:
    started = running.runtime.clock.now()
    if stream:
        console.print("[dim]Editing documents in the sandbox, as a bookkeeper does[/]")
        stream.edit()
    console.print(f"Firing {len(pulses)} pulses to Slack and {len(READERS)} mailboxes each")
    fired = _fire(running, pulses)
    if stream:
        stream.burst()
    runs = list(_finished(running, fired, console))
    runs.sort(key=lambda one: [pulse.id for pulse in pulses].index(one.pulse.id))
    finished = running.runtime.clock.now()
    calls = results.xero_calls(running.runtime.workdir / "logs")
    told = [results.run_of(running, one, calls.get(one.pulse.id, Counter()).total()) for one in runs]
    events = _told_events(stream, console)
    wrong = [*flaws(running, runs, told, started, {one.place.key for one in events}), *streams.flaws(events)]
    total: Counter[str] = sum(calls.values(), Counter())
    organisation = running.organisation(pulses[0].connection)
    summary = results.summary_of(told, started, finished, organisation, total, streams.told(events), ok=not wrong)
    files.write(running, runs, summary, out)
    _conclude(console, summary, wrong, out)
    return 1 if wrong else 0


def _told_events(stream: Stream | None, console: Console) -> list[Where]:
    """What became of each event, once all are told."""
    if stream is None:
        return []
    stream.wait()
    found = stream.fates()
    sent = sum(one.fate == "sent" for one in found)
    messages = len({one.place for one in found})
    mark = _MARK["sent"] if sent == len(found) else "[red]✗[/]"
    console.print(f"  {mark} {sent} of {len(found)} events of Xero's told, in {messages} messages")
    return found


def _fire(running: System, pulses: list[Pulse]) -> dict[str, tuple[Pulse, str]]:
    """Start every pulse for the slot that is now; execution → (pulse, slot)."""
    slot = text_of(running.runtime.clock.now())
    return {running.runtime.helpers.start(pulse.id, slot): (pulse, slot) for pulse in pulses}


def _finished(running: System, fired: dict[str, tuple[Pulse, str]], console: Console) -> Iterator[results.Run]:
    """Each run as it ends. One that does not end in time is stopped, and told as it then stands."""
    stepfunctions, until = running.runtime.client("stepfunctions"), time.monotonic() + PATIENCE_SECONDS
    open_runs = dict(fired)
    while open_runs:
        for arn, (pulse, slot) in list(open_runs.items()):
            found = stepfunctions.describe_execution(executionArn=arn)
            if found["status"] == "RUNNING" and time.monotonic() > until:
                stepfunctions.stop_execution(executionArn=arn, error="DemoTimeout")
                found = stepfunctions.describe_execution(executionArn=arn)
            if found["status"] != "RUNNING":
                del open_runs[arn]
                ended = results.Run(pulse, slot, arn, found)
                _tell_run(running, ended, console)
                yield ended
        time.sleep(0.1)


def _tell_run(running: System, ended: results.Run, console: Console) -> None:
    row: dict[str, Any] = running.state.run(WORKSPACE, ended.pulse.id, ended.slot) or {}
    status = str(row.get("state", "failed"))
    why = f"  {reason(row['reason'])}" if row.get("reason") else ""
    title = metric(ended.pulse.metric).title
    mark = _MARK.get(status, "[red]✗[/]")
    console.print(f"  {mark} {title:<30} {status.replace('_', ' '):<12} {ended.seconds:5.1f} s{why}")


def _conclude(console: Console, summary: dict[str, Any], wrong: list[str], out: Path) -> None:
    deliveries = [one for run in summary["runs"] for one in run["deliveries"]]
    sent = sum(one["status"] == "sent" for one in deliveries)
    console.print(
        f"{sent} of {len(deliveries)} deliveries confirmed in {summary['seconds']:.1f} s "
        f"with {summary['xero_calls']['total']} calls to Xero. Open {out / 'index.html'}"
    )
    for flaw in wrong:
        console.print(f"[red]✗[/] {flaw}")


def _teller(console: Console) -> Any:
    return lambda words: console.print(f"[dim]{words}[/]")


@contextmanager
def _beginning() -> Iterator[None]:
    """What a person can mend before anything started is one line and exit status 2."""
    try:
        yield
    except (NoConsent, PortTaken, TurnedAway) as stopped:
        print(f"ledgercast: {stopped}", file=sys.stderr)
        raise SystemExit(2) from None


def _clear(out: Path) -> None:
    """Only what a demo wrote goes; a folder that holds anything else is not ours to empty."""
    for name in ("run", "mail"):
        shutil.rmtree(out / name, ignore_errors=True)
    for pattern in ("*.png", "*.facts.json", "slack.json", "summary.json", "index.html"):
        for file in out.glob(pattern):
            file.unlink()
