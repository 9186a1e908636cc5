"""Whether a channel may be posted to just now: the workspace's policy over what Slack says of the channel (DL-1)."""

from __future__ import annotations

from ledgercast.destinations import refused_at_send
from ledgercast.domain.sending import NotAllowed, NotSent
from ledgercast.domain.workspace import Settings
from ledgercast.slack.api import Slack
from ledgercast.slack.channels import look_up


def check(channel: str, settings: Settings, slack: Slack) -> None:
    """Returns where it may; asks Slack each time, since a channel can be archived or shared at any time.

    Raises NotAllowed (ours to refuse), NotSent (Slack says no), Limited and Unclear: whatever is raised, nothing may be
    posted.
    """
    code = refused_at_send(channel, settings, lambda one: look_up(slack, one))
    if code:
        raise NotAllowed(code) if code.startswith("deliver.") else NotSent(code)
