"""Every asynchronous edge has a place for what fails, and an alarm that names its page of the runbook (IN-3)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra import ROOT
from tests.infra.reading import Template, flat

# An edge of any of these kinds is asynchronous too: whoever adds the first one adds its failure target and its test.
UNSEEN = (
    "AWS::Events::Rule",
    "AWS::Pipes::Pipe",
)


SLOWER = {"ApproximateAgeOfOldestMessage": 900, "SignaturesRefused": 10}
"""What is no trouble the first time: a queue that holds something, a stranger who knocks, Xero's own handshake."""


def alarms_on(template: Template, namespace: str, dimension: str) -> dict[str, Any]:
    """Alarms by metric name, on one namespace and the resource that a dimension names."""
    return {
        alarm["Properties"]["MetricName"]: alarm["Properties"]
        for alarm in template.of("AWS::CloudWatch::Alarm").values()
        if alarm["Properties"]["Namespace"] == namespace
        and dimension in [flat(one["Value"]) for one in alarm["Properties"]["Dimensions"]]
    }


def test_there_is_no_edge_that_this_file_does_not_know(template: Template) -> None:
    assert [kind for kind in UNSEEN if template.of(kind)] == []
    assert len(template.of("AWS::Scheduler::Schedule")) == 2
    assert len(template.of("AWS::Lambda::EventInvokeConfig")) == 1
    assert len(template.of("AWS::Lambda::EventSourceMapping")) == 1  # test_streams.py
    callers = {one["Properties"]["Principal"] for one in template.of("AWS::Lambda::Permission").values()}
    assert callers == {"apigateway.amazonaws.com"}, "which waits for the answer, and tells who asked of a failure"
    assert {one["Properties"]["Protocol"] for one in template.of("AWS::SNS::Subscription").values()} == {"email"}


def test_a_start_that_fails_is_kept_and_rings(template: Template) -> None:
    queue, properties = template.one("AWS::SQS::Queue", "Schedules")

    assert properties["MessageRetentionPeriod"] == 14 * 86_400
    assert flat(template.outputs["SchedulerDeadLetterArn"]["Value"]) == f"<{queue}.Arn>"
    assert "ApproximateNumberOfMessagesVisible" in alarms_on(template, "AWS/SQS", f"<{queue}.QueueName>")
    lost = alarms_on(template, "AWS/Scheduler", "ledgercast-production")
    assert "InvocationsFailedToBeSentToDeadLetterCount" in lost


@pytest.mark.parametrize(
    ("name", "expression", "given"),
    [("Daily", "cron(17 3 * * ? *)", "{}"), ("Streams", "cron(41 0/6 * * ? *)", '{"pass":"streams"}')],
)
def test_a_pass_that_could_not_be_handed_over_is_kept_and_rings(
    template: Template, name: str, expression: str, given: str
) -> None:
    """IN-3, TK-4, WH-8"""
    queue, _ = template.one("AWS::SQS::Queue", "Schedules")
    _, schedule = template.one("AWS::Scheduler::Schedule", f"Keepalive{name}")
    target = schedule["Target"]

    assert (schedule["ScheduleExpression"], target["Input"]) == (expression, given)
    assert flat(target["Arn"]) == f"<{template.function_id('keepalive')}.Arn>"
    assert flat(target["DeadLetterConfig"]["Arn"]) == f"<{queue}.Arn>"
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 6 * 3600


def test_a_daily_pass_that_fails_again_and_again_is_kept_and_rings(template: Template) -> None:
    """IN-3: Lambda took the event, and so Scheduler knows nothing of what came of it"""
    queue, properties = template.one("AWS::SQS::Queue", "Keepalive")
    _, tries = template.one("AWS::Lambda::EventInvokeConfig")

    assert flat(tries["FunctionName"]) == f"<{template.function_id('keepalive')}>"
    assert tries["MaximumRetryAttempts"] == 2
    assert flat(tries["DestinationConfig"]["OnFailure"]["Destination"]) == f"<{queue}.Arn>"
    assert properties["MessageRetentionPeriod"] == 14 * 86_400
    assert "ApproximateNumberOfMessagesVisible" in alarms_on(template, "AWS/SQS", f"<{queue}.QueueName>")
    assert f"<{queue}.Arn>" in template.may(template.role_of("keepalive"))["sqs:SendMessage"]


def test_a_page_that_fails_rings(template: Template) -> None:
    [api] = template.of("AWS::ApiGatewayV2::Api")
    assert set(alarms_on(template, "AWS/ApiGateway", f"<{api}>")) == {"5xx"}


def test_a_run_that_fails_or_hangs_rings(template: Template) -> None:
    machine, _ = template.one("AWS::StepFunctions::StateMachine")
    assert set(alarms_on(template, "AWS/States", f"<{machine}>")) == {"ExecutionsFailed", "ExecutionsTimedOut"}


def test_every_alarm_reaches_the_owner_at_once_with_a_page_of_the_runbook(template: Template) -> None:
    topic, _ = template.one("AWS::SNS::Topic")
    _, subscription = template.one("AWS::SNS::Subscription")
    headings = re.findall(r"^## (.+)$", (ROOT / "docs/runbooks.md").read_text(), re.MULTILINE)
    pages = {heading.lower().replace(" ", "-").replace(",", "").replace("'", "") for heading in headings}

    assert (subscription["Endpoint"], flat(subscription["TopicArn"])) == ("owner@example.com", f"<{topic}>")
    for name, one in template.of("AWS::CloudWatch::Alarm").items():
        alarm = one["Properties"]
        assert [flat(action) for action in alarm["AlarmActions"]] == [f"<{topic}>"], name
        assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (SLOWER.get(alarm["MetricName"], 1), 1), name
        page = alarm["AlarmDescription"].partition("docs/runbooks.md#")[2]
        assert page in pages, name


def test_the_alarms_may_reach_their_topic(template: Template) -> None:
    _, policy = template.one("AWS::SNS::TopicPolicy")
    allows = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]
    assert [one["Principal"] for one in allows] == [{"Service": "cloudwatch.amazonaws.com"}]
