"""The use case: one destination of one run, from the stored chart and words to a known end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from functions.deliver import email_delivery, slack_delivery
from functions.deliver.job import Job
from functions.deliver.ses import Mailer
from ledgercast.content import Content, content_of
from ledgercast.domain.errors import ArtefactMissing, LedgercastError
from ledgercast.domain.facts import Facts
from ledgercast.domain.pulses import Destination
from ledgercast.domain.recipients import channel_refusal
from ledgercast.domain.sending import Result, Wait
from ledgercast.domain.workspace import Settings
from ledgercast.parts import Desk, untried
from ledgercast.slack import gate
from ledgercast.slack.api import Slack
from ledgercast.store.artefacts import Artefacts
from ledgercast.store.ledger import Ledger
from ledgercast.store.optouts import OptOuts
from ledgercast.store.state import StateStore
from ledgercast.store.uploads import Uploads

Answer = dict[str, Any]


@dataclass(frozen=True)
class Dependencies:
    """`slack` opens an install by the name of its secret; `mailer` is made when the first email needs it.

    `domains` may be written to while no owner has said anything of domains; `public_url` is the site's own origin, for
    the links by which people unsubscribe.
    """

    state: StateStore
    artefacts: Artefacts
    uploads: Uploads
    desk: Desk
    slack: Callable[[str], Slack]
    opt_outs: Callable[[str], OptOuts]
    domains: tuple[str, ...]
    public_url: str
    mailer: Callable[[], Mailer]


def deliver(job: Job, have: Dependencies, time_left: Callable[[], float]) -> Answer:
    """{"outcome": "done", status, complete, reason, parts} or {"outcome": "wait", seconds, reason}.

    A named error that may not be retried is an answer too, unless something may have left before: then it is raised,
    and the state machine calls the delivery unconfirmed.
    """
    try:
        return _deliver(job, have, time_left)
    except Wait as wait:
        return {"outcome": "wait", "seconds": wait.seconds, "reason": wait.reason}
    except LedgercastError as error:
        if error.retryable or _begun(job, have.desk.ledger):
            raise
        return _failed(error.code)


def _deliver(job: Job, have: Dependencies, time_left: Callable[[], float]) -> Answer:
    pulse = have.state.pulse(job.workspace, job.pulse)
    destination = pulse.destination(job.destination) if pulse else None
    if destination is None:
        return _failed("deliver.no_destination")
    if destination.kind == "slack":
        return _to_slack(job, destination, have)
    return _to_email(job, destination, have, time_left)


def _begun(job: Job, ledger: Ledger) -> bool:
    rows = ledger.of_slot(job.workspace, job.pulse, job.slot)
    return any(row["destination"] == job.destination and row["kind"] == "attempt" for row in rows)


def _to_slack(job: Job, destination: Destination, have: Dependencies) -> Answer:
    settings = _settings(job, have)
    never = channel_refusal(destination.channel, settings, shared=False)
    if never:
        untried(job.place(slack_delivery.MAIN), have.desk, never)
        return _failed(never)
    install = have.state.slack_install(job.workspace, destination.install)
    if install is None:
        return _failed("slack.not_installed")
    content, chart = _content(job, have)
    slack = have.slack(install["secret"])
    channel = slack_delivery.Channel(
        id=destination.channel,
        slack=slack,
        may_post=lambda: gate.check(destination.channel, settings, slack),
        uploads=have.uploads,
        chart=chart,
        keep=have.artefacts.put_json,
    )
    results = slack_delivery.deliver(job, content, channel, have.desk)
    return _done(results, results[slack_delivery.MAIN])


def _to_email(job: Job, destination: Destination, have: Dependencies, time_left: Callable[[], float]) -> Answer:
    content, chart = _content(job, have)
    opt_outs = have.opt_outs(job.workspace)
    post = email_delivery.Post(
        addresses=destination.addresses,
        domains=_settings(job, have).mail_domains,
        opted_out=opt_outs.of_pulse(job.pulse),
        unsubscribe=lambda address: f"{have.public_url}/unsubscribe/{opt_outs.token(job.pulse, address)}",
        mailer=have.mailer(),
        chart=chart() if chart else None,
        keep=lambda key, raw: have.artefacts.put(key, raw, "message/rfc822"),
        time_left=time_left,
    )
    results = email_delivery.deliver(job, content, post, have.desk)
    if not results:
        return _failed("deliver.nobody_left" if destination.addresses else "deliver.no_destination")
    best = ("sent", "unconfirmed", "failed")
    return _done(results, min(results.values(), key=lambda one: best.index(one.status)))


def _settings(job: Job, have: Dependencies) -> Settings:
    return Settings.from_item(have.state.settings(job.workspace), have.domains)


def _content(job: Job, have: Dependencies) -> tuple[Content, Callable[[], bytes] | None]:
    """What is said, and how to get the chart; a missing chart is an error unless there was no activity (RL-5)."""
    body = have.artefacts.get_json(job.facts)
    if body is None:
        raise ArtefactMissing("The facts of this run are no longer stored")
    facts = Facts.from_json(body)
    if not facts.empty and job.chart is None:
        raise ArtefactMissing("This run has figures but no chart")
    details = have.artefacts.get_json(job.details) if job.details else None
    summary = have.artefacts.get_json(job.summary) if job.summary else None
    content = replace(content_of(facts, details, summary), test=job.is_test)
    key = None if facts.empty else job.chart
    return content, (lambda: have.artefacts.get(key)) if key else None


def _done(results: dict[str, Result], main: Result) -> Answer:
    """The status is the main part's; any part that was not sent leaves the delivery incomplete, with its reason."""
    short = [one for one in results.values() if one.status != "sent"]
    reason = main.reason or next((one.reason for one in short if one.reason), None)
    parts = {name: one.status for name, one in results.items()}
    return {"outcome": "done", "status": main.status, "complete": not short, "reason": reason, "parts": parts}


def _failed(reason: str) -> Answer:
    return {"outcome": "done", "status": "failed", "complete": False, "reason": reason, "parts": {}}
