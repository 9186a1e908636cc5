"""The whole product on this machine: the deployed template and the sandboxes it talks to, with nobody in it yet.

`make demo`, `make local` and the scenario tests all enter here, and then go through the front door. Every address that
was set away from its default is used instead of our sandbox (contracts.md 4).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from infra.synth import local_assembly
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.pulses import Destination
from ledgercast.pulses import Pulses
from ledgercast.settings import Addresses
from ledgercast.store.artefacts import Artefacts
from ledgercast.store.ledger import Ledger
from ledgercast.store.planner import Planner
from ledgercast.store.pulses import PulseStore
from ledgercast.store.state import StateStore
from ledgercast.store.table import Table
from local import front, seed
from local.aws.clock import LocalClock
from local.bedrock import ModelSandbox
from local.inbox import inbox
from local.runtime import Runtime
from local.settings import LocalSettings, XeroApp
from local.slack.server import CHANNEL, SlackSandbox
from local.switch import TokenSwitch
from local.xero.books import Books
from local.xero.desk_page import PATH as DESK_PATH
from local.xero.desk_page import DeskPage
from local.xero.generate import generate
from local.xero.server import XeroSandbox

HOME = ZoneInfo("Europe/London")  # of the sandbox's organisation
WEBHOOK_PATH = "/webhooks/xero"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class System:
    """What is running. A sandbox is None where the configured service is used instead. `table` is the state table."""

    runtime: Runtime
    table: Table
    state: StateStore
    ledger: Ledger
    artefacts: Artefacts
    settings: LocalSettings
    channel: str
    xero: XeroSandbox | None
    slack: SlackSandbox | None
    model: ModelSandbox

    def organisation(self, connection: str) -> str:
        return str((self.state.connection(WORKSPACE, connection) or {}).get("name", ""))

    @property
    def pulses(self) -> Pulses:
        """As the console and the daily pass have them."""
        outputs = self.runtime.outputs
        planner = Planner(
            self.runtime.client("scheduler"),
            group=outputs["ScheduleGroupName"],
            role=outputs["SchedulerRoleArn"],
            machine=outputs["StateMachineArn"],
            dead_letters=outputs["SchedulerDeadLetterArn"],
        )
        return Pulses(PulseStore(self.table), planner, self.runtime.clock.now)

    def seed_slack(self) -> Destination | None:
        """The channel of a workspace whose bot token was given; None where none was given."""
        token, now = self.settings.slack_bot_token, self.runtime.clock.now()
        if not token:
            return None
        install = seed.slack_install(self.runtime, self.table, token, now)
        return Destination("slack", "slack", channel=self.channel, install=install)


@contextmanager
def system(
    settings: LocalSettings,
    workdir: Path,
    tell: Tell,
    books: list[Books] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[System]:
    """Start everything, leave nothing behind. Raises PortTaken and SettingsError.

    `environment` is what every function gets besides, or in place of what the template says.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    front.free(settings.port)
    with ExitStack() as running:
        running.enter_context(_declared_local())
        workdir.mkdir(parents=True, exist_ok=True)
        clock = LocalClock(workdir / "clock", settings.starts_at)
        xero = _xero(settings, clock, books, running)
        slack = _slack(settings, clock, running)
        model = running.enter_context(ModelSandbox())
        addresses = settings.addresses(xero_sandbox=xero.url if xero else "", slack_sandbox=slack.url if slack else "")
        tell("Synthesizing the template (kept until the infrastructure changes)")
        template = local_assembly()
        tell("Deploying it to the local AWS")
        given = {**_environment(addresses, settings, model), **(environment or {})}
        runtime = running.enter_context(Runtime(template, workdir, given, clock=clock, port=settings.port))
        if xero:
            xero.webhook.start()
            running.callback(xero.webhook.stop)
        yield _filled(runtime, settings, xero, slack, model)


@contextmanager
def _declared_local() -> Iterator[None]:
    """Plain http may be spoken in this process while the system runs, and not after it."""
    before = os.environ.get("LEDGERCAST_LOCAL")
    os.environ["LEDGERCAST_LOCAL"] = "1"
    try:
        yield
    finally:
        os.environ.pop("LEDGERCAST_LOCAL")
        os.environ.update({"LEDGERCAST_LOCAL": before} if before else {})


def _xero(
    settings: LocalSettings, clock: LocalClock, books: list[Books] | None, running: ExitStack
) -> XeroSandbox | None:
    if not settings.needs_xero_sandbox:
        return None
    return running.enter_context(XeroSandbox(books or generate(clock.now().astimezone(HOME).date()), clock.now))


def _slack(settings: LocalSettings, clock: LocalClock, running: ExitStack) -> SlackSandbox | None:
    return None if settings.slack_api else running.enter_context(SlackSandbox(clock.now))


def _environment(addresses: Addresses, settings: LocalSettings, model: ModelSandbox) -> dict[str, str]:
    return {
        "LEDGERCAST_XERO_LOGIN_URL": addresses.xero_login,
        "LEDGERCAST_XERO_IDENTITY_URL": addresses.xero_identity,
        "LEDGERCAST_XERO_API_URL": addresses.xero_api,
        "LEDGERCAST_SLACK_API_URL": addresses.slack_api,
        "LEDGERCAST_OWNER_EMAIL": settings.owner_email,
        # By botocore's own name for it, so that the other services are asked where AWS_ENDPOINT_URL says.
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": model.url,
    }


def _filled(
    runtime: Runtime,
    settings: LocalSettings,
    xero: XeroSandbox | None,
    slack: SlackSandbox | None,
    model: ModelSandbox,
) -> System:
    """The apps' credentials in their secret, and the pages of this machine."""
    dynamodb, now = runtime.client("dynamodb"), runtime.clock.now
    xero_app = settings.xero_app or XeroApp(xero.client_id if xero else "", xero.client_secret if xero else "")
    slack_app = (slack.oauth.client_id, slack.oauth.client_secret) if slack else ("", "")
    if xero and settings.xero_webhook_keys:
        xero.webhook.key = settings.xero_webhook_keys[0]
    keys = settings.xero_webhook_keys or ((xero.webhook.key,) if xero else ())
    seed.app_secret(runtime, settings, xero_app, slack_app, keys)
    runtime.front.pages["/_local/inbox"] = lambda: inbox(runtime.mail())
    if xero:
        runtime.front.helpers["POST", "/_local/xero"] = TokenSwitch(xero.faults).turn
        page = DeskPage(xero.desk, lambda: runtime.url + WEBHOOK_PATH, now)
        runtime.front.pages[DESK_PATH] = page.page
        runtime.front.helpers["POST", DESK_PATH] = page.submit
    table = Table(dynamodb, runtime.outputs["StateTable"], now)
    return System(
        runtime=runtime,
        table=table,
        state=StateStore(table),
        ledger=Ledger(Table(dynamodb, runtime.outputs["LedgerTable"], now)),
        artefacts=Artefacts(runtime.client("s3"), runtime.outputs["Bucket"]),
        settings=settings,
        channel=settings.slack_channel or CHANNEL,
        xero=xero,
        slack=slack,
        model=model,
    )
