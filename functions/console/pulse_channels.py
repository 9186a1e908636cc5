"""Finding Slack channels inside the form of a pulse, so that nothing else that was typed there is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from functions.console.compose import Dependencies
from functions.console.pulse_form import Picked, Typed
from ledgercast.domain.recipients import channel_refusal
from ledgercast.domain.workspace import Settings
from ledgercast.slack.finding import Channel, SlackRefused, pasted_id
from ledgercast.store.installs import Install
from ledgercast.text import one_line

_LONGEST_WORDS = 200


@dataclass(frozen=True)
class Search:
    """`found` are channels beside the chosen ones, each with why it cannot be chosen, or "". `rest` is how to look
    further, `trouble` what is wrong, for the person who looks."""

    found: tuple[tuple[Channel, str], ...] = ()
    rest: str = ""
    searched: bool = False
    trouble: str = ""


NOT_SEARCHED = Search()


def search(deps: Dependencies, typed: Typed, rest: str = "") -> tuple[Typed, Search]:
    """Look for `typed.q` in the connected workspaces; a single hit is chosen at once, since it is what was meant."""
    words = typed.q
    if len(words) > _LONGEST_WORDS:
        return typed, Search(trouble="A part of its name is enough, please.")
    settings = deps.settings.get()
    try:
        channels, more = _asked(deps, words, rest)
    except SlackRefused as refused:
        return typed, Search(trouble=str(refused))
    chosen = {one.id for one in typed.channels}
    found = [(one, _refusal(one, settings)) for one in channels if one.id not in chosen]
    if len(channels) == 1 and found and not found[0][1] and words and not more:
        return _with(typed, channels[0]), Search(searched=False)
    return typed, Search(tuple(found), more, searched=True)


def resolved(deps: Dependencies, typed: Typed) -> tuple[Typed, Search]:
    """Before saving: what stands in the search field and was not searched for means the channel of exactly that name.

    What was searched for and then chosen means nothing more. `trouble` where it could not be told which is meant.
    """
    words = typed.q.lstrip("#").casefold()
    if not words or any(words in one.name.casefold() for one in typed.channels):
        return replace(typed, q=""), NOT_SEARCHED
    pasted = pasted_id(typed.q)
    if pasted:
        known = any(one.id == pasted for one in typed.channels)
        return (typed if known else _plus(typed, Picked(pasted, pasted))), NOT_SEARCHED
    typed, search_ = search(deps, typed)
    if search_.trouble or not search_.searched:
        return typed, search_
    exact = [one for one, why in search_.found if one.name.casefold() == words and not why]
    if len(exact) == 1:
        return _with(typed, exact[0]), NOT_SEARCHED
    return typed, replace(search_, trouble=_WHICH if search_.found else _NONE)


def _asked(deps: Dependencies, words: str, rest: str) -> tuple[Sequence[Channel], str]:
    """Workspace by workspace; `rest` is where the search before this one stopped. Raises SlackRefused."""
    installs = [one for one in deps.installs.list() if one.state != "broken"]
    if not installs:
        raise SlackRefused("Slack is not connected, or no longer accepts the app. An owner can mend it under Settings.")
    at, _, cursor = rest.partition(" ")
    start = next((place for place, one in enumerate(installs) if one.id == at), 0)
    for place, install in list(enumerate(installs))[start:]:
        found, more = deps.channels(install).search(words, cursor if place == start else "")
        onward = f"{install.id} {more}" if more else _next(installs, place)
        if found or more:
            return found, onward
    return (), ""


def _next(installs: Sequence[Install], place: int) -> str:
    return f"{installs[place + 1].id} " if place + 1 < len(installs) else ""


def _refusal(channel: Channel, settings: Settings) -> str:
    if channel.archived:
        return "It is archived in Slack."
    if channel.private and not channel.member:
        return "The app is not in it: in Slack, open it and type /invite @Ledgercast."
    refused = channel_refusal(channel.id, settings, shared=channel.shared)
    if not refused:
        return ""
    if channel.shared:
        return "It is shared with another company. An owner can allow it under Settings."
    return "It is not one of the channels that may be written to. An owner can allow it under Settings."


def _with(typed: Typed, channel: Channel) -> Typed:
    return _plus(typed, Picked(channel.id, one_line(channel.name)))


def _plus(typed: Typed, picked: Picked) -> Typed:
    return replace(typed, channels=(*typed.channels, picked), q="")


_WHICH = "Several may be meant. Tick the one you mean."
_NONE = (
    "There is no channel of that name that the app may see. Choose another, or clear this field to go on without it."
)
