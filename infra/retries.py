"""Which errors a state may try again: the Retry lists, generated from the error catalogue (RL-2)."""

from __future__ import annotations

from typing import Any

from infra.settings import Pace
from ledgercast.domain.errors import InProgress, catalogue

# What Lambda itself raises when it could not run a function, or not to its end. CDK's default list lacks the throttle.
# A step that was cut off by a timeout may have done its work: every step finds that out from its own records.
LAMBDA_ERRORS = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "States.Timeout",
]
LOST_THE_CLAIM = "DynamoDB.ConditionalCheckFailedException"
LONGEST_PAUSE_SECONDS = 60
UNKNOWN_ATTEMPTS = 2
# Somebody else does this very work: asking again costs little, and a holder that died is waited out (its lease ends
# after 75 s). So these come often, evenly and for about two minutes.
BUSY_ATTEMPTS = 20
BUSY_PAUSE_SECONDS = 15


def of_function(pace: Pace) -> list[dict[str, Any]]:
    """For a Lambda task: named errors as their class says, Lambda's own, and whatever is unknown, all bounded."""
    final = [error.__name__ for error in catalogue() if not error.retryable]
    busy = [error.__name__ for error in catalogue() if issubclass(error, InProgress)]
    passing = [error.__name__ for error in catalogue() if error.retryable and error.__name__ not in busy]
    often = {"BackoffRate": 1.5, "MaxDelaySeconds": BUSY_PAUSE_SECONDS}
    return [
        {"ErrorEquals": final, "MaxAttempts": 0},
        {"ErrorEquals": busy, **_backoff(pace, BUSY_ATTEMPTS), **often},
        {"ErrorEquals": passing, **_backoff(pace, pace.retry_attempts)},
        {"ErrorEquals": LAMBDA_ERRORS, **_backoff(pace, pace.retry_attempts)},
        {"ErrorEquals": ["States.ALL"], **_backoff(pace, UNKNOWN_ATTEMPTS)},
    ]


def of_table(pace: Pace) -> list[dict[str, Any]]:
    """For a conditional write: a refused condition is an answer, everything else may be tried again."""
    return [
        {"ErrorEquals": [LOST_THE_CLAIM], "MaxAttempts": 0},
        {"ErrorEquals": ["States.ALL"], **_backoff(pace, pace.retry_attempts)},
    ]


def _backoff(pace: Pace, attempts: int) -> dict[str, Any]:
    return {
        "IntervalSeconds": pace.retry_seconds,
        "BackoffRate": 2,
        "MaxAttempts": attempts,
        "MaxDelaySeconds": LONGEST_PAUSE_SECONDS,
        "JitterStrategy": "FULL",
    }
