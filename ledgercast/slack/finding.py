"""Looking for Slack channels, as those know it who only want to be told: nothing here loads Slack's library.

`ledgercast.slack.channels` and the console's finder do the asking; they are loaded only where it is needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Channel(Protocol):
    """`member`: the app is in it. `shared`: people of another company read it too, or were invited to."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def private(self) -> bool: ...
    @property
    def member(self) -> bool: ...
    @property
    def archived(self) -> bool: ...
    @property
    def shared(self) -> bool: ...


Seen = dict[tuple[str, str], tuple[datetime, Channel]]
"""By install and channel: when Slack was asked last, and what it said."""


class SlackRefused(Exception):
    """Slack could not be asked. The message says what to do."""


class Finding(Protocol):
    """One workspace. Both raise SlackRefused."""

    def search(self, words: str, cursor: str) -> tuple[Sequence[Channel], str]:
        """Channels whose name holds the words, or the one whose id was pasted; and the cursor of the rest, or ""."""

    def look_up(self, channel: str) -> Channel | None:
        """The channel of that id; None where there is none that the app may see."""


_ID = re.compile(r"(?:^|/archives/|/client/[TE][A-Z0-9]{2,20}/)([CG](?=[A-Z]*\d)[A-Z0-9]{6,20})(?:$|[/?])")


def pasted_id(text: str) -> str | None:
    """The channel id in what was typed: an id, or a link to a channel or a message. None for a name."""
    found = _ID.search(text.strip())
    return found[1] if found else None
