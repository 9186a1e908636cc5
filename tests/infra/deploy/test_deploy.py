"""`make test-deploy`: the untouched template goes into an account by the real CDK CLI, and is what it promises.

A second opinion, since the local runtime creates the resources by itself. What this emulator is known to get wrong is
not asked of it: time to live, protection and recovery of tables (template assertions prove those), schedules' time
zones, and the names of errors.
"""

from __future__ import annotations

import json
import time
from typing import Any

import boto3
import pytest

from infra import BUILD
from infra.synth import TEMPLATE
from tests.infra.deploy.conftest import connection
from tests.infra.reading import Template

pytestmark = [pytest.mark.deploy, pytest.mark.xdist_group("deploy")]


@pytest.fixture
def client(account: dict[str, str]) -> Any:
    return lambda service: boto3.client(service, **connection(account))


def test_every_output_has_a_value(deployed: dict[str, str]) -> None:
    template = Template.read(BUILD / "cdk.out" / TEMPLATE)

    assert set(deployed) == set(template.outputs)
    assert all(deployed.values())
    assert deployed["StateMachineArn"].startswith("arn:aws:states:")
    assert deployed["SenderDns1"].partition(" CNAME ")[2]


def test_every_resource_of_the_template_was_created(deployed: dict[str, str], client: Any) -> None:
    template = Template.read(BUILD / "cdk.out" / TEMPLATE)
    listed = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName="ledgercast-production")
    made = {one["LogicalResourceId"]: one for page in listed for one in page["StackResourceSummaries"]}

    assert set(made) == set(template.resources)
    assert {one["ResourceStatus"] for one in made.values()} == {"CREATE_COMPLETE"}


def test_the_tables_take_and_give_items_by_key_and_by_index(deployed: dict[str, str], client: Any) -> None:
    dynamodb = client("dynamodb")
    for output in ("StateTable", "LedgerTable"):
        item = {"pk": {"S": "WS#main"}, "sk": {"S": "x"}, "gsi1pk": {"S": "TENANT#t"}, "gsi1sk": {"S": "WS#main"}}
        dynamodb.put_item(TableName=deployed[output], Item=item)
        found = dynamodb.query(
            TableName=deployed[output],
            IndexName="gsi1",
            KeyConditionExpression="gsi1pk = :t",
            ExpressionAttributeValues={":t": {"S": "TENANT#t"}},
        )
        assert found["Items"] == [item]


def test_secret_bucket_queue_and_group_are_there(deployed: dict[str, str], client: Any) -> None:
    assert client("secretsmanager").get_secret_value(SecretId=deployed["AppSecretArn"])["SecretString"] == "{}"
    assert client("s3").head_bucket(Bucket=deployed["Bucket"])["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert client("scheduler").get_schedule_group(Name=deployed["ScheduleGroupName"])["State"] == "ACTIVE"
    queue = client("sqs").get_queue_url(QueueName=deployed["SchedulerDeadLetterArn"].rpartition(":")[2])
    assert queue["QueueUrl"]


def test_the_functions_hold_the_uploaded_bundles(deployed: dict[str, str], client: Any) -> None:
    made = {one["Handler"]: one for one in client("lambda").list_functions()["Functions"]}

    for name in ("fetch", "summarise", "render", "deliver"):
        function = made[f"functions.{name}.handler.handler"]
        assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
        assert function["CodeSize"] > 1_000_000
        assert function["Environment"]["Variables"]["LEDGERCAST_BUCKET"] == deployed["Bucket"]


def test_a_slot_that_another_execution_holds_ends_as_duplicate(deployed: dict[str, str], client: Any) -> None:
    """RL-1, on the deployed machine: it needs its table and role, and no function"""
    row = {"pk": {"S": "WS#main#PULSE#p"}, "sk": {"S": "RUN#s"}, "execution": {"S": "another"}, "state": {"S": "sent"}}
    client("dynamodb").put_item(TableName=deployed["StateTable"], Item=row)
    states = client("stepfunctions")
    given = {"workspace": "main", "pulse": "p", "slot": "s", "resume": False}

    arn = states.start_execution(stateMachineArn=deployed["StateMachineArn"], name="once", input=json.dumps(given))
    until = time.monotonic() + 20
    while (seen := states.describe_execution(executionArn=arn["executionArn"]))["status"] == "RUNNING":
        assert time.monotonic() < until
        time.sleep(0.1)

    assert (seen["status"], json.loads(seen["output"])) == ("SUCCEEDED", {"status": "duplicate"})
