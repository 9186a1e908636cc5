"""Looking for channels in the Slack workspace of one install."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from ledgercast import clock
from ledgercast.domain.sending import Limited, NotSent, Unclear
from ledgercast.messages import reason
from ledgercast.slack.api import Slack
from ledgercast.slack.channels import Channel, look_up, search
from ledgercast.slack.client import slack_client
from ledgercast.slack.finding import Channel as Known
from ledgercast.slack.finding import Seen, SlackRefused
from ledgercast.slack.install import slack_install_broken
from ledgercast.store.installs import Install, InstallStore

T = TypeVar("T")


REMEMBERED = timedelta(minutes=1)
"""How long what Slack said of a channel stands where it limits further questions: its limits are counted by the minute.
Whoever sends asks again, so nothing is posted by what is remembered here."""


class _Busy(SlackRefused):
    """Slack limits the questions for now."""


class Finder:
    """`api` is Slack's scheme, host and port. A dead token is noted on the install by the way. `seen` outlives one
    finder, so that many pulses to one channel can be saved in a row although Slack answers only some questions."""

    def __init__(
        self,
        installs: InstallStore,
        install: Install,
        api: str,
        seen: Seen | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._installs = installs
        self._install = install
        self._api = api
        self._seen = {} if seen is None else seen
        self._now = now

    def search(self, words: str, cursor: str) -> tuple[Sequence[Channel], str]:
        found = self._asked(lambda slack: search(slack, words, cursor))
        return found.channels, found.next

    def look_up(self, channel: str) -> Known | None:
        place = (self._install.id, channel)
        try:
            found = self._asked(lambda slack: look_up(slack, channel))
        except _Busy:
            at, said = self._seen.get(place, (None, None))
            if at is None or self._now() - at > REMEMBERED:
                raise
            return said
        if found:
            self._seen[place] = (self._now(), found)
        return found

    def _asked(self, ask: Callable[[Slack], T]) -> T:
        try:
            return ask(Slack(slack_client(self._installs.token(self._install), self._api)))
        except Limited as limited:
            wait = "a second" if limited.seconds == 1 else f"{limited.seconds} seconds"
            raise _Busy(f"Slack cannot be asked just now. Try again in {wait}.") from None
        except NotSent as refused:
            slack_install_broken(self._installs, self._install.id, refused.reason)
            raise SlackRefused(reason(refused.reason)) from None
        except Unclear:
            raise SlackRefused("Slack did not answer as expected. Try again.") from None
