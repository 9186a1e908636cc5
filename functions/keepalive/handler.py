"""Lambda `keepalive`: once a day, what nobody asks for but everybody relies on (design 6, 7, 9)."""

from __future__ import annotations

from typing import Any

from functions.keepalive.compose import dependencies
from functions.keepalive.daily import daily


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Any event → counts of what was done. It may run twice a day or at once: every step is told once."""
    return daily(dependencies(), lambda: context.get_remaining_time_in_millis() / 1000)
