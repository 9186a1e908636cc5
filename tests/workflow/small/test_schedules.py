"""Schedules on the running system: fire, keywords, dead letters, refusal."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.runtime import Runtime
from tests.workflow.conftest import eventually


@pytest.fixture
def schedule(runtime: Runtime, key: str) -> Iterator[Any]:
    """Makes schedules in the group `pulses`, and takes them back."""
    scheduler = runtime.client("scheduler")
    names: list[str] = []

    def make(expression: str, target: dict[str, Any], **given: Any) -> str:
        names.append(f"{key}-{len(names)}")
        scheduler.create_schedule(
            Name=names[-1],
            GroupName="pulses",
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"RoleArn": "arn:aws:iam::123456789012:role/any", **target},
            **given,
        )
        return names[-1]

    yield make
    for name in names:
        with contextlib.suppress(scheduler.exceptions.ResourceNotFoundException):
            scheduler.delete_schedule(Name=name, GroupName="pulses")


def at(runtime: Runtime, seconds: float) -> str:
    """An `at` expression that many seconds of our clock from now, and its slot."""
    return (runtime.clock.now() + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def executions(runtime: Runtime, key: str) -> list[dict[str, Any]]:
    client = runtime.client("stepfunctions")
    listed = client.list_executions(stateMachineArn=runtime.outputs["MachineArn"])["executions"]
    described = [client.describe_execution(executionArn=one["executionArn"]) for one in listed]
    return [one for one in described if json.loads(one["input"]).get("key") == key]


def queue_arn(runtime: Runtime, logical_id: str) -> tuple[str, str]:
    url = runtime.names[logical_id]
    found = runtime.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, str(found["Attributes"]["QueueArn"])


def test_a_schedule_starts_the_machine_with_its_planned_time(runtime: Runtime, key: str, schedule: Any) -> None:
    wall = at(runtime, 600)
    payload = json.dumps({"key": key, "slot": "<aws.scheduler.scheduled-time>"})
    name = schedule(
        f"at({wall})", {"Arn": runtime.outputs["MachineArn"], "Input": payload}, ActionAfterCompletion="DELETE"
    )

    runtime.scheduler.advance(3600)

    [started] = executions(runtime, key)
    assert json.loads(started["input"])["slot"] == f"{wall}Z"
    assert runtime.wait(started["executionArn"], 20)["status"] == "SUCCEEDED"
    with pytest.raises(ClientError, match="does not exist"):
        runtime.client("scheduler").get_schedule(Name=name, GroupName="pulses")


def test_a_schedule_fires_by_itself_when_its_time_comes(runtime: Runtime, key: str, schedule: Any) -> None:
    schedule("rate(30 days)", {"Arn": runtime.outputs["MachineArn"], "Input": json.dumps({"key": key})})

    eventually(lambda: executions(runtime, key), 5)


def test_an_hourly_schedule_advanced_by_a_day_starts_24_slots_in_order(
    runtime: Runtime, key: str, schedule: Any
) -> None:
    url, arn = queue_arn(runtime, "ScheduleDead")
    runtime.client("sqs").purge_queue(QueueUrl=url)
    schedule("cron(0 * * * ? *)", {"Arn": arn, "Input": f"{key} <aws.scheduler.scheduled-time>"})

    runtime.scheduler.advance(86_400)

    slots = [body.split()[1] for body in received(runtime, url) if body.startswith(key)]
    assert len(slots) == 24
    assert slots == sorted(set(slots))


def received(runtime: Runtime, url: str) -> list[str]:
    bodies: list[str] = []
    while found := runtime.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [message["Body"] for message in found]
    return bodies


def test_what_cannot_be_delivered_lies_in_the_dead_letter_queue(runtime: Runtime, key: str, schedule: Any) -> None:
    url, arn = queue_arn(runtime, "ScheduleDead")
    wall = at(runtime, 60)
    schedule(
        f"at({wall})",
        {
            "Arn": runtime.outputs["MachineArn"] + "-gone",
            "Input": json.dumps({"key": key}),
            "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600},
            "DeadLetterConfig": {"Arn": arn},
        },
    )

    runtime.scheduler.advance(600)

    found = runtime.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    [dead] = [message for message in found["Messages"] if key in message["Body"]]
    attributes = {name: value["StringValue"] for name, value in dead["MessageAttributes"].items()}
    assert attributes["ERROR_CODE"] == "StateMachineDoesNotExist"
    assert attributes["RETRY_ATTEMPTS"] == "2"
    assert attributes["SCHEDULED_TIME"] == f"{wall}Z"
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"


def test_a_universal_target_calls_the_action_it_names(runtime: Runtime, key: str, schedule: Any) -> None:
    given = {"StateMachineArn": runtime.outputs["MachineArn"], "Name": key, "Input": json.dumps({"key": key})}
    schedule(
        f"at({at(runtime, 60)})", {"Arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution", "Input": json.dumps(given)}
    )

    runtime.scheduler.advance(120)

    assert [one["name"] for one in executions(runtime, key)] == [key]


@pytest.mark.parametrize(
    ("expression", "zone", "named"),
    [
        ("banana", "UTC", "banana"),
        ("cron(0 9 * * * *)", "UTC", "day-of-week"),
        ("rate(1 hours)", "Mars/Base", "Mars/Base"),
    ],
)
def test_a_schedule_that_aws_would_refuse_is_refused(schedule: Any, expression: str, zone: str, named: str) -> None:
    with pytest.raises(ClientError, match=named) as refused:
        schedule(expression, {"Arn": "arn:aws:sqs:eu-west-1:123456789012:q"}, ScheduleExpressionTimezone=zone)

    assert refused.value.response["Error"]["Code"] == "ValidationException"
