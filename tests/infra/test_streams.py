"""The template's part of Streams: a webhook with a throttle of its own, a queue that keeps what fails, and alarms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from functions.stream.posts import ENOUGH_SECONDS
from infra import ROOT
from infra.settings import Settings
from infra.synth import synthesize
from ledgercast.slack.client import DEADLINE
from tests.infra.conftest import PRODUCTION
from tests.infra.reading import Template, flat
from tests.infra.test_edges import alarms_on


def queues(template: Template) -> tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]:
    (dead,) = [name for name in template.of("AWS::SQS::Queue") if name.startswith("StreamsEventsDead")]
    found = [name for name in template.of("AWS::SQS::Queue") if name.startswith("StreamsEvents") and name != dead]
    return (found[0], template.resources[found[0]]["Properties"]), (dead, template.resources[dead]["Properties"])


def test_the_webhook_has_a_route_and_a_throttle_of_its_own(template: Template) -> None:
    """IN-2: neither readers of pages nor a burst of events crowd out the other"""
    _, stage = template.one("AWS::ApiGatewayV2::Stage")
    name, resource = next((n, r) for n, r in template.resources.items() if r["Type"] == "AWS::ApiGatewayV2::Stage")
    routes = template.of("AWS::ApiGatewayV2::Route")
    own = [n for n, r in routes.items() if r["Properties"]["RouteKey"] == "POST /webhooks/xero"]

    assert stage["RouteSettings"] == {"POST /webhooks/xero": {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200}}
    assert own[0] in resource["DependsOn"], f"{name} has settings of a route that may not be there yet"


def test_the_webhook_answers_within_xeros_five_seconds_or_not_at_all(template: Template) -> None:
    """WH-5: then Xero tries again"""
    assert template.function("webhook")["Timeout"] < 5


def test_a_delivery_that_fails_comes_again_and_is_kept_in_the_end_and_rings(template: Template) -> None:
    """WH-7, IN-3"""
    (events, properties), (dead, kept) = queues(template)
    _, feed = template.one("AWS::Lambda::EventSourceMapping")
    stream = template.function("stream")

    assert flat(feed["EventSourceArn"]) == f"<{events}.Arn>"
    assert flat(feed["FunctionName"]) == f"<{template.function_id('stream')}>"
    assert feed["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert 1 <= feed["MaximumBatchingWindowInSeconds"] <= 5
    assert properties["VisibilityTimeout"] >= 6 * stream["Timeout"]
    assert flat(properties["RedrivePolicy"]["deadLetterTargetArn"]) == f"<{dead}.Arn>"
    # The function puts aside with the reason, before the queue does so without one.
    most = int(stream["Environment"]["Variables"]["LEDGERCAST_MOST_RECEIVES"])
    assert most < properties["RedrivePolicy"]["maxReceiveCount"] <= 50
    assert kept["MessageRetentionPeriod"] > properties["MessageRetentionPeriod"] >= 4 * 86_400
    assert set(alarms_on(template, "AWS/SQS", f"<{dead}.QueueName>")) == {"ApproximateNumberOfMessagesVisible"}
    assert set(alarms_on(template, "AWS/SQS", f"<{events}.QueueName>")) == {"ApproximateAgeOfOldestMessage"}


def test_the_queues_are_encrypted_and_take_tls_alone(template: Template) -> None:
    """IN-2"""
    denied = {
        flat(queue)
        for one in template.of("AWS::SQS::QueuePolicy").values()
        for statement in one["Properties"]["PolicyDocument"]["Statement"]
        for queue in one["Properties"]["Queues"]
        if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    for name, properties in queues(template):
        assert properties["SqsManagedSseEnabled"] is True
        assert f"<{name}>" in denied


def test_what_the_functions_count_rings_too(template: Template) -> None:
    """WH-4, WH-8"""
    found = alarms_on(template, "Ledgercast", "production")
    assert set(found) == {"DeliveriesNotTaken", "SignaturesRefused", "EventsUnconfirmed"}


def test_there_is_time_for_a_message_before_the_function_ends(template: Template) -> None:
    """One begun with little time left may be cut off; the ledger bears that, but it should be rare."""
    assert template.function("stream")["Timeout"] >= 4 * DEADLINE > ENOUGH_SECONDS


def test_each_end_of_the_queue_may_do_its_own_and_no_more(template: Template) -> None:
    """IN-1"""
    (events, _), (dead, _) = queues(template)

    def sqs(name: str) -> dict[str, set[str]]:
        may = template.may(template.role_of(name))
        ours = {action: {one for one in on if one.startswith("<StreamsEvents")} for action, on in may.items()}
        return {action: on for action, on in ours.items() if on}

    assert sqs("webhook") == sqs("console") == {"sqs:SendMessage": {f"<{events}.Arn>"}}
    assert sqs("stream") == {
        **{
            f"sqs:{one}": {f"<{events}.Arn>"}
            for one in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility")
        },
        "sqs:SendMessage": {f"<{dead}.Arn>"},
    }
    assert sqs("keepalive") == {"sqs:GetQueueAttributes": {f"<{dead}.Arn>"}}


def test_the_webhook_reaches_the_apps_secret_and_the_queue_alone(template: Template) -> None:
    """IN-1"""
    may = template.may(template.role_of("webhook"))
    assert set(may) == {
        *{"logs:CreateLogStream", "logs:PutLogEvents"},
        *{"secretsmanager:GetSecretValue", "kms:Decrypt", "sqs:SendMessage"},
    }


def test_limits_of_concurrency_are_off_by_default(template: Template) -> None:
    """IN-2: a new account has a low quota, and a reservation there fails the deployment"""
    assert not [one for one in template.of("AWS::Lambda::Function").values() if "Reserved" in str(one["Properties"])]
    assert "ScalingConfig" not in template.one("AWS::Lambda::EventSourceMapping")[1]


def test_limits_of_concurrency_can_be_set(tmp_path: Path) -> None:
    """IN-2"""
    given = {**PRODUCTION, "local": "true", "webhook_concurrency": 5, "stream_concurrency": 2}
    limited = Template.read(synthesize(tmp_path, {**given, "webhook_requests_per_second": 7}))

    assert limited.function("webhook")["ReservedConcurrentExecutions"] == 5
    assert limited.one("AWS::Lambda::EventSourceMapping")[1]["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert '"ThrottlingRateLimit": 7' in json.dumps(limited.one("AWS::ApiGatewayV2::Stage")[1]["RouteSettings"])


@pytest.mark.parametrize(
    ("name", "value"), [("webhook_concurrency", "many"), ("webhook_concurrency", -1), ("stream_concurrency", 1)]
)
def test_a_limit_without_sense_is_named(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^-c {name}=… must be a whole number from"):
        Settings.read({**PRODUCTION, name: value}.get)


def test_no_limit_may_be_written_as_nought() -> None:
    assert Settings.read({**PRODUCTION, "webhook_concurrency": "0"}.get).webhook_concurrency is None


def test_every_alarm_of_streams_has_its_page_with_the_alarms_name(template: Template) -> None:
    pages = (ROOT / "docs/runbooks.md").read_text()
    for name in ("EventsPutAside", "EventsUnconfirmed", "EventsWaiting", "DeliveriesNotTaken", "SignaturesRefused"):
        assert name in pages
