"""A run as the pages show it: whose it is, how it ended in words, why, and what mends that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from functions.console.compose import Dependencies
from functions.console.pulse_views import RUNS, moment, name_of, title_of
from functions.console.views import shown as shown_connection
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.errors import code_of
from ledgercast.domain.pulses import Pulse
from ledgercast.domain.runs import RETRIABLE, Run, is_scheduled
from ledgercast.messages import reason
from ledgercast.text import one_line


@dataclass(frozen=True)
class Mend:
    """Where a person goes to mend what stood in a run's way."""

    link: str
    words: str


@dataclass(frozen=True)
class Shown:
    """`began` is in the workspace's zone. `organisation`, `why`, `took` and `goes_on` (when a deferred run is taken up
    again) are "" where there is nothing to say; `pulse` is None where the pulse is not even a tombstone any more."""

    run: Run
    pulse: Pulse | None
    name: str
    organisation: str
    began: datetime
    planned: str
    tone: str
    words: str
    why: str
    mend: Mend | None
    took: str
    goes_on: str

    @property
    def id(self) -> str:
        return self.run.id

    @property
    def pulse_name(self) -> str:
        """What the pulse is called now."""
        return name_of(self.pulse) if self.pulse else self.name

    @property
    def has_page(self) -> bool:
        """Whether the pulse has a page of its own still."""
        return self.pulse is not None and self.pulse.state != "deleted"


def views(deps: Dependencies, runs: Iterable[Run], zone: tzinfo) -> list[Shown]:
    """A run tells its pulse's name itself; the pulse is read only where it has to mend something, or did not come to
    that."""
    runs = list(runs)
    asked = {run.pulse for run in runs if not run.metric or _at_the_pulse(run)}
    pulses = {pulse: deps.state.pulse(WORKSPACE, pulse) for pulse in asked}
    names = {one.id: shown_connection(one).name for one in deps.connections.list()}
    return [view(run, pulses.get(run.pulse), names, zone) for run in runs]


def view(run: Run, pulse: Pulse | None, organisations: Mapping[str, str], zone: tzinfo) -> Shown:
    connection = run.connection or (pulse.connection if pulse else "")
    tone, words = _ending(run)
    return Shown(
        run=run,
        pulse=pulse,
        name=_name(run, pulse),
        organisation=organisations.get(connection, ""),
        began=datetime.fromisoformat(run.started_at).astimezone(zone),
        planned=planned(run, zone),
        tone=tone,
        words=words,
        why=one_line(reason(run.reason)) if run.reason and run.state not in ("sent", "running") else "",
        mend=_mend(run, pulse, connection),
        took=_took(run.took) if run.took is not None and run.attempt else "",
        goes_on=f"It goes on by itself about {moment(run.goes_on.astimezone(zone))}." if run.goes_on else "",
    )


def planned(run: Run, zone: tzinfo) -> str:
    """What its slot says: the planned time, or that somebody asked for it."""
    if run.is_test:
        return "A test"
    if not is_scheduled(run.slot):
        return "Sent by hand"
    try:
        return f"Planned for {moment(datetime.fromisoformat(run.slot).astimezone(zone))}"
    except ValueError:  # a key in the form of an instant that there is not
        return "Sent by hand"


def can_retry(run: Run) -> bool:
    """Whether another attempt could reach somebody: what is unconfirmed is never sent again."""
    if run.state not in RETRIABLE:
        return False
    return not run.deliveries or any(one.status != "unconfirmed" and not one.complete for one in run.deliveries)


def _ending(run: Run) -> tuple[str, str]:
    """Tone and words; where all that went wrong is that nobody knows, that is said."""
    flawed = [one for one in run.deliveries if not one.complete]
    if run.state == "partly_sent" and flawed and all(one.status == "unconfirmed" for one in flawed):
        return "warn", "Unconfirmed"
    return RUNS.get(run.state, ("calm", run.state))


def _mend(run: Run, pulse: Pulse | None, connection: str) -> Mend | None:
    if run.state in ("sent", "running") or not run.reason:
        return None
    code = code_of(run.reason)
    if code in _AT_THE_SOURCE and connection:
        return Mend(f"/sources/{connection}", "Open the source")
    if code in _AT_SETTINGS:
        return Mend("/settings", "Open Settings")
    if _at_the_pulse(run) and pulse and pulse.state != "deleted":
        return Mend(f"/pulses/{pulse.id}", "Open the pulse")
    return None


def _at_the_pulse(run: Run) -> bool:
    """Whether what stood in its way is mended there, as far as the code tells."""
    code = code_of(run.reason or "")
    return code in _AT_THE_PULSE or (code.startswith("slack.") and code not in _AT_SETTINGS)


def _name(run: Run, pulse: Pulse | None) -> str:
    if run.metric:
        return one_line(run.name) or title_of(run.metric)
    return name_of(pulse) if pulse else f"Pulse {run.pulse}"


def _took(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    if seconds < 1:
        return "under a second"
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


_AT_THE_SOURCE = ("xero.grant.disconnected", "xero.connection.gone", "xero.scope.missing", "xero.role.missing")
_AT_SETTINGS = ("deliver.not_allowed", "deliver.shared_channel", "slack.not_installed", "slack.invalid_auth",
                "slack.token_revoked", "slack.account_inactive", "slack.missing_scope")  # fmt: skip
_AT_THE_PULSE = ("pulse.held", "metric.unknown", "deliver.no_destination", "deliver.nobody_left", "mail.rejected")
