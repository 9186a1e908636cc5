"""The whole product on this machine: the deployed template, the sandboxes it talks to, and one connected workspace.

`make demo`, `make local` and the scenario tests all enter here. Every address that was set away from its default is
used instead of our sandbox (contracts.md 4).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from infra.synth import local_assembly
from ledgercast.settings import Addresses
from ledgercast.store.artefacts import Artefacts
from ledgercast.store.ledger import Ledger
from ledgercast.store.state import StateStore
from ledgercast.store.table import Table
from ledgercast.xero.identity import Identity
from ledgercast.xero.scopes import GRANULAR
from local import seed
from local.aws.clock import LocalClock
from local.consent import Consent, consent
from local.runtime import Runtime
from local.settings import LocalSettings, XeroApp
from local.slack.server import CHANNEL, SlackSandbox
from local.xero.books import Books
from local.xero.generate import generate
from local.xero.server import XeroSandbox

WORKSPACE = "main"
HOME = ZoneInfo("Europe/London")  # of the sandbox's organisation

Tell = Callable[[str], None]


@dataclass(frozen=True)
class System:
    """What is running. A sandbox is None where the configured service is used instead."""

    runtime: Runtime
    state: StateStore
    ledger: Ledger
    artefacts: Artefacts
    organisation: str
    channel: str
    xero: XeroSandbox | None
    slack: SlackSandbox | None


@contextmanager
def system(settings: LocalSettings, workdir: Path, tell: Tell, books: Books | None = None) -> Iterator[System]:
    """Start everything, connect the organisation, leave nothing behind.

    Raises NoConsent, PortTaken, SettingsError and the named errors of Xero's identity side.
    """
    os.environ["LEDGERCAST_LOCAL"] = "1"
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with ExitStack() as running:
        workdir.mkdir(parents=True, exist_ok=True)
        clock = LocalClock(workdir / "clock", settings.starts_at)
        xero = _xero(settings, clock, books, running)
        slack = _slack(settings, clock, running)
        addresses = settings.addresses(xero_sandbox=xero.url if xero else "", slack_sandbox=slack.url if slack else "")
        app = settings.xero_app or XeroApp(xero.client_id if xero else "", xero.client_secret if xero else "")
        identity = Identity(addresses, app.client_id, app.client_secret, local=True)
        tell("Connecting the organisation in Xero")
        given = consent(
            identity, port=settings.port, scopes=GRANULAR, clock=clock.now, by_itself=settings.consents_by_itself
        )
        tell("Synthesizing the template (kept until the infrastructure changes)")
        template = local_assembly()
        tell("Deploying it to the local AWS")
        runtime = running.enter_context(
            Runtime(template, workdir, _environment(addresses), clock=clock, port=settings.port)
        )
        yield _seeded(runtime, settings, app, identity, given, xero, slack)


def _xero(settings: LocalSettings, clock: LocalClock, books: Books | None, running: ExitStack) -> XeroSandbox | None:
    if not settings.needs_xero_sandbox:
        return None
    return running.enter_context(XeroSandbox(books or generate(clock.now().astimezone(HOME).date()), clock.now))


def _slack(settings: LocalSettings, clock: LocalClock, running: ExitStack) -> SlackSandbox | None:
    return None if settings.slack_api else running.enter_context(SlackSandbox(clock.now))


def _environment(addresses: Addresses) -> dict[str, str]:
    return {
        "LEDGERCAST_XERO_LOGIN_URL": addresses.xero_login,
        "LEDGERCAST_XERO_IDENTITY_URL": addresses.xero_identity,
        "LEDGERCAST_XERO_API_URL": addresses.xero_api,
        "LEDGERCAST_SLACK_API_URL": addresses.slack_api,
    }


def _seeded(
    runtime: Runtime,
    settings: LocalSettings,
    app: XeroApp,
    identity: Identity,
    given: Consent,
    xero: XeroSandbox | None,
    slack: SlackSandbox | None,
) -> System:
    """What sign-in, the connect flow and the console will do by hand: the accounts of this workspace, stored."""
    dynamodb, now = runtime.client("dynamodb"), runtime.clock.now
    state = StateStore(Table(dynamodb, runtime.outputs["StateTable"], now))
    channel = settings.slack_channel or CHANNEL
    seed.app_secret(runtime, settings, app)
    seed.connection(runtime, state, identity, given)
    seed.slack_install(runtime, state, settings.slack_bot_token or (slack.token if slack else ""), channel)
    return System(
        runtime=runtime,
        state=state,
        ledger=Ledger(Table(dynamodb, runtime.outputs["LedgerTable"], now)),
        artefacts=Artefacts(runtime.client("s3"), runtime.outputs["Bucket"]),
        organisation=given.connection.name,
        channel=channel,
        xero=xero,
        slack=slack,
    )
