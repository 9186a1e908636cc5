"""What became of an attempt whose answer never came (design 10).

The other side is asked for the part's key: at least ten seconds after the answer failed to come, read back past the
attempt. Found means sent. A complete look-up without it proves "not sent", and the part is sent again, three times at
most. A look-up that cannot be made leaves it unconfirmed: told to the owner, never sent again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from ledgercast.domain.sending import Limited, NotSent, Result, Unclear, Wait
from ledgercast.slack.client import DEADLINE
from ledgercast.store.ledger import Attempt, Ledger, Place

SETTLES = timedelta(seconds=10)
RESENDS = 3
# A look-up that fails in passing is tried again this long; the state machine's own count ends it at the latest.
PATIENCE = timedelta(seconds=60)
# The two sides' clocks may differ a little even where the other side's own time was read.
MARGIN_SECONDS = 60.0

LookUp = Callable[[float], str | None]


def resolve(place: Place, past: list[Attempt], look_up: LookUp | None, ledger: Ledger, now: datetime) -> Result | None:
    """How the last attempt ended; None when it is proven not sent and may be sent again. Raises Wait when too early."""
    last = past[-1]
    if look_up is None:
        return unconfirmed(place, last.n, ledger, now)
    # Without a note the sender died somewhere in the request, which cannot outlive the client's deadline.
    failed_at = last.unknown_at or last.at + timedelta(seconds=DEADLINE)
    early = (failed_at + SETTLES - now).total_seconds()
    if early > 0:
        raise Wait(math.ceil(early), "deliver.unknown")
    try:
        receipt = look_up(_since(last))
    except (Limited, Unclear) as passing:
        if now < failed_at + PATIENCE:
            seconds = min(passing.seconds, 60) if isinstance(passing, Limited) else 5
            raise Wait(max(seconds, 1), "deliver.unknown") from None
        return unconfirmed(place, last.n, ledger, now)
    except NotSent:
        return unconfirmed(place, last.n, ledger, now)
    if receipt:
        ledger.outcome(place, last.n, now, "sent", receipt=receipt)
        return Result("sent", None, receipt)
    if _lost_in_a_row(past) >= RESENDS:
        ledger.outcome(place, last.n, now, "failed", reason="slack.not_accepted")
        return Result("failed", "slack.not_accepted")
    ledger.outcome(place, last.n, now, "not_sent", reason="deliver.unknown")
    return None


def unconfirmed(place: Place, n: int, ledger: Ledger, now: datetime) -> Result:
    ledger.outcome(place, n, now, "unconfirmed", reason="deliver.unconfirmed")
    return Result("unconfirmed", "deliver.unconfirmed")


def _since(attempt: Attempt) -> float:
    """From when to read, by the other side's clock where it was told, else by ours."""
    return (float(attempt.far_time) if attempt.far_time else attempt.at.timestamp()) - MARGIN_SECONDS


def _lost_in_a_row(past: list[Attempt]) -> int:
    """How many attempts before the last were looked up in vain since one last ended with a plain no."""
    lost = 0
    for attempt in reversed(past[:-1]):
        if attempt.outcome == "failed":
            break
        lost += attempt.reason == "deliver.unknown"
    return lost
