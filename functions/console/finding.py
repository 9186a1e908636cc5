"""Looking for Slack channels, as the pages know it; `finder` does it, and is loaded only where it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Channel(Protocol):
    """`member`: the app is in it. `shared`: people of another company read it too."""

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


class SlackRefused(Exception):
    """Slack could not be asked. The message says what to do."""


class Finding(Protocol):
    """One workspace. Both raise SlackRefused."""

    def search(self, words: str, cursor: str) -> tuple[Sequence[Channel], str]:
        """Channels whose name holds the words, or the one whose id was pasted; and the cursor of the rest, or ""."""

    def look_up(self, channel: str) -> Channel | None:
        """The channel of that id; None where there is none that the app may see."""
