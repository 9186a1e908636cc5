"""How the demo comes in: a person signs in, passes the second factor, connects Xero and Slack, all by HTTP."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

from ledgercast.domain.catalogue import METRICS, Metric
from ledgercast.domain.pulses import Pulse
from local.consent import NoConsent, announce
from local.demo.person import Person
from local.demo.streams import Stream, open_stream
from local.front import Front
from local.system import System, Tell

CALLBACK = "/oauth/xero/callback"
CONSENT_SECONDS = 300
TIMEZONE = "Europe/London"
READERS = ("finance@example.com", "board@example.com")
DOMAINS = tuple(sorted({reader.partition("@")[2] for reader in READERS}))


def connect(running: System, tell: Tell) -> tuple[list[Pulse], Stream | None]:
    """The pulses and the stream over what was connected. Raises TurnedAway and NoConsent."""
    settings = running.settings
    elsewhere = (
        None
        if settings.consents_by_itself
        else lambda address: consent_elsewhere(running.runtime.front, address, announce)
    )
    person = Person(running.runtime.url, settings.owner_email, elsewhere)
    tell(f"Signing in as {settings.owner_email}")
    person.sign_in()
    tell("Connecting Xero, with the second factor set up on the way")
    connection = person.connect_xero()
    tell("Connecting Slack")
    if not running.seed_slack():
        person.connect_slack(running.channel)
    person.allow_mail_to(*DOMAINS)
    tell(f"Making {len(METRICS)} pulses")
    made = [person.ask("POST", "/api/v1/pulses", _pulse(one, connection, running.channel)) for one in METRICS]
    stored = {one.id: one for one in running.pulses.list()}
    return [stored[one["id"]] for one in made], open_stream(running, person, connection)


def _pulse(metric: Metric, connection: str, channel: str) -> dict[str, Any]:
    """One metric to a channel and two mailboxes, at nine on the days that the catalogue suggests."""
    days = {"every": "weekday"} if metric.cadence == "daily" else {"every": "week", "days": ["mon"]}
    return {
        "connection": connection,
        "metric": metric.id,
        "destinations": [
            {"kind": "slack", "channel": channel},
            {"kind": "email", "addresses": list(READERS)},
        ],
        "schedule": {**days, "at": "09:00", "timezone": TIMEZONE},
        "summary": "template",
    }


def consent_elsewhere(front: Front, address: str, announce: Callable[[str], None]) -> str:
    """Where somebody's browser was sent by Xero; it has not our person's cookies, so that person goes there instead.

    Raises NoConsent when it is sent nowhere within five minutes.
    """
    answers: queue.Queue[str] = queue.Queue()

    def relay(came: str) -> str:
        answers.put(came)
        return "Xero answered, and the demo goes on by itself. You can close this page."

    front.relays[CALLBACK] = relay
    announce(address)
    try:
        return answers.get(timeout=CONSENT_SECONDS)
    except queue.Empty:
        raise NoConsent("No consent came within five minutes; run the command again and open the address") from None
    finally:
        del front.relays[CALLBACK]
