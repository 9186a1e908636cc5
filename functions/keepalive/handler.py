"""Lambda `keepalive`: by its schedules, what nobody asks for but everybody relies on (design 6, 7, 9, 12)."""

from __future__ import annotations

from typing import Any

from functions.keepalive.compose import dependencies, stream_watch
from functions.keepalive.daily import ENOUGH_SECONDS, daily


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """{"pass": "streams"} for the look at Xero's events, anything else for the daily pass → counts of what was done.

    It may run twice a day or at once: every step is told once.
    """
    if event.get("pass") == "streams":
        return stream_watch().look_after()

    def time_left() -> float:
        return float(context.get_remaining_time_in_millis()) / 1000

    return daily(dependencies(lambda: time_left() < ENOUGH_SECONDS), time_left)
