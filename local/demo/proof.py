"""Whether everything was delivered exactly once: our own books against what the other side holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from local.demo.results import Run, parts_of
from local.system import System


def flaws(
    system: System, runs: list[Run], told: list[dict[str, Any]], since: datetime, streamed: set[str]
) -> list[str]:
    """What is not as it should be, a sentence each; empty when all was delivered exactly once.

    `since`: when the runs began; the mail before was the person's own, to sign in by. `streamed` are the keys of the
    messages that tell Xero's events.
    """
    return [*_unfinished(told), *_unsure(system, runs), *_mail(system, told, since), *_slack(system, runs, streamed)]


def _unfinished(told: list[dict[str, Any]]) -> Iterator[str]:
    for run in told:
        if run["status"] != "sent":
            yield f"{run['metric']} ended as {run['status']} ({run['reason']})"


def _unsure(system: System, runs: list[Run]) -> Iterator[str]:
    """The ledger must hold one sent outcome for every part, and nothing open."""
    for run in runs:
        for part in parts_of(system, run):
            sent = [row for row in part.rows if row["kind"] == "outcome" and row["status"] == "sent"]
            if part.status != "sent" or len(sent) != 1:
                yield f"{run.pulse.metric}: {part.destination.id} {part.part[:12]} is {part.status}"


def _mail(system: System, told: list[dict[str, Any]], since: datetime) -> Iterator[str]:
    """The mail server took one letter for each reader and run, and no other; the owner's notices are not deliveries."""
    expected = Counter(one["address"] for run in told for one in run["deliveries"] if one["kind"] == "email")
    letters = [letter for letter in system.runtime.mail() if letter.at >= since]
    taken = Counter(address for letter in letters for address in set(letter.to))
    for address in expected:
        if expected[address] != taken[address]:
            yield f"{address} was sent {taken[address]} mails instead of {expected[address]}"


def _slack(system: System, runs: list[Run], streamed: set[str]) -> Iterator[str]:
    """Our Slack sandbox shows each key once. Of the configured Slack only the ledger tells."""
    if system.slack is None:
        return
    keys = Counter((one.metadata or {}).get("event_payload", {}).get("key") for one in system.slack.messages)
    expected = {part.run_key for run in runs for part in parts_of(system, run) if part.destination.kind == "slack"}
    expected |= streamed
    for key in expected:
        if keys[key] != 1:
            yield f"Slack shows {key} {keys[key]} times"
    for key in set(keys) - expected:
        yield f"Slack shows a message that no run accounts for ({key})"
