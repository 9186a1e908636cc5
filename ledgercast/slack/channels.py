"""Finding the Slack channel to write to: by a piece of its name, or by an id or link that was pasted.

Slack has no search of channels for apps, so its list is read page by page and filtered here, a bounded number of pages
at a time: the `next` of an answer goes on where it stopped. Private channels appear once the app was invited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ledgercast.domain.sending import NotSent
from ledgercast.slack.api import Slack
from ledgercast.slack.finding import pasted_id

PAGE: Final = 200
MOST_PAGES: Final = 5  # a console request waits for this many calls at most; Slack allows about twenty a minute
INVITE: Final = (
    "A private channel appears here once the app is in it. In Slack, open the channel and type /invite @Ledgercast."
)


@dataclass(frozen=True)
class Channel:
    """`member`: the app is in it. `shared`: people of another company read it too, or may soon (Slack Connect)."""

    id: str
    name: str
    private: bool
    member: bool
    archived: bool
    shared: bool


@dataclass(frozen=True)
class Found:
    """`next` is "" at the end of the list. Nothing found with a `next` means: not so far."""

    channels: tuple[Channel, ...]
    next: str = ""


def search(slack: Slack, words: str = "", cursor: str = "") -> Found:
    """Channels whose name holds `words`, archived ones left out; a pasted id or link finds its own channel.

    Raises NotSent (its reason has an instruction in `ledgercast.slack.errors`), Limited, Unclear.
    """
    channel_id = pasted_id(words)
    found = look_up(slack, channel_id) if channel_id else None
    if found:
        return Found((found,))
    wanted = words.strip().lstrip("#").casefold()
    for _ in range(MOST_PAGES):
        page, cursor = _page(slack, cursor)
        hits = tuple(one for one in page if wanted in one.name.casefold())
        if hits or not cursor:
            return Found(hits, cursor)
    return Found((), cursor)


def look_up(slack: Slack, channel_id: str) -> Channel | None:
    """The channel of that id; None when there is none, or it is private and the app was not invited.

    Raises what `search` raises.
    """
    try:
        return _channel(slack.ask(slack.client.conversations_info, channel=channel_id)["channel"])
    except NotSent as refused:
        if refused.reason != "slack.channel_not_found":
            raise
    return None


def _page(slack: Slack, cursor: str) -> tuple[list[Channel], str]:
    answer = slack.ask(
        slack.client.conversations_list,
        types="public_channel,private_channel",
        exclude_archived=True,
        limit=PAGE,
        cursor=cursor or None,
    )
    told = answer.get("response_metadata") or {}
    return [_channel(one) for one in answer.get("channels") or ()], str(told.get("next_cursor") or "")


def _channel(body: dict[str, Any]) -> Channel:
    return Channel(
        id=str(body["id"]),
        name=str(body.get("name") or body["id"]),
        private=bool(body.get("is_private")),
        member=bool(body.get("is_member")),
        archived=bool(body.get("is_archived")),
        shared=_shared(body),
    )


def _shared(body: dict[str, Any]) -> bool:
    """Whether another company reads there, or was invited to and would then read what stands there already.

    `is_shared` alone may mean other workspaces of the same company (`is_org_shared`).
    """
    if body.get("is_ext_shared") or body.get("is_pending_ext_shared"):
        return True
    return bool(body.get("is_shared")) and not body.get("is_org_shared")
