"""Looking for channels in the Slack workspace of one install."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ledgercast.domain.sending import Limited, NotSent, Unclear
from ledgercast.messages import reason
from ledgercast.slack.api import Slack
from ledgercast.slack.channels import Channel, look_up, search
from ledgercast.slack.client import slack_client
from ledgercast.slack.finding import SlackRefused
from ledgercast.slack.install import slack_install_broken
from ledgercast.store.installs import Install, InstallStore

T = TypeVar("T")


class Finder:
    """`api` is Slack's scheme, host and port. A dead token is noted on the install by the way."""

    def __init__(self, installs: InstallStore, install: Install, api: str) -> None:
        self._installs = installs
        self._install = install
        self._api = api

    def search(self, words: str, cursor: str) -> tuple[Sequence[Channel], str]:
        found = self._asked(lambda slack: search(slack, words, cursor))
        return found.channels, found.next

    def look_up(self, channel: str) -> Channel | None:
        return self._asked(lambda slack: look_up(slack, channel))

    def _asked(self, ask: Callable[[Slack], T]) -> T:
        try:
            return ask(Slack(slack_client(self._installs.token(self._install), self._api)))
        except Limited as limited:
            raise SlackRefused(f"Slack cannot be asked just now. Try again in {limited.seconds} seconds.") from None
        except NotSent as refused:
            slack_install_broken(self._installs, self._install.id, refused.reason)
            raise SlackRefused(reason(refused.reason)) from None
        except Unclear:
            raise SlackRefused("Slack did not answer as expected. Try again.") from None
