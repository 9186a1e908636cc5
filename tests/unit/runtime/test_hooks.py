"""The places in moto that `local.aws.hooks` replaces: this fails when a new moto moves or renames them."""

from __future__ import annotations

import importlib.metadata
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.config import default_user_config
from moto.ses.models import SESBackend
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager

from local.aws import hooks as module
from local.aws.clock import LocalClock
from local.aws.hooks import Hooks

hooks: Any = module  # what it imported from moto is no export of it


@pytest.fixture
def bound(tmp_path: Path) -> Iterator[Hooks]:
    made = Hooks("eu-west-1", LocalClock(tmp_path / "clock"), lambda _arn, payload, _waits: (payload, False))
    yield made
    made.close()


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def replaced() -> list[Any]:
    return [
        vars(LambdaSimpleBackend)["invoke"],
        vars(SESBackend)["send_raw_email"],
        vars(SESBackend)["send_email"],
        vars(WaitFunction)["_wait_interval"],
        vars(EventManager)["_get_current_timestamp"],
        vars(hooks.DynamoHandler)["call_action"],
        vars(hooks.BaseJSONSerializer)["_serialize_type_structure"],
        vars(hooks.EventBridgeSchedulerBackend)["create_schedule"],
        vars(hooks.EventBridgeSchedulerBackend)["update_schedule"],
        vars(hooks.Schedule)["_validate_start_date"],
        hooks.retrier.time,
        hooks.engine_clients.boto3,
        *(one.datetime for one in (hooks.state, hooks.engine, hooks.execution)),
    ]


def test_moto_is_the_version_the_hooks_were_written_for() -> None:
    assert importlib.metadata.version("moto") == "5.2.5"


def test_the_replaced_methods_still_take_what_the_hooks_take() -> None:
    invoke = ["self", "function_name", "qualifier", "body", "headers", "response_headers"]

    assert parameters(LambdaSimpleBackend.invoke) == invoke
    assert parameters(SESBackend.send_raw_email) == ["self", "source", "destinations", "raw_data"]
    assert parameters(SESBackend.send_email) == ["self", "source", "subject", "body", "destinations"]
    assert parameters(WaitFunction._wait_interval) == ["self", "env", "wait_seconds"]
    assert parameters(EventManager._get_current_timestamp) == []
    structure = ["self", "serialized", "value", "shape", "key"]
    assert parameters(hooks.BaseJSONSerializer._serialize_type_structure) == structure
    assert parameters(hooks.engine_clients.boto_client_for) == ["region", "service", "state_credentials"]


def test_the_engine_still_uses_the_names_that_are_replaced_in_its_modules() -> None:
    assert "boto3.client(" in inspect.getsource(hooks.engine_clients)
    assert "time.sleep(" in inspect.getsource(hooks.retrier)
    for one in (hooks.state, hooks.engine, hooks.execution):
        assert "datetime.datetime.now(" in inspect.getsource(one)


def test_everything_is_given_back(tmp_path: Path) -> None:
    before = replaced()

    Hooks("eu-west-1", LocalClock(tmp_path / "clock"), lambda *_: (b"", False)).close()

    assert replaced() == before
    assert default_user_config["lambda"]["use_docker"] is True
    assert default_user_config["stepfunctions"]["execute_state_machine"] is False


def test_the_engines_clients_are_kept_and_go_to_the_given_address(bound: Hooks) -> None:
    bound.use_endpoint("http://127.0.0.1:1")

    first = hooks.engine_clients.boto_client_for("eu-west-1", "sqs")
    second = hooks.engine_clients.boto_client_for("eu-west-1", "sqs")

    assert first is second
    assert first.meta.endpoint_url == "http://127.0.0.1:1"


EVERY_KIND: dict[str, Any] = {
    "pk": {"S": "a"},
    "empty": {"S": ""},
    "number": {"N": "-12.50"},
    "binary": {"B": b"\x00\xff"},
    "flags": {"L": [{"BOOL": True}, {"BOOL": False}, {"NULL": True}]},
    "sets": {"M": {"s": {"SS": ["x", "y"]}, "n": {"NS": ["1", "2"]}, "b": {"BS": [b"\x01"]}}},
    "mixed": {"L": [{"M": {"B": {"B": b"\x02"}, "S": {"S": "text"}}}, {"L": []}, {"M": {}}]},
    "plain": {"M": {"deep": {"L": [{"M": {"n": {"N": "1"}}}, {"S": "\u00e9\u2028"}]}}},
}


def read_back() -> list[Any]:
    """What a client gets from GetItem, Query, Scan and UpdateItem of an item of every kind."""
    with mock_aws():
        client: Any = boto3.client("dynamodb", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="y")
        keys = [{"AttributeName": "pk", "KeyType": "HASH"}]
        names = [{"AttributeName": "pk", "AttributeType": "S"}]
        client.create_table(TableName="t", KeySchema=keys, AttributeDefinitions=names, BillingMode="PAY_PER_REQUEST")
        client.put_item(TableName="t", Item=EVERY_KIND)
        key, of_key = {"pk": {"S": "a"}}, {":pk": {"S": "a"}}
        told = {"UpdateExpression": "SET plain = :pk", "ExpressionAttributeValues": of_key, "ReturnValues": "ALL_OLD"}
        return [
            client.get_item(TableName="t", Key=key)["Item"],
            client.query(TableName="t", KeyConditionExpression="pk = :pk", ExpressionAttributeValues=of_key)["Items"],
            client.scan(TableName="t")["Items"],
            client.update_item(TableName="t", Key=key, **told)["Attributes"],
        ]


def test_items_are_given_as_moto_would_give_them(tmp_path: Path) -> None:
    as_moto_does = read_back()
    made = Hooks("eu-west-1", LocalClock(tmp_path / "clock"), lambda _arn, payload, _waits: (payload, False))
    try:
        assert read_back() == as_moto_does
    finally:
        made.close()
    assert as_moto_does[0] == EVERY_KIND
