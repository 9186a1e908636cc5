"""DynamoDB asked directly answers word for word what moto's own way to it does: this fails when a new moto differs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto import mock_aws
from moto.core.request import Request
from moto.dynamodb.responses import DynamoHandler

from local.aws import dynamodb

URL = "https://dynamodb.eu-west-1.amazonaws.com/"
KEYS = {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("PutItem", {"Item": {"pk": {"S": "a"}, "b": {"B": "AP8="}, "n": {"N": "-12.50"}}}),
    ("PutItem", {"Item": {"pk": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(pk)"}),
    ("GetItem", {"Key": {"pk": {"S": "a"}}, "ConsistentRead": True}),
    ("GetItem", {"Key": {"pk": {"S": "Zo\u00eb \u2028"}}}),
    ("UpdateItem", {"Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET"}),
    ("DeleteItem", {"TableName": "another", "Key": {"pk": {"S": "a"}}}),
    ("Scan", {}),
]


def asked(action: str, given: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    headers = {
        "Host": "dynamodb.eu-west-1.amazonaws.com",
        "X-Amz-Target": f"DynamoDB_20120810.{action}",
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": "AWS4-HMAC-SHA256 Credential=testing/20261125/eu-west-1/dynamodb/aws4_request, Signature=0",
    }
    return headers, json.dumps({"TableName": "t", **given}).encode()


def by_moto(headers: dict[str, str], body: bytes) -> tuple[int, str | bytes]:
    request = Request.from_primitives("POST", URL, headers, body)
    status, _, said = DynamoHandler.dispatch(request, URL, request.headers)
    return int(status), said


@pytest.mark.parametrize(("action", "given"), CALLS)
def test_it_answers_as_moto_does(action: str, given: dict[str, Any]) -> None:
    with mock_aws():
        definitions = [{"AttributeName": "pk", "AttributeType": "S"}]
        dynamodb.answer(*asked("CreateTable", {**KEYS, "AttributeDefinitions": definitions}))
        dynamodb.answer(*asked(*CALLS[0]))
        expected = by_moto(*asked(action, given))

        status, headers, said = dynamodb.answer(*asked(action, given))

    assert (status, said) == expected
    assert headers["x-amz-crc32"].isdigit()


def test_another_region_has_other_tables() -> None:
    with mock_aws():
        dynamodb.answer(*asked("CreateTable", {**KEYS, "AttributeDefinitions": []}))
        headers, body = asked("ListTables", {})
        elsewhere = {**headers, "Authorization": headers["Authorization"].replace("eu-west-1", "us-east-1")}

        assert json.loads(dynamodb.answer(elsewhere, body)[2]) == {"TableNames": []}
