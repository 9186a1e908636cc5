"""Where a pulse may be sent: what was chosen, typed or pasted becomes destinations, or a refusal in plain words (DL-1).

Used by the pages and the API when a pulse is saved, and by whatever posts to a channel just before it does. Slack is
asked about a channel both times, since it may be archived or shared with another company at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ledgercast.domain.accounts import EMAIL_LENGTH
from ledgercast.domain.pulses import Destination
from ledgercast.domain.recipients import (
    SHARED,
    address_hash,
    addresses_in,
    channel_id,
    channel_refusal,
    domain_of,
    plain_address,
)
from ledgercast.domain.workspace import Settings
from ledgercast.slack.finding import Channel, Finding, SlackRefused, pasted_id
from ledgercast.store.installs import Install
from ledgercast.text import one_line, shorten

MOST_DESTINATIONS = 10
MOST_ADDRESSES = 50
MOST_TEXT = 10_000  # characters of a field of addresses
MOST_NAME = 80
_MOST_SHOWN = 60


@dataclass(frozen=True)
class Refusal:
    """Why something that was chosen cannot be a destination. `field` is the form's: "channel", "addresses" or
    "destinations"; `index` says which of several it was; the message is for the person who chose it."""

    field: str
    message: str
    index: int = 0


class Destinations:
    """The rules of one workspace at this moment. `find` opens the channels of an install; Slack's library is loaded
    only then."""

    def __init__(self, settings: Settings, installs: Sequence[Install], find: Callable[[Install], Finding]) -> None:
        self._settings = settings
        self._installs = installs
        self._find = find

    def check_slack(self, text: str, install: str = "") -> Destination | Refusal:
        """The channel of an id or of a link to it; `install` names the workspace, where it is known."""
        channel = pasted_id(text)
        if channel is None:
            return Refusal("channel", _not_an_id(text))
        homes = [one for one in self._installs if install in ("", one.id)]
        if not homes:
            return Refusal("channel", NOT_CONNECTED)
        unusable: Refusal | None = None
        for home in homes:
            if home.state == "broken":
                unusable = Refusal("channel", _BROKEN.format(team=_name(home.team_name)))
                continue
            try:
                found = self._find(home).look_up(channel)
            except SlackRefused as refused:
                unusable = Refusal("channel", str(refused))
                continue
            if found:
                return self._channel(found, home)
        return unusable or Refusal("channel", _UNKNOWN.format(channel=channel))

    def check_addresses(self, text: str) -> Destination | Refusal:
        """The addresses in what was typed or pasted, each once; commas, semicolons, spaces and lines part them."""
        if len(text) > MOST_TEXT:
            return Refusal("addresses", _TOO_LONG)
        found = _each_once(addresses_in(text))
        if not found:
            return Refusal("addresses", NOBODY)
        if len(found) > MOST_ADDRESSES:
            return Refusal("addresses", _TOO_MANY)
        wrong = next((words for one in found if (words := _malformed(one))), None)
        return Refusal("addresses", wrong) if wrong else self._allowed(found)

    def check(
        self, wanted: Sequence[Mapping[str, Any]], before: Sequence[Destination] = ()
    ) -> tuple[Destination, ...] | Refusal:
        """All of a pulse: items like the API's, {"kind": "slack", "channel"[, "install"]} or {"kind": "email",
        "addresses": [..] or text}. `before` are those the pulse had: what stays keeps its id, and with it the memory of
        what a slot has been sent already.
        """
        if not wanted:
            return Refusal("destinations", NOWHERE)
        if len(wanted) > MOST_DESTINATIONS:
            return Refusal("destinations", _TOO_MANY_PLACES)
        found: list[Destination] = []
        for index, one in enumerate(wanted):
            checked = self._one(one)
            if isinstance(checked, Refusal):
                return replace(checked, index=index)
            again = _twice(checked, found)
            if again:
                return replace(again, index=index)
            found.append(checked)
        return tuple(_named(found, before))

    def _one(self, wanted: Mapping[str, Any]) -> Destination | Refusal:
        kind = wanted.get("kind")
        if kind == "slack":
            channel, install = wanted.get("channel"), wanted.get("install", "")
            return self.check_slack(str(channel or "") if isinstance(channel, str) else "", str(install or ""))
        if kind == "email":
            return self.check_addresses(_as_text(wanted.get("addresses")))
        return Refusal("destinations", _NO_KIND)

    def _channel(self, channel: Channel, home: Install) -> Destination | Refusal:
        name = _name(channel.name)
        if channel.archived:
            return Refusal("channel", _ARCHIVED.format(name=name))
        if channel.private and not channel.member:
            return Refusal("channel", _UNINVITED.format(name=name))
        refused = channel_refusal(channel.id, self._settings, shared=channel.shared)
        if refused:
            return Refusal("channel", (_SHARED if refused == SHARED else _NOT_ALLOWED).format(name=name))
        return Destination(channel.id, "slack", channel=channel.id, install=home.id, channel_name=name)

    def _allowed(self, addresses: Sequence[str]) -> Destination | Refusal:
        refused = sorted({domain_of(one) for one in addresses} - {one.lower() for one in self._settings.mail_domains})
        if not refused:
            return Destination("email", "email", addresses=tuple(addresses))
        told = shorten(", ".join(refused[:3]), 200) + (f" and {len(refused) - 3} more" if len(refused) > 3 else "")
        return Refusal("addresses", _NO_MAIL_THERE.format(domains=told))


def refused_at_send(channel: str, settings: Settings, look_up: Callable[[str], Channel | None]) -> str | None:
    """Why a channel may not be posted to just now, as a code of `ledgercast.messages`; None where it may (DL-1).

    Fails closed: what `look_up` raises (`ledgercast.slack.channels.look_up`: NotSent, Limited, Unclear) is no yes.
    """
    never = channel_refusal(channel, settings, shared=False)
    if never:
        return never
    found = look_up(channel)
    if found is None:
        return "slack.channel_not_found"
    if found.archived:
        return "slack.is_archived"
    return channel_refusal(channel, settings, shared=found.shared)


def _each_once(addresses: Iterator[str]) -> list[str]:
    """As it was written first; capitals make no other mailbox."""
    found: dict[str, str] = {}
    for one in addresses:
        found.setdefault(address_hash(one), one)
    return list(found.values())


def _as_text(given: Any) -> str:
    """The API gives a list; an item of it is one address, whatever stands in it."""
    if isinstance(given, str):
        return given
    return "\n".join(str(one) for one in given[: MOST_ADDRESSES + 1]) if isinstance(given, list) else ""


def _malformed(address: str) -> str | None:
    """What is wrong with the form of an address; None where nothing is."""
    shown = shorten(one_line(address), _MOST_SHOWN)
    if "@" not in address:
        return f"“{shown}” is not a mail address: it has no @."
    if not address.isascii():
        return f"“{shown}”: only plain letters can be written to. Type the domain in its xn-- form, if it has one."
    if len(address) > EMAIL_LENGTH:
        return f"“{shown}” is longer than a mail address can be."
    return None if plain_address(address) else f"“{shown}” is not a mail address such as name@example.com."


def _not_an_id(text: str) -> str:
    text = text.strip()
    if not text:
        return "Choose a channel, or paste its id or a link to it."
    if text[0] in "DU" and channel_id(f"C{text[1:]}"):
        return "Ledgercast writes to channels, not to single people. Choose a channel."
    return "That is not a channel's id. Choose it from the list, or paste its id, such as C0123456789, or a link to it."


def _twice(one: Destination, before: Sequence[Destination]) -> Refusal | None:
    if one.kind == "slack":
        same = any(other.channel == one.channel for other in before)
        return Refusal("channel", f"#{one.channel_name} is chosen twice.") if same else None
    known = {address_hash(address) for other in before for address in other.addresses}
    again = next((address for address in one.addresses if address_hash(address) in known), None)
    return Refusal("addresses", f"{again} is in two of the lists.") if again else None


def _named(found: Sequence[Destination], before: Sequence[Destination]) -> Iterator[Destination]:
    """Each with an id of its own within the pulse: the one it had, else a new one that nobody has or had."""
    free = list(before)
    taken = {one.id for one in before}
    for one in found:
        had = next((old for old in free if (old.kind, old.channel) == (one.kind, one.channel)), None)
        if had:
            free.remove(had)
            yield replace(one, id=had.id)
            continue
        name, number = one.id, 1
        while name in taken:
            number += 1
            name = f"{one.id}-{number}"
        taken.add(name)
        yield replace(one, id=name)


def _name(text: str) -> str:
    return shorten(one_line(text), MOST_NAME)


NOT_CONNECTED = "Slack is not connected yet. An owner can connect it under Settings."
NOBODY = "Type at least one mail address."
NOWHERE = "Choose at least one place to send it to: a Slack channel, or mail addresses."
_BROKEN = "Slack no longer accepts the app in {team}. An owner can connect it again under Settings."
_UNKNOWN = (
    "Slack shows the app no channel {channel}. If it is private, open it in Slack and type /invite @Ledgercast; then "
    "try again. If it was deleted, choose another one."
)
_UNINVITED = "#{name} is private, and the app is not in it. Open it in Slack, type /invite @Ledgercast, and try again."
_ARCHIVED = "#{name} is archived. Unarchive it in Slack, or choose another one."
_SHARED = (
    "#{name} is shared with another company, whose people would read the figures. An owner can allow it under "
    "Settings; or choose another channel."
)
_NOT_ALLOWED = "#{name} is not one of the channels that may be written to. An owner can allow it under Settings."
_TOO_LONG = f"That is too much text: at most {MOST_ADDRESSES} addresses, please. A distribution list counts as one."
_TOO_MANY = f"At most {MOST_ADDRESSES} addresses, please. A distribution list counts as one."
_TOO_MANY_PLACES = f"At most {MOST_DESTINATIONS} destinations, please. Make a second pulse for the others."
_NO_MAIL_THERE = "No mail may be sent to {domains}. An owner can allow the domain under Settings."
_NO_KIND = 'A destination is {"kind": "slack", "channel": …} or {"kind": "email", "addresses": […]}.'
