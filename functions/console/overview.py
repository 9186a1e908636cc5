"""The first page: what is connected, what needs attention, and the one next step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from functions.console.compose import Dependencies
from functions.console.pulse_runs import latest
from functions.console.pulse_views import NextRun, shown_pulse
from functions.console.pulse_views import Shown as PulseShown
from functions.console.views import Shown, shown
from ledgercast.domain.accounts import Member
from ledgercast.domain.connections import BY_MEMBER
from ledgercast.domain.pulses import Pulse
from ledgercast.domain.workspace import Settings
from ledgercast.store.installs import Install
from ledgercast.text import one_line
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, page
from ledgercast.web.visit import Visit


@dataclass(frozen=True)
class Step:
    """Something to do: its name, why, and the link that does it, where this member may."""

    title: str
    words: str
    link: str
    button: str


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/", who="member")(overview)


def overview(visit: Visit, deps: Dependencies) -> Reply:
    member = visit.signed_in
    connections = deps.connections.list()
    sources = [shown(one) for one in connections]
    installs, settings, pulses = deps.installs.list(), deps.settings.get(), deps.pulses.store.list()
    last = {} if member.is_owner else latest(deps, pulses)
    by_id, now = {one.id: one for one in connections}, deps.edge.now()
    rows = [shown_pulse(one, by_id, last.get(one.id), now) for one in pulses]
    return page(
        "overview.html.j2",
        sources=sources,
        installs=installs,
        settings=settings,
        troubles=[*_troubles(member, sources, installs), *(_told(deps) if member.is_owner else _failing(rows))],
        step=next(_steps(member, sources, installs, settings, pulses), None),
        coming=_coming(rows),
    )


def _troubles(member: Member, sources: Sequence[Shown], installs: Sequence[Install]) -> Iterator[Step]:
    for one in sources:
        mend = f"/oauth/xero/start?connection={one.id}"
        if one.state == "disconnected" and one.connection.held_reason != BY_MEMBER:
            yield Step(f"{one.name} is disconnected", one.why, mend, "Reconnect")
        elif one.state == "needs_scopes":
            count = len(one.lacking)
            why = f"{count} of its metrics lack{'s' if count == 1 else ''} a permission in Xero."
            yield Step(f"{one.name} lacks permissions", why, mend, "Reconnect to enable")
        elif one.state == "held":
            yield Step(f"{one.name} is held", one.why, f"/sources/{one.id}", "Open")
    for install in installs if member.is_owner else ():
        if install.state != "connected":
            name = one_line(install.team_name)
            why = "Slack no longer accepts the app." if install.state == "broken" else "The app lacks a permission."
            yield Step(f"Slack: {name}", f"{why} Connect Slack again.", "/settings#slack", "Go to Settings")


def _told(deps: Dependencies) -> Iterator[Step]:
    """What the owners were told of by mail and what is not mended yet, as far as no source's state says it."""
    for incident in deps.incidents.list():
        if not incident.is_open or incident.kind in _SEEN_AT_SOURCES:
            continue
        letter = deps.letters.write(incident)
        if letter:
            link = letter.button[1].removeprefix(deps.edge.settings.public_url) if letter.button else "/activity"
            yield Step(letter.subject, letter.lines[0], link, letter.button[0] if letter.button else "Open")


def _failing(pulses: Sequence[PulseShown]) -> Iterator[Step]:
    """For members, whom no incident is told."""
    for one in pulses:
        if one.state == "error":
            yield Step(f"{one.name}: the last run failed", one.why, f"/pulses/{one.id}", "Open")


def _coming(pulses: Sequence[PulseShown]) -> list[tuple[NextRun, PulseShown]]:
    """The next few runs of all pulses, each in its own zone."""
    coming = [(one.next, one) for one in pulses if one.next and one.state != "held"]
    return sorted(coming, key=lambda pair: pair[0].at)[:_MOST_COMING]


def _steps(
    member: Member,
    sources: Sequence[Shown],
    installs: Sequence[Install],
    settings: Settings,
    pulses: Sequence[Pulse],
) -> Iterator[Step]:
    """What is still to be done, in the order in which it makes sense."""
    usable = [one for one in sources if one.is_open]
    if not usable:
        yield Step(
            "Connect Xero",
            "Ledgercast reads an organisation's reports and draws them. It cannot change anything there.",
            "/sources#connect",
            "See what is read, and connect",
        )
    if member.is_owner and usable and not _can_send(settings, installs):
        yield Step(
            "Say who may be written to",
            "Nothing leaves this workspace until you allow a Slack channel or a mail domain."
            if installs
            else "Nothing leaves this workspace until you connect Slack and allow a channel, or allow a mail domain.",
            "/settings",
            "Go to Settings",
        )
    if usable and not pulses:
        yield Step(
            "Make the first pulse",
            f"Choose one of the eleven figures of {usable[0].name}, and say where and how often it is sent. "
            "You can see it with your own numbers first.",
            "/pulses/new",
            "Make a pulse",
        )


_MOST_COMING = 3
_SEEN_AT_SOURCES = ("grant", "connection")


def _can_send(settings: Settings, installs: Sequence[Install]) -> bool:
    channels = settings.own_channels or settings.slack_channels
    return bool(settings.mail_domains or (installs and channels))
