"""Bringing one part of a delivery to its end, once: the ledger says where it stands, before and after each send.

The main message, each reply and each email address is a part. A part that was sent or is unconfirmed is never sent
again; one that is known not to have arrived may be.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from ledgercast.clock import Clock
from ledgercast.domain.sending import Limited, NotAllowed, NotSent, Result, Unclear, Wait
from ledgercast.resolve import LookUp, resolve, unconfirmed
from ledgercast.store.ledger import Attempt, Ledger, Place

AGAIN_SECONDS = 10
LONGEST_PAUSE = 60
JITTER = 3
MOST_LIMITED = 8


@dataclass(frozen=True)
class Ready:
    """A part made ready: `send` gives the other side's receipt, `keep` stores what is sent for people to read later.

    content: the hash of what is sent; far_time: the other side's clock in seconds, where it is known.
    """

    content: str
    send: Callable[[], str]
    keep: Callable[[int], None]
    far_time: float | None = None


@dataclass(frozen=True)
class Part:
    """One thing to send. `prepare` is called just before an attempt and may raise NotSent or Wait.

    target: a channel id or an address's hash; look_up: None where nobody can be asked what arrived.
    """

    place: Place
    target: str
    prepare: Callable[[], Ready]
    look_up: LookUp | None = None


@dataclass(frozen=True)
class Desk:
    """The ledger and the time, which every part needs."""

    ledger: Ledger
    now: Clock
    jitter: Callable[[int], int] = lambda most: random.randint(0, most)  # noqa: S311


def settle(part: Part, desk: Desk) -> Result:
    """Send the part unless it was sent; how it ended. Raises Wait while that is not known yet."""
    past = desk.ledger.trail(part.place)
    last = past[-1] if past else None
    if last and last.outcome == "sent":
        return Result("sent", None, last.receipt)
    if last and last.outcome == "unconfirmed":
        return Result("unconfirmed", last.reason)
    if last and last.outcome is None:
        ended = resolve(part.place, past, part.look_up, desk.ledger, desk.now())
        if ended:
            return ended
    return _attempt(part, desk, past)


def untried(place: Place, desk: Desk, reason: str, word: Literal["refused", "failed"] = "refused") -> Result:
    """Note that a part came to no attempt: we refused it, or what it needs failed."""
    desk.ledger.outcome(place, 0, desk.now(), word, reason=reason)
    return Result("failed", reason)


def _attempt(part: Part, desk: Desk, past: list[Attempt]) -> Result:
    place, ledger = part.place, desk.ledger
    n = past[-1].n + 1 if past else 1
    try:
        ready = part.prepare()
    except NotSent as refused:
        return untried(place, desk, refused.reason, "refused" if isinstance(refused, NotAllowed) else "failed")
    ready.keep(n)
    far_time = "" if ready.far_time is None else f"{ready.far_time:.0f}"
    begun = ledger.attempt(place, n, desk.now(), target=part.target, content=ready.content, far_time=far_time)
    if not begun:
        raise Wait(AGAIN_SECONDS, "deliver.in_progress")
    try:
        receipt = ready.send()
    except Limited as limited:
        before = _in_a_row(past, limited.reason)
        if before + 1 >= MOST_LIMITED:
            ledger.outcome(place, n, desk.now(), "failed", reason=limited.reason)
            return Result("failed", limited.reason)
        ledger.outcome(place, n, desk.now(), "not_sent", reason=limited.reason)
        # Many runs of one minute meet in one channel: the more often a part was put off, the wider they spread.
        spread = min(JITTER * 2**before, LONGEST_PAUSE // 2)
        raise Wait(bounded(limited.seconds) + desk.jitter(spread), limited.reason) from None
    except NotSent as refused:
        ledger.outcome(place, n, desk.now(), "failed", reason=refused.reason)
        return Result("failed", refused.reason)
    except Unclear as unclear:
        ledger.unknown(place, n, desk.now(), unclear.why)
        if part.look_up is None:
            return unconfirmed(place, n, ledger, desk.now())
        raise Wait(AGAIN_SECONDS, "deliver.unknown") from None
    ledger.outcome(place, n, desk.now(), "sent", receipt=receipt)
    return Result("sent", None, receipt)


def _in_a_row(past: list[Attempt], reason: str) -> int:
    """How many of the last attempts were put off for that reason."""
    return len(list(takewhile(lambda one: one.outcome == "not_sent" and one.reason == reason, reversed(past))))


def bounded(seconds: int) -> int:
    """A wait that the other side asks for, within reason."""
    return min(max(seconds, 1), LONGEST_PAUSE)
