"""Queues and schedules."""

from __future__ import annotations

import json
from typing import Any

from local.aws.resources.kinds import TAGS, Created, Kind, Stack, reads

_QUEUE_ATTRIBUTES = ("VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds", "ReceiveMessageWaitTimeSeconds")


def queue(stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    sqs, name = stack.client("sqs"), given.get("QueueName") or stack.physical(logical_id, 80)
    attributes = {key: str(given[key]) for key in _QUEUE_ATTRIBUTES if key in given}
    if "RedrivePolicy" in given:
        attributes["RedrivePolicy"] = json.dumps(given["RedrivePolicy"])
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return Created(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})


def schedule_group(stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    name = given.get("Name") or stack.physical(logical_id)
    return Created(name, {"Arn": stack.client("scheduler").create_schedule_group(Name=name)["ScheduleGroupArn"]})


def schedule(stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    name = given.get("Name") or stack.physical(logical_id)
    arn = stack.client("scheduler").create_schedule(**{**given, "Name": name})["ScheduleArn"]
    return Created(name, {"Arn": arn})


KINDS = {
    "AWS::SQS::Queue": Kind(
        queue,
        reads("QueueName", "RedrivePolicy", *_QUEUE_ATTRIBUTES),
        {
            "KmsMasterKeyId": "nothing is encrypted on this machine",
            "KmsDataKeyReusePeriodSeconds": "nothing is encrypted on this machine",
            "SqsManagedSseEnabled": "nothing is encrypted on this machine",
            "RedriveAllowPolicy": "no permission is enforced here",
            **TAGS,
        },
    ),
    "AWS::Scheduler::ScheduleGroup": Kind(schedule_group, reads("Name"), TAGS),
    "AWS::Scheduler::Schedule": Kind(
        schedule,
        reads(
            "Name",
            "GroupName",
            "Description",
            "ScheduleExpression",
            "ScheduleExpressionTimezone",
            "StartDate",
            "EndDate",
            "State",
            "Target",
            "FlexibleTimeWindow",
        ),
        {"KmsKeyArn": "nothing is encrypted on this machine"},
    ),
}
