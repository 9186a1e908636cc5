"""Work that takes the same time whatever it finds: asking for a link must not tell who is a member.

The one place where a function rests on purpose. It waits for nobody: it rounds its own answer's time up, by less than
a second, since mail is sent to members alone and the call to SES would otherwise be heard in the answer's delay.
"""

from __future__ import annotations

import time
from collections.abc import Callable

FLOOR_SECONDS = 0.7
"""Above the usual call to SES (some 0.2 s) and the few calls to the tables together."""


def evenly(
    work: Callable[[], None],
    floor: float = FLOOR_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    rest: Callable[[float], None] = time.sleep,
) -> None:
    """Run the work and come back no sooner than after `floor` seconds, also when it fails."""
    started = clock()
    try:
        work()
    finally:
        rest(max(0.0, floor - (clock() - started)))
