"""Choosing the Slack channels that may be written to: by search, page by page, or by a pasted id or link.

Where the workspace's own channels are open, only a channel that another company shares has to be allowed, and an owner
must say that they know (design 10). A channel is looked up at Slack first; a private one is seen only once the app was
invited.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from functions.console.compose import Dependencies
from ledgercast.domain.recipients import channel_id, channel_refusal
from ledgercast.domain.workspace import MOST_CHANNELS, Settings
from ledgercast.slack.finding import Channel, SlackRefused
from ledgercast.store.installs import Install
from ledgercast.text import one_line, shorten
from ledgercast.web.app import App
from ledgercast.web.reply import Reply, not_found, page, redirect
from ledgercast.web.visit import FormError, Visit

_LONGEST_WORDS = 200
_LONGEST_CURSOR = 400
_MOST_NAME = 80


def register(app: App[Dependencies]) -> None:
    app.route("GET", "/settings/slack/{install}/channels", who="owner")(search)
    app.route("POST", "/settings/slack/{install}/channels", who="owner")(allow)
    app.route("POST", "/settings/channels/{channel}/remove", who="owner")(remove)


def search(visit: Visit, deps: Dependencies) -> Reply:
    install = deps.installs.get(visit.params["install"])
    if install is None:
        return not_found()
    words = cursor = ""
    try:
        words, cursor = visit.asked("q", _LONGEST_WORDS), visit.asked("cursor", _LONGEST_CURSOR)
        found, more = deps.channels(install).search(words, cursor)
    except FormError as wrong:
        return _page(deps, install, 422, words=visit.query.get("q", "")[:_LONGEST_WORDS], alert=str(wrong))
    except SlackRefused as refused:
        return _page(deps, install, 409, words=words, alert=str(refused))
    older = {"q": words, "cursor": more}
    rest = f"/settings/slack/{install.id}/channels?{urlencode(older)}" if more else ""
    return _page(deps, install, words=words, found=list(found), rest=rest, searched=True)


def allow(visit: Visit, deps: Dependencies) -> Reply:
    install = deps.installs.get(visit.params["install"])
    if install is None:
        return not_found()
    words = visit.form.get("q", "")[:_LONGEST_WORDS]
    try:
        channel = _channel(visit, deps, install)
        if channel.shared and visit.form.get("shared") != "yes":
            return _page(deps, install, 409, words=words, alert=_SHARED.format(name=_name(channel)), shared=channel)
        deps.settings.change(lambda now: _with(now, channel))
    except (FormError, SlackRefused) as wrong:
        status = 422 if isinstance(wrong, FormError) else 409
        return _page(deps, install, status, words=words, alert=str(wrong))
    subject = f"slack_channels/{channel.id}"
    deps.edge.audit.note("settings.changed", visit.actor, visit.address, subject, "added")
    return redirect("/settings?done=channel_added")


def remove(visit: Visit, deps: Dependencies) -> Reply:
    """Off the list; nothing is asked of Slack for it, so that a channel of a removed workspace goes too."""
    channel = visit.params["channel"]
    if channel not in deps.settings.get().slack_channels:
        return not_found()
    deps.settings.change(lambda now: _without(now, channel))
    deps.edge.audit.note("settings.changed", visit.actor, visit.address, f"slack_channels/{channel}", "removed")
    return redirect("/settings?done=channel_removed")


def _channel(visit: Visit, deps: Dependencies, install: Install) -> Channel:
    """The chosen channel as Slack knows it now. Raises FormError, SlackRefused."""
    wanted = visit.field("channel", 40, label="Channel")
    if not channel_id(wanted):
        raise FormError("channel", "Channel: please choose one of the list, or paste its id, such as C0123456789.")
    channel = deps.channels(install).look_up(wanted)
    if channel is None:
        raise FormError("channel", f"Slack shows the app no channel {wanted}. {INVITE}")
    if channel.archived:
        raise FormError("channel", f"#{_name(channel)} is archived. Unarchive it in Slack, or choose another one.")
    return channel


def _with(now: Settings, channel: Channel) -> dict[str, Any]:
    channels = sorted({*now.slack_channels, channel.id})
    if len(channels) > MOST_CHANNELS:
        raise FormError("channel", f"{MOST_CHANNELS} channels can be allowed at most. Remove one first.")
    return {
        "slack_channels": channels,
        "shared_channels": sorted({*now.shared_channels, *([channel.id] if channel.shared else [])}),
        "channel_names": {**now.channel_names, channel.id: _name(channel)},
    }


def _without(now: Settings, channel: str) -> dict[str, Any]:
    names = {one: name for one, name in now.channel_names.items() if one != channel}
    kept = {
        "slack_channels": [one for one in now.slack_channels if one != channel],
        "shared_channels": [one for one in now.shared_channels if one != channel],
    }
    return {**kept, "channel_names": names}


def _name(channel: Channel) -> str:
    return shorten(one_line(channel.name), _MOST_NAME)


def _page(deps: Dependencies, install: Install, status: int = 200, **values: Any) -> Reply:
    given = {"words": "", "found": [], "rest": "", "searched": False, "shared": None, "alert": None, **values}
    now = deps.settings.get()
    allowed = {one.id for one in given["found"] if channel_refusal(one.id, now, shared=one.shared) is None}
    own = now.own_channels
    return page("channels.html.j2", status, install=install, allowed=allowed, own=own, invite=INVITE, **given)


INVITE = (
    "A private channel is seen once the app is in it: in Slack, open the channel and type /invite @Ledgercast. "
    "Then look for it again."
)
_SHARED = "#{name} is shared with another company: its people would read the figures too. Say below that you mean it."
