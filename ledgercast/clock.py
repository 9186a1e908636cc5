"""The one place that tells the time.

In a deployment this is the machine's clock. Locally (`LEDGERCAST_LOCAL=1`) the runtime keeps one clock for every
process: a file that holds how many seconds ours is ahead of the machine's, so that schedules, token lives and windows
can be moved without waiting. One-time codes and request signatures never use it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC) + _offset()


def _offset() -> timedelta:
    file = os.environ.get("LEDGERCAST_CLOCK_FILE")
    if not file or os.environ.get("LEDGERCAST_LOCAL") != "1":
        return timedelta()
    return timedelta(seconds=float(Path(file).read_text() or 0))
