"""One structured log line shape for every function (LG-1): ids, codes, counts and times; never tokens, names, amounts.

The correlation id is the run: pulse and slot.
"""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools import Logger


def logger(service: str) -> Logger:
    """The function's logger, in UTC. Powertools adds the request id and the cold-start mark."""
    level = os.environ.get("POWERTOOLS_LOG_LEVEL", "INFO")
    return Logger(service=service, level=level, utc=True)


def run_of(event: dict[str, Any]) -> dict[str, str]:
    """The ids of the run that an event of the state machine belongs to."""
    return {name: str(event[name]) for name in ("workspace", "pulse", "slot", "destination") if name in event}
