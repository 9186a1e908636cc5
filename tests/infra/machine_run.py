"""One execution of the machine's definition in moto's Step Functions engine, its functions played by the test.

Nothing here waits: the pauses that Retry and Wait ask for are noted in `Run.pauses` and skipped.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest import mock

import boto3
from boto3.dynamodb.types import TypeDeserializer
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction

from infra.machine import definition
from infra.settings import Pace
from infra.states import Step
from local.aws import once

ACCOUNT = "123456789012"
REGION = "eu-west-1"
SLOT = "2026-11-25T09:00:00Z"
INPUT = {"workspace": "main", "pulse": "p1", "slot": SLOT, "resume": False}
KEY = {"pk": {"S": "WS#main#PULSE#p1"}, "sk": {"S": f"RUN#{SLOT}"}}
NAMES = ("fetch", "summarise", "render", "deliver", "notify")
STEPS = {name: Step(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}", 30) for name in NAMES}

Function = Callable[[dict[str, Any]], Any]


class Failing(Exception):
    """Raised by a played function: Step Functions sees an error of this name."""


@dataclass
class Run:
    status: str
    output: dict[str, Any]
    error: str | None
    cause: str | None
    arn: str


@dataclass
class Cloud:
    """The machine and its table; `functions` may be replaced at any time, `calls` holds what each was given."""

    functions: dict[str, Function] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    machine: str = ""

    def start(self, given: Mapping[str, Any] = INPUT) -> str:
        client = boto3.client("stepfunctions", REGION)
        return client.start_execution(
            stateMachineArn=self.machine, name=uuid.uuid4().hex, input=json.dumps(dict(given))
        )["executionArn"]

    def run(self, given: Mapping[str, Any] = INPUT) -> Run:
        client = boto3.client("stepfunctions", REGION)
        arn = self.start(given)
        until = time.monotonic() + 30
        while (seen := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < until, "the execution does not end"
            time.sleep(0.01)
        output = json.loads(seen.get("output") or "{}")
        return Run(seen["status"], output, seen.get("error"), seen.get("cause"), arn)

    def row(self) -> dict[str, Any] | None:
        item = boto3.client("dynamodb", REGION).get_item(TableName="state", Key=KEY).get("Item")
        plain = TypeDeserializer().deserialize
        return {name: plain(value) for name, value in item.items()} if item else None

    def put_row(self, **attributes: str) -> None:
        item = {**KEY, **{name: {"S": value} for name, value in attributes.items()}}
        boto3.client("dynamodb", REGION).put_item(TableName="state", Item=item)

    def forget(self) -> None:
        boto3.client("dynamodb", REGION).delete_item(TableName="state", Key=KEY)
        self.calls.clear()
        self.pauses.clear()

    def given_to(self, name: str) -> list[dict[str, Any]]:
        return [given for called, given in self.calls if called == name]

    def invoke(self, name: str, body: bytes, headers: dict[str, str]) -> bytes:
        given = json.loads(body)
        self.calls.append((name, given))
        try:
            return json.dumps(self.functions[name](given)).encode()
        except Failing as error:
            headers["x-amz-function-error"] = "Unhandled"
            return json.dumps({"errorType": str(error), "errorMessage": "played"}).encode()


@contextmanager
def cloud(pace: Pace) -> Iterator[Cloud]:
    played = Cloud()

    def invoke(_self: Any, name: str, _qualifier: Any, body: Any, _headers: Any, answer: Any) -> bytes:
        return played.invoke(name.rpartition(":")[2], body, answer)

    def wait(_self: Any, env: Any, wait_seconds: int) -> None:
        played.pauses.append(wait_seconds)

    once.remember()
    config: Any = {"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}
    with (
        mock_aws(config=config),
        mock.patch.object(LambdaSimpleBackend, "invoke", invoke),
        mock.patch.object(WaitFunction, "_wait_interval", wait),
        mock.patch.object(retrier_decl, "time", SimpleNamespace(sleep=played.pauses.append)),
    ):
        _create(played, pace)
        yield played


def _create(played: Cloud, pace: Pace) -> None:
    keys = [("pk", "HASH"), ("sk", "RANGE")]
    boto3.client("dynamodb", REGION).create_table(
        TableName="state",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],  # type: ignore[typeddict-item]
    )
    trust = {"Version": "2012-10-17", "Statement": []}
    role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    for name in NAMES:
        boto3.client("lambda", REGION).create_function(
            FunctionName=name, Runtime="python3.13", Role=role, Handler="h.h", Code={"ZipFile": b"-"}
        )
    text = json.dumps(definition(STEPS, "state", pace))
    made = boto3.client("stepfunctions", REGION).create_state_machine(name="m", definition=text, roleArn=role)
    played.machine = made["stateMachineArn"]
