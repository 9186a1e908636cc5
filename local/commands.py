"""`python -m local facts` and `chart` (contracts.md 3): the configured Xero, no schedule, no delivery.

Exit status 2 where the command could not begin (a wrong name, no consent, no place to write), 1 where a metric failed.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Console

from functions.fetch.compute import compute
from functions.fetch.patience import Patience
from functions.fetch.snapshots import MemoryStore, Snapshots
from ledgercast.clock import Clock
from ledgercast.domain.catalogue import METRICS, metric
from ledgercast.domain.errors import LedgercastError, UnknownMetric, XeroLimited
from ledgercast.domain.facts import Facts
from ledgercast.xero.client import XeroClient
from ledgercast.xero.identity import Identity
from ledgercast.xero.scopes import GRANULAR
from local.consent import MemoryGrant, NoConsent, consent
from local.facts_table import show
from local.settings import LocalSettings, XeroApp
from local.xero.generate import generate
from local.xero.server import XeroSandbox

Outcome = Facts | LedgercastError

_HOME: Final = ZoneInfo("Europe/London")  # of the sandbox's organisation
_ADVICE: Final = {
    "xero.unreachable": "check the network and the addresses LEDGERCAST_XERO_LOGIN_URL, _IDENTITY_URL and _API_URL",
    "xero.unavailable": "try again in a few minutes",
    "xero.offline": "try again in a few minutes",
    "xero.limit.minute": "run the command again then",
    "xero.limit.concurrent": "run the command again then",
    "xero.limit.day": "run the command again then",
    "xero.token.rejected": "run the command again and open the new address",
    "xero.grant.disconnected": "run the command again and open the new address",
    "xero.scope.missing": "allow it for the app in Xero and consent again",
    "xero.role.missing": "ask for that role in Xero, or consent as another user",
    "xero.connection.gone": "run the command again and choose the organisation",
}


class _UntilDayLimit:
    """Asks nothing more once Xero told of the day's limit, by whichever thread: further calls would all be refused."""

    def __init__(self, xero: XeroClient) -> None:
        self._xero = xero
        self._over: XeroLimited | None = None

    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        if self._over:
            raise XeroLimited(self._over.kind, self._over.seconds)
        try:
            return self._xero.get(path, params)
        except XeroLimited as limit:
            if limit.kind == "day":
                self._over = limit
            raise


class CannotWrite(Exception):
    """The file named by --out has no place to go."""


def facts(metric_id: str, *, as_json: bool) -> int:
    """Print the facts of one metric or of `all`; with `as_json` nothing else goes to stdout."""
    try:
        outcomes = _outcomes(_wanted(metric_id))
    except (NoConsent, UnknownMetric) as stopped:
        return _could_not_begin(stopped)
    if as_json:
        bodies = [_body(one, outcome) for one, outcome in outcomes.items()]
        print(json.dumps(bodies if metric_id == "all" else bodies[0], indent=2))
    else:
        _tell(outcomes)
    return 1 if any(isinstance(outcome, LedgercastError) for outcome in outcomes.values()) else 0


def chart(metric_id: str, out: str) -> int:
    """Write one metric's chart as a PNG."""
    from functions.render.chart import render  # matplotlib is slow to load, and `facts` has no use for it

    try:
        target = _writable(Path(out))
        outcome = _outcomes((metric(metric_id).id,))[metric_id]
    except (NoConsent, UnknownMetric, CannotWrite) as stopped:
        return _could_not_begin(stopped)
    if isinstance(outcome, LedgercastError):
        _tell({metric_id: outcome})
        return 1
    target.write_bytes(render(outcome))
    print(f"{target}: {outcome.title}, {outcome.window.label}{' (no activity)' if outcome.empty else ''}")
    return 0


def _wanted(metric_id: str) -> tuple[str, ...]:
    """Raises UnknownMetric."""
    return tuple(one.id for one in METRICS) if metric_id == "all" else (metric(metric_id).id,)


def _outcomes(wanted: tuple[str, ...]) -> dict[str, Outcome]:
    """Each metric's facts, or why it has none. Raises SettingsError and NoConsent."""
    settings = LocalSettings.read()
    clock = settings.clock()
    with _identity(settings, clock) as identity:
        try:
            snapshots = _snapshots(settings, identity, clock)
        except LedgercastError as failed:
            return dict.fromkeys(wanted, failed)
        patience = Patience(time.sleep)
        return {one: _outcome(one, snapshots, clock, patience) for one in wanted}


@contextmanager
def _identity(settings: LocalSettings, clock: Clock) -> Iterator[Identity]:
    """The Xero app at the configured addresses; our own sandbox stands for those that were left alone."""
    ours = settings.needs_xero_sandbox
    sandbox = XeroSandbox(generate(_today(clock)) if ours else [], clock)
    app = settings.xero_app or XeroApp(sandbox.client_id, sandbox.client_secret)
    if ours:
        sandbox.start()
    try:
        addresses = settings.addresses(xero_sandbox=sandbox.url if ours else "")
        yield Identity(addresses, app.client_id, app.client_secret, local=True)
    finally:
        sandbox.stop()


def _today(clock: Clock) -> date:
    return clock().astimezone(_HOME).date()


def _snapshots(settings: LocalSettings, identity: Identity, clock: Clock) -> Snapshots:
    """Consent, and the consented organisation's answers for this run. Raises NoConsent and Xero's named errors."""
    given = consent(identity, port=settings.port, scopes=GRANULAR, clock=clock, by_itself=settings.consents_by_itself)
    grant = MemoryGrant(identity, given.tokens)
    xero = XeroClient(identity.addresses.xero_api, given.connection.tenant, grant, local=True)
    return Snapshots(MemoryStore(), "snapshots/local", _UntilDayLimit(xero), clock)


def _outcome(metric_id: str, snapshots: Snapshots, clock: Clock, patience: Patience) -> Outcome:
    try:
        return patience(lambda: compute(metric_id, snapshots, clock()))
    except LedgercastError as failed:
        return failed
    except Exception as bug:  # ours, and no reason to keep the other metrics back
        *_, where = traceback.extract_tb(bug.__traceback__)
        place = f"{Path(where.filename).name}:{where.lineno}"
        return LedgercastError(f"Something unexpected happened ({type(bug).__name__} at {place}); please report it")


def _writable(target: Path) -> Path:
    if target.is_dir():
        raise CannotWrite(f"--out {target} is a folder; name a file in it")
    if not target.parent.is_dir():
        raise CannotWrite(f"--out {target}: there is no folder {target.parent}; make it first")
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        raise CannotWrite(f"--out {target} may not be written; name another place")
    return target


def _could_not_begin(why: Exception) -> int:
    print(f"ledgercast: {why}", file=sys.stderr)
    return 2


def _tell(outcomes: dict[str, Outcome]) -> None:
    console = Console(highlight=False)
    failures: dict[str, list[str]] = {}
    for one, outcome in outcomes.items():
        if isinstance(outcome, Facts):
            show(outcome, console)
        else:
            failures.setdefault(f"{_message(outcome)} [{_code(outcome)}]", []).append(one)
    for why, which in failures.items():  # what fails for all of them is told once
        of = "" if len(which) == len(outcomes) else f"{', '.join(which)}: "
        print(f"ledgercast: {of}{why}", file=sys.stderr)


def _body(metric_id: str, outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Facts):
        return outcome.to_json()
    return {"metric": metric_id, "error": {"code": _code(outcome), "message": _message(outcome)}}


def _code(error: LedgercastError) -> str:
    return error.reason if isinstance(error, XeroLimited) else error.code


def _message(error: LedgercastError) -> str:
    advice = _ADVICE.get(_code(error))
    return f"{error}; {advice}" if advice else str(error)
