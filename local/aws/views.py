"""What `/_local/…` shows, as plain data (contracts.md 6). Workspace `main`, as there is one per deployment."""

from __future__ import annotations

import email
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from email import policy
from email.utils import parseaddr
from typing import Any

from ledgercast.domain.pulses import Pulse, shown_state
from ledgercast.store.state import StateStore
from local.aws.hooks import Letter
from local.aws.scheduler import text_of

WORKSPACE = "main"


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def mail(letters: Iterable[Letter], to: str = "", since: datetime | None = None) -> list[dict[str, Any]]:
    """The messages sent, oldest first; only those to an address, only those not older than an instant."""
    shown = (_letter(letter) for letter in letters if since is None or letter.at >= since)
    return [one for one in shown if not to or to.lower() in [address.lower() for address in one["to"]]]


def _letter(letter: Letter) -> dict[str, Any]:
    subject = email.message_from_string(letter.raw, policy=policy.default)["subject"]
    return {
        "id": letter.id,
        "at": instant(letter.at),
        "from": parseaddr(letter.sender)[1],
        "to": [parseaddr(address)[1] for address in letter.to],
        "subject": str(subject or ""),
        "raw": letter.raw,
    }


def executions(stepfunctions: Any, machines: Iterable[str], state: StateStore | None) -> list[dict[str, Any]]:
    """Every execution, oldest first, beside the state of its run."""
    shown = []
    for machine in machines:
        for page in stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=machine):
            shown += [_execution(stepfunctions, one["executionArn"], state) for one in page["executions"]]
    return sorted(shown, key=lambda one: str(one["started"]))


def _execution(stepfunctions: Any, arn: str, state: StateStore | None) -> dict[str, Any]:
    found = stepfunctions.describe_execution(executionArn=arn)
    given = json.loads(found.get("input") or "{}")
    pulse, slot = given.get("pulse"), given.get("slot")
    run = state.run(given.get("workspace", WORKSPACE), pulse, slot) if state and pulse and slot else None
    return {
        "arn": arn,
        "machine": found["stateMachineArn"].rpartition(":")[2],
        "pulse": pulse,
        "slot": slot,
        "status": found["status"],
        "run_status": run["state"] if run else None,
        "started": instant(found["startDate"]),
        "stopped": instant(found["stopDate"]) if found.get("stopDate") else None,
    }


def queues(sqs: Any) -> list[dict[str, Any]]:
    """How many messages lie in each queue, and whose dead-letter queue it is."""
    attributes = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        for url in sqs.list_queues().get("QueueUrls", [])
    ]
    sources = {
        json.loads(one["RedrivePolicy"])["deadLetterTargetArn"]: _last(one["QueueArn"])
        for one in attributes
        if "RedrivePolicy" in one
    }
    return [
        {
            "name": _last(one["QueueArn"]),
            "visible": int(one["ApproximateNumberOfMessages"]),
            "in_flight": int(one["ApproximateNumberOfMessagesNotVisible"]),
            "delayed": int(one["ApproximateNumberOfMessagesDelayed"]),
            "dead_letter_of": sources.get(one["QueueArn"]),
        }
        for one in attributes
    ]


def _last(arn: str) -> str:
    return arn.rpartition(":")[2]


def pulses(state: StateStore, upcoming: Iterable[tuple[datetime, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The pulses, each with the next instant at which a schedule starts it."""
    planned: dict[str, datetime] = {}
    for at, schedule in upcoming:
        pulse = _pulse_of(schedule)
        if pulse:
            planned[pulse] = min(at, planned.get(pulse, at))
    return [
        {
            "id": pulse.id,
            "metric": pulse.metric,
            "state": _state(pulse, state),
            "next": text_of(planned[pulse.id]) if pulse.id in planned else None,
        }
        for pulse in state.pulses(WORKSPACE)
    ]


def _state(pulse: Pulse, state: StateStore) -> str:
    connection = state.connection(WORKSPACE, pulse.connection)
    return shown_state(pulse, connection["state"] if connection else None)


def _pulse_of(schedule: dict[str, Any]) -> str | None:
    try:
        return str(json.loads(schedule["Target"].get("Input") or "{}")["pulse"])
    except (ValueError, KeyError, TypeError):
        return None
