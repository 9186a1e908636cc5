"""The States Language in words: the small pieces that the machine is written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra import retries
from infra.settings import Pace

State = dict[str, Any]

TABLE_SECONDS = 15
GRACE_SECONDS = 5


@dataclass(frozen=True)
class Step:
    """A function as the machine sees it: its ARN and its own timeout in seconds."""

    arn: str
    timeout: int


def wait(name: str, seconds: str, back: str) -> State:
    """Wait as long as the function asked, count it, and go back to the function."""
    count = {"n.$": "States.MathAdd($.waits.n, 1)"}
    return {
        name: {"Type": "Wait", "SecondsPath": seconds, "Next": f"{name}: count"},
        f"{name}: count": {"Type": "Pass", "Parameters": count, "ResultPath": "$.waits", "Next": back},
    }


def function_task(step: Step, pace: Pace) -> State:
    return {
        "Type": "Task",
        "Resource": step.arn,
        "TimeoutSeconds": step.timeout + GRACE_SECONDS,
        "Retry": retries.of_function(pace),
    }


def table_task(update: str, retry: list[State]) -> State:
    return {"Type": "Task", "Resource": update, "TimeoutSeconds": TABLE_SECONDS, "Retry": retry}


def catch(target: str, error: str = "States.ALL") -> State:
    return {"ErrorEquals": [error], "ResultPath": "$.error", "Next": target}


def choice(rules: list[State], default: str) -> State:
    return {"Type": "Choice", "Choices": rules, "Default": default}


def every(*rules: State) -> State:
    return {"And": list(rules)}


def either(*rules: State) -> State:
    return {"Or": list(rules)}


def negation(rule: State) -> State:
    return {"Not": rule}


def equals(path: str, text: str) -> State:
    return {"Variable": path, "StringEquals": text}


def true(path: str) -> State:
    return {"Variable": path, "BooleanEquals": True}


def present(path: str) -> State:
    return {"Variable": path, "IsPresent": True}


def below(path: str, bound: int) -> State:
    return {"Variable": path, "NumericLessThan": bound}


def names(attributes: str) -> State:
    """`#name` for each attribute: some of ours are words that DynamoDB reserves."""
    return {f"#{name}": name for name in attributes.split()}
