"""The audit for owners: every act of LG-2 in words, newest first, in the workspace's time zone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby
from urllib.parse import quote

from functions.console.compose import Dependencies
from functions.console.pulse_views import name_of
from functions.console.views import MOST_NAME, shown
from functions.console.zones import zone_of
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.audit import WORDS
from ledgercast.domain.catalogue import METRICS
from ledgercast.store.audit import Entry
from ledgercast.text import one_line, shorten
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, json_reply, page
from ledgercast.web.visit import FormError, Visit

PAGE = 50
_CURSOR = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z#[0-9a-f]{32}")
_LONGEST_CURSOR = 80
_HASH = re.compile(r"[0-9a-f]{16,64}")


@dataclass(frozen=True)
class Row:
    """One act. `when` is in the workspace's zone; `subject` and `outcome` are "" where there is nothing to add."""

    when: datetime
    words: str
    actor: str
    origin: str
    subject: str
    outcome: str
    refused: bool


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/api/v1/audit", who="owner")(for_programs)


def acts_page(visit: Visit, deps: Dependencies) -> Reply:
    """The page `/activity?show=acts`, of which the activity knows that an owner asks for it."""
    before = _cursor(visit, "before")
    entries, more = deps.edge.audit.newest(PAGE, before)
    zone = zone_of(deps.settings.get())
    rows = _rows(entries, _names(deps, entries), zone)
    return page(
        "acts.html.j2",
        days=[(day, list(acts)) for day, acts in groupby(rows, key=lambda row: row.when.date())],
        zone=str(zone),
        older=f"/activity?show=acts&before={quote(more, safe='')}" if more else "",
        newest=before is None,
    )


def for_programs(visit: Visit, deps: Dependencies) -> Reply:
    """{"items": [{at, act, actor, origin, subject, outcome}], "next"}; the rest by `?next=<that token>`."""
    entries, more = deps.edge.audit.newest(PAGE, _cursor(visit, "next"))
    return json_reply({"items": [vars(one) for one in entries], "next": more})


def _cursor(visit: Visit, name: str) -> str | None:
    """Raises FormError for anything that no page of ours linked to."""
    text = visit.asked(name, _LONGEST_CURSOR)
    if text and not _CURSOR.fullmatch(text):
        raise FormError(name, "This page of the activity does not exist. Go back to the newest entries.")
    return text or None


def _rows(entries: Iterable[Entry], names: Mapping[str, str], zone: tzinfo) -> list[Row]:
    return [
        Row(
            when=datetime.fromisoformat(one.at).astimezone(zone),
            words=WORDS.get(one.act, one.act),
            actor=_ACTORS.get(one.actor) or names.get(one.actor, "A former member"),
            origin=one.origin,
            subject="" if one.subject in ("", one.actor) else _subject(one.subject, names),
            outcome="" if one.outcome == "ok" else OUTCOMES.get(one.outcome, one.outcome),
            refused=one.act.endswith((".refused", ".denied", ".throttled")),
        )
        for one in entries
    ]


def _names(deps: Dependencies, entries: Iterable[Entry]) -> dict[str, str]:
    """What people call the ids that the rows hold: members, organisations, Slack workspaces, metrics."""
    named = {one.id: shown(one).name for one in deps.connections.list()}
    named |= {one.id: shorten(one_line(one.team_name), MOST_NAME) for one in deps.installs.list()}
    named |= {one.id: name_of(one) for one in deps.state.pulses(WORKSPACE, deleted=True)}
    for member_id in {one.actor for one in entries} | {one.subject for one in entries}:
        member = deps.edge.members.get(member_id) if member_id.startswith("m-") else None
        if member:
            named[member_id] = member.email
    return named | {one.id: one.title for one in METRICS} | _PLACES


def _subject(subject: str, names: Mapping[str, str]) -> str:
    """An id, or several with slashes between them; anything else, a route for one, as it is. A bare hash says nothing
    to people; the API gives it."""
    if _HASH.fullmatch(subject):
        return ""
    parts = subject.split("/")
    return ", ".join(names.get(part, part) for part in parts) if parts[0] in names else subject


_PLACES = {
    "timezone": "time zone",
    "keeping": "how long what was sent is kept",
    "mail_domains": "mail domains",
    "slack_channels": "Slack channels",
    "own_channels": "the workspace's own Slack channels",
}
_ACTORS = {"": "Somebody not signed in", "system": "Ledgercast", "operator": "The operator"}

OUTCOMES = {
    "forbidden": "not allowed",
    "throttled": "too many attempts",
    "second_step": "code still to come",
    "second_factor": "second factor missing",
    "link_refused": "the link was no longer good",
    "all_others": "all other sessions",
    "owner": "as an owner",
    "member": "as a member",
    "subset": "not everything that was asked for",
    "connected": "everything that is needed",
    "needs_scopes": "permissions missing",
    "pending": "still to be removed at Xero",
    "left_at_xero": "still listed in Xero",
    "left_at_slack": "still listed in Slack",
    "denied": "access was not allowed",
    "state": "the step was over",
    "session": "begun in another sign-in",
    "browser": "begun in another browser",
    "mfa.off": "the second factor is off",
    "added": "added",
    "removed": "removed",
    "on": "allowed",
    "off": "no longer allowed without the list",
}
"""Codes in words. One that is not here is shown as it is: it stands in the log and in the documentation."""
