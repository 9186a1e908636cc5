"""What an attempt to send can come to (design 10): sent, certainly not sent, or unknown.

Known not sent: the address was never reached, or the other side said no. Unknown: the request may have been acted on
but no trustworthy answer came. The difference decides whether a thing may be sent again, so adapters of Slack and SES
raise exactly these and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["sent", "unconfirmed", "failed"]


class NotSent(Exception):
    """It is certain that nothing arrived; `reason` is a code of `ledgercast.messages`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Limited(NotSent):
    """Refused for now, or not reached: it may be asked again in `seconds`."""

    def __init__(self, reason: str, seconds: int) -> None:
        super().__init__(reason)
        self.seconds = seconds


class NotAllowed(NotSent):
    """We refuse it ourselves: the workspace's policy lets nothing be sent there."""


class Unclear(Exception):
    """The request may have been acted on. `why` says what was seen: timeout, dropped, http_500, internal_error, …"""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Wait(Exception):
    """Not an error: the work goes on in `seconds`, which the state machine waits."""

    def __init__(self, seconds: int, reason: str) -> None:
        super().__init__(f"{reason}: {seconds} s")
        self.seconds = seconds
        self.reason = reason


@dataclass(frozen=True)
class Result:
    """How one part ended. `receipt` is what the other side calls it: Slack's ts, SES's message id."""

    status: Status
    reason: str | None = None
    receipt: str | None = None
