"""One structured log line shape for every function (LG-1): ids, codes, counts and times; never tokens, names, amounts.

The correlation id is the run: pulse and slot.

POWERTOOLS_LOG_LEVEL is for our own lines alone. Libraries stay above DEBUG whatever Lambda's own log level says: there
botocore writes the bodies of KMS, Secrets Manager and DynamoDB calls, urllib3 addresses, slack_sdk whole messages.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from aws_lambda_powertools import Logger


def logger(service: str) -> Logger:
    """The function's logger, in UTC. Powertools adds the request id and the cold-start mark."""
    # The root's level is everybody's who has none of their own; Lambda sets it before it imports a handler.
    root = logging.getLogger()
    root.setLevel(max(root.level, logging.INFO))
    level = os.environ.get("POWERTOOLS_LOG_LEVEL", "INFO")
    return Logger(service=service, level=level, utc=True)


def run_of(event: dict[str, Any]) -> dict[str, str]:
    """The ids of the run that an event of the state machine belongs to."""
    return {name: str(event[name]) for name in ("workspace", "pulse", "slot", "destination") if name in event}
