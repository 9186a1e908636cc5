"""Three small functions that do what a test tells them; each runs in a worker process, as the product's do."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import boto3


class Again(Exception):
    """May be retried."""


class Refused(Exception):
    """Never retried."""


def task(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Counts its calls under `key`; fails, sleeps or dies as asked for that call."""
    calls = _count(event["key"])
    what = event.get("do", {}).get(str(calls), "work")
    if what == "again":
        raise Again("not yet")
    if what == "refuse":
        raise Refused("no")
    if what == "sleep":
        time.sleep(60)
    if what == "die":
        os._exit(3)
    return {**event, "calls": calls, "pid": os.getpid(), "now": _now()}


def consume(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Notes every message; reports those whose body says `poison` as failed."""
    failures = []
    for record in event["Records"]:
        body = json.loads(record["body"])
        _count(body["key"])
        if body.get("poison"):
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def web(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Shows its event, and sets two cookies."""
    if event["rawPath"] == "/broken":
        raise Refused("no page")
    return {
        "statusCode": 201,
        "headers": {"content-type": "application/json"},
        "cookies": ["a=1; HttpOnly", "b=2"],
        "body": json.dumps(event),
    }


def environment(_event: object, _context: object) -> dict[str, str]:
    return dict(os.environ)


def _count(key: str) -> int:
    answer = boto3.client("dynamodb").update_item(
        TableName=os.environ["LEDGERCAST_STATE_TABLE"],
        Key={"pk": {"S": "COUNT"}, "sk": {"S": key}},
        UpdateExpression="ADD #calls :one",
        ExpressionAttributeNames={"#calls": "calls"},
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="ALL_NEW",
    )
    return int(answer["Attributes"]["calls"]["N"])


def _now() -> str:
    from ledgercast import clock

    return clock.now().isoformat()
