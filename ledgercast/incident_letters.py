"""What an incident's mail says: what happened, the one thing that mends it, and what goes on by itself (design 9).

Names and dates are looked up when the mail is written, so that the rows of incidents hold ids and codes alone. Where
the trouble is no longer there when its mail is written, there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from ledgercast import stream_letters
from ledgercast.domain.catalogue import metric
from ledgercast.domain.connections import GONE_IN_XERO, GRANT_ENDED, Connection
from ledgercast.domain.errors import ConnectionGone, GrantDisconnected, UnknownMetric
from ledgercast.domain.incidents import Incident
from ledgercast.mail import Letter
from ledgercast.messages import reason as sentence
from ledgercast.second_factor import GRACE, HELD_BECAUSE_OFF
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.members import MemberStore
from ledgercast.store.state import StateStore
from ledgercast.store.table import Item
from ledgercast.text import one_line, shorten

HELD_ROUND = "held"
"""The last round of `mfa_reset`: the days of grace are over."""

_SMALL = "You get this as an owner of the workspace: once when something needs you, and once when it is mended."
_LONGEST_NAME = 60


class Letters:
    def __init__(
        self,
        state: StateStore,
        connections: ConnectionStore,
        members: MemberStore,
        public_url: str,
    ) -> None:
        self._state = state
        self._connections = connections
        self._members = members
        self._public_url = public_url
        self._workspace = connections.workspace

    def write(self, incident: Incident) -> Letter | None:
        """The mail of an incident, open or mended; None where there is nothing (left) to say."""
        if incident.is_open:
            writers = {
                "grant": self._grant_ended,
                "connection": self._gone,
                "expiring": self._expiring,
                "mfa_reset": self._reset,
                "stream": self._stream,
            }
            return writers.get(incident.kind, self._run)(incident)
        menders = {
            "grant": self._connected_again,
            "connection": self._connected_again,
            "expiring": self._renewed,
            "mfa_reset": self._set_up_again,
            "stream": self._streams_again,
        }
        return menders.get(incident.kind, self._sent_again)(incident)

    def _grant_ended(self, incident: Incident) -> Letter | None:
        about = [
            one
            for one in self._connections.of_grant(incident.subject)
            if one.state == "disconnected" and one.held_reason == GRANT_ENDED
        ]
        if not about:
            return None
        return self._letter(
            f"{_names(about)}: connect again to Xero",
            sentence(GrantDisconnected.code),
            f"Ledgercast can read nothing more from {_names(about)}. {self._held(about)}",
            button=("Open Sources", "/sources"),
        )

    def _gone(self, incident: Incident) -> Letter | None:
        one = self._connections.get(incident.subject)
        if one is None or one.state != "disconnected" or one.held_reason != GONE_IN_XERO:
            return None
        return self._letter(
            f"{_name(one.name)} was disconnected in Xero",
            sentence(ConnectionGone.code),
            self._held([one]),
            button=("Open Sources", "/sources"),
        )

    def _connected_again(self, incident: Incident) -> Letter | None:
        ids = [incident.subject, *incident.about.get("connections", "").split()]
        about = [one for one in self._connections.list() if one.id in ids and one.is_open]
        if not about:
            return None
        pulses = self._pulses_of(about)
        goes_on = f" {_count(pulses, 'pulse')} will be sent as planned." if pulses else ""
        return self._letter(f"{_names(about)}: connected again", f"Xero gives access again.{goes_on}")

    def _expiring(self, incident: Incident) -> Letter | None:
        about = [one for one in self._connections.of_grant(incident.subject) if one.needs_tokens]
        if not about:
            return None
        since, ends = (datetime.fromisoformat(incident.about[name]) for name in ("since", "ends"))
        return self._letter(
            f"{_names(about)}: access to Xero ends in {_count(int(incident.about['days']), 'day')}",
            f"It was last renewed on {_day(since)}, and cannot be renewed now. {sentence(incident.reason)}",
            f"If that goes on, Xero ends the access on {_day(ends)}. Then somebody must connect again under Sources.",
            button=("Open Sources", "/sources"),
        )

    def _renewed(self, incident: Incident) -> Letter | None:
        about = [one for one in self._connections.of_grant(incident.subject) if one.needs_tokens]
        if not about:
            return None
        return self._letter(f"{_names(about)}: access to Xero is renewed", "There is nothing left to do.")

    def _reset(self, incident: Incident) -> Letter | None:
        item = self._members.item(incident.subject)
        if item is None or item.get("totp") == "on" or not item.get("reset_at"):
            return None
        email, at = item["email"], datetime.fromtimestamp(item["reset_at"], UTC)
        held = incident.round == HELD_ROUND
        about = [one for one in self._connections.list() if one.connected_by == incident.subject]
        about = [one for one in about if (one.held_reason == HELD_BECAUSE_OFF if held else one.is_open)]
        if not about:
            return None
        mends = "Ask them to sign in and set it up again under Security."
        was = f"The two-factor authentication of {email} was reset on {_day(at)} and is not set up again."
        if held:
            return self._letter(
                f"{_names(about)}: held, because {email} has no second factor",
                f"{was} {mends}",
                f"{self._held(about)}",
                button=("Open Sources", "/sources"),
            )
        return self._letter(
            f"{email} has no second factor: connections are held from {_day(at + GRACE)}",
            f"{was} {mends}",
            f"They connected {_names(about)}. Until {_day(at + GRACE)} everything goes on; from then on nothing is "
            "read or sent for it, until the second factor is on again.",
            button=("Open Security", "/security"),
        )

    def _set_up_again(self, incident: Incident) -> Letter | None:
        member = self._members.get(incident.subject)
        if member is None or member.totp != "on":
            return None
        return self._letter(
            f"{member.email} has a second factor again",
            "The Xero connections that they made go on. Nothing is left to do.",
        )

    def _stream(self, incident: Incident) -> Letter:
        subject, lines = stream_letters.opened(incident.subject, incident.about, moment)
        return self._letter(subject, *lines, button=("Open Streams", "/streams"))

    def _streams_again(self, incident: Incident) -> Letter:
        subject, lines = stream_letters.mended(incident.subject)
        return self._letter(subject, *lines)

    def _run(self, incident: Incident) -> Letter | None:
        what, slot, row = self._run_of(incident)
        status, until = incident.about.get("status", ""), incident.about.get("until", "")
        happened = {
            "partly_sent": "was sent only in part",
            "deferred": "waits for Xero",
            "skipped": "was left out",
        }.get(status, "was not sent")
        more = []
        if status == "deferred":
            more.append(
                f"It goes on by itself on {_slot(until)}."
                if until
                else "Nothing more is tried by itself: send it again."
            )
        if incident.kind == "cause":
            more.append("Other pulses may meet the same; you will not be told of each.")
        return self._letter(
            f"{what} {happened}",
            *self._why(incident, row),
            *more,
            f"The run was planned for {_slot(slot)}.",
            button=("See the run", f"/activity/{incident.about.get('pulse', '')}~{slot}"),
        )

    def _why(self, incident: Incident, row: Item) -> Iterable[str]:
        """The sentence that mends it; where the run got to its destinations, one for each."""
        deliveries: list[Item] = row.get("deliveries") or []
        if not deliveries:
            return (sentence(incident.reason),)
        flawed = [one for one in deliveries if one.get("reason")]
        lines = [f"{self._destination(incident, one['destination'])}: {sentence(one['reason'])}" for one in flawed]
        reached = [self._destination(incident, one["destination"]) for one in deliveries if one not in flawed]
        return [*lines, f"It reached: {', '.join(reached)}."] if reached else lines

    def _destination(self, incident: Incident, destination: str) -> str:
        pulse = self._state.pulse(self._workspace, incident.about.get("pulse", ""))
        found = pulse.destination(destination) if pulse else None
        if found is None:
            return destination
        return (
            f"Slack channel {found.channel}" if found.kind == "slack" else _count(len(found.addresses), "email address")
        )

    def _sent_again(self, incident: Incident) -> Letter | None:
        what, _, _ = self._run_of(incident)
        return self._letter(f"{what} is sent again", "What stood in its way is over. Nothing is left to do.")

    def _run_of(self, incident: Incident) -> tuple[str, str, Item]:
        """The pulse's name for people, the slot, and the run's row."""
        pulse_id, slot = incident.about.get("pulse", ""), incident.about.get("slot", "")
        pulse = self._state.pulse(self._workspace, pulse_id)
        row = self._state.run(self._workspace, pulse_id, slot) or {}
        if pulse is None:
            return f"The pulse {pulse_id}", slot, row
        connection = self._connections.get(pulse.connection)
        try:
            title = metric(pulse.metric).title
        except UnknownMetric:
            title = f"The pulse {pulse_id}"
        return f"{title} of {_name(connection.name)}" if connection else title, slot, row

    def _held(self, about: list[Connection]) -> str:
        pulses = self._pulses_of(about)
        if not pulses:
            return "No pulse depends on it."
        if pulses == 1:
            return "One pulse is held until then, and goes on by itself afterwards."
        return f"{pulses} pulses are held until then, and go on by themselves afterwards."

    def _pulses_of(self, about: list[Connection]) -> int:
        ids = {one.id for one in about}
        return sum(one.connection in ids and one.state == "active" for one in self._state.pulses(self._workspace))

    def _letter(self, subject: str, *lines: str, button: tuple[str, str] | None = None) -> Letter:
        where = (button[0], self._public_url + button[1]) if button else None
        return Letter(subject=subject, lines=tuple(lines), button=where, small=_SMALL)


def _names(about: Iterable[Connection]) -> str:
    names = [_name(one.name) for one in about]
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _name(text: str) -> str:
    return shorten(one_line(text), _LONGEST_NAME)


def _count(number: int, of: str) -> str:
    plural = f"{of}es" if of.endswith("s") else f"{of}s"
    return f"{number} {of if number == 1 else plural}"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def _slot(text: str) -> str:
    """A planned instant for people; a key that a person chose is told as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    return moment(at) if at and at.tzinfo else shorten(one_line(text), _LONGEST_NAME)


def moment(at: datetime) -> str:
    """An instant for people: 25 November 2026, 09:00 UTC."""
    at = at.astimezone(UTC)
    return f"{_day(at)}, {at:%H:%M} UTC"
