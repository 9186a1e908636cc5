"""Queues, tables, mail and the HTTP front of the running system."""

from __future__ import annotations

import base64
import json
import threading
from email.message import EmailMessage
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from local.aws.permissions import read_calls, verdict, write_roles
from local.runtime import Runtime
from tests.workflow.conftest import eventually

UNREAD = "ApproximateNumberOfMessages"


def calls(runtime: Runtime, key: str) -> int:
    found = runtime.client("dynamodb").get_item(
        TableName=runtime.outputs["StateTable"], Key={"pk": {"S": "COUNT"}, "sk": {"S": key}}
    )
    return int(found["Item"]["calls"]["N"]) if "Item" in found else 0


def test_a_batch_with_one_poison_message_finishes_the_others_and_the_poison_ends_in_the_dlq(
    runtime: Runtime, key: str
) -> None:
    sqs, url = runtime.client("sqs"), runtime.names["Events"]
    for number in range(3):
        body = {"key": f"{key}-{number}", "poison": number == 1}
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))

    dead: list[str] = []

    def poison_is_dead() -> bool:
        found = sqs.receive_message(QueueUrl=runtime.names["Dead"]).get("Messages", [])
        dead.extend(message["Body"] for message in found)
        return any(f"{key}-1" in body for body in dead)

    eventually(poison_is_dead)
    assert [calls(runtime, f"{key}-{number}") for number in range(3)] == [1, 2, 1]
    assert not any(f"{key}-0" in body or f"{key}-2" in body for body in dead)


def test_the_table_has_what_the_template_says(runtime: Runtime) -> None:
    dynamodb, name = runtime.client("dynamodb"), runtime.outputs["StateTable"]

    table = dynamodb.describe_table(TableName=name)["Table"]
    ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]

    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["gsi1"]
    assert (ttl["AttributeName"], ttl["TimeToLiveStatus"]) == ("ttl", "ENABLED")
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    with pytest.raises(ClientError, match="DeletionProtectionEnabled"):
        dynamodb.delete_table(TableName=name)


def test_of_many_conditional_writes_at_once_exactly_one_succeeds(runtime: Runtime, key: str) -> None:
    """RL-1 rests on this: the claim of a slot and every ledger row are such writes."""
    won: list[int] = []
    start = threading.Barrier(24)

    def write(number: int) -> None:
        start.wait()
        try:
            runtime.client("dynamodb").put_item(
                TableName=runtime.outputs["StateTable"],
                Item={"pk": {"S": "CLAIM"}, "sk": {"S": key}, "by": {"N": str(number)}},
                ConditionExpression="attribute_not_exists(pk)",
            )
            won.append(number)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ConditionalCheckFailedException"

    threads = [threading.Thread(target=write, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1


def test_mail_is_kept_whole_with_our_time_and_each_recipient_once(runtime: Runtime, key: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "Ledgercast <sender@example.com>",
        f"{key}@example.org",
        "Größe",
    )
    message.set_content("Hello")
    sent_at = runtime.clock.now()

    runtime.client("sesv2").send_email(
        FromEmailAddress="Ledgercast <sender@example.com>",
        Destination={"ToAddresses": [f"{key}@example.org"]},
        Content={"Raw": {"Data": message.as_bytes()}},
    )

    [shown] = requests.get(f"{runtime.url}/_local/mail", {"to": f"{key}@example.org"}, timeout=5).json()
    assert shown["from"] == "sender@example.com"
    assert shown["to"] == [f"{key}@example.org"]
    assert shown["subject"] == "Größe"
    assert "Hello" in shown["raw"]
    assert shown["at"] >= sent_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    later = requests.get(f"{runtime.url}/_local/mail", {"since": "2999-01-01T00:00:00Z"}, timeout=5).json()
    assert later == []


def test_only_the_templates_sender_may_send(runtime: Runtime) -> None:
    with pytest.raises(ClientError, match="MessageRejected"):
        runtime.client("sesv2").send_email(
            FromEmailAddress="stranger@example.net",
            Destination={"ToAddresses": ["a@example.org"]},
            Content={"Raw": {"Data": b"From: stranger@example.net\nTo: a@example.org\n\nHi"}},
        )


def test_the_front_serves_the_templates_routes(runtime: Runtime) -> None:
    answer = requests.post(f"{runtime.url}/things?a=1", data={"x": "1"}, cookies={"s": "1"}, timeout=10)

    event = answer.json()
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    assert answer.cookies.get_dict() == {"a": "1", "b": "2"}
    assert event["routeKey"] == "POST /things"
    assert event["cookies"] == ["s=1"]
    assert base64.b64decode(event["body"]) == b"x=1"
    assert runtime.outputs["Api"] == runtime.url


def test_a_page_whose_function_fails_is_a_500_and_one_without_a_route_a_404(runtime: Runtime) -> None:
    assert requests.get(f"{runtime.url}/broken", timeout=10).status_code == 500
    assert requests.get(f"{runtime.url}/elsewhere", timeout=10).status_code == 404


def test_what_workers_ask_of_aws_is_noted_and_judged_by_their_roles(runtime: Runtime, key: str) -> None:
    runtime.wait(runtime.start({"key": key}), 20)

    record = runtime.workdir / "calls"
    write_roles(record, runtime.stack)

    noted = [call for call in read_calls(record) if call.function == "ledgercast-Task"]
    found = verdict(record)

    assert [(call.service, call.operation, dict(call.names)) for call in noted] == [
        ("dynamodb", "UpdateItem", {"TableName": runtime.outputs["StateTable"]})
    ]
    # The role may update the table, but nobody gave it the key under which a table lies.
    assert [one.split(" on ")[0] for one in found.refused if "ledgercast-Task" in one] == [
        "ledgercast-Task may not kms:Decrypt"
    ]


def test_queues_are_shown_with_whose_dead_letters_they_hold(runtime: Runtime) -> None:
    shown = {one["name"]: one for one in requests.get(f"{runtime.url}/_local/queues", timeout=5).json()}

    assert shown["ledgercast-Dead"]["dead_letter_of"] == "ledgercast-Events"
    assert shown["ledgercast-Events"]["dead_letter_of"] is None
    assert set(shown["ledgercast-Events"]) == {"name", "visible", "in_flight", "delayed", "dead_letter_of"}


def pulse(runtime: Runtime, name: str, state: str = "active") -> None:
    text: dict[str, Any] = {"pk": "WS#main", "sk": f"PULSE#{name}", "metric": "cash_position", "connection": "c"}
    item = {key: {"S": value} for key, value in {**text, "summary": "off", "state": state}.items()}
    runtime.client("dynamodb").put_item(
        TableName=runtime.outputs["StateTable"],
        Item={**item, "v": {"N": "1"}, "destinations": {"L": []}, "schedule": {"M": {}}},
    )


def connection(runtime: Runtime) -> None:
    text = {"pk": "WS#main", "sk": "CONN#c", "tenant": "t", "name": "n", "grant": "g", "state": "connected"}
    runtime.client("dynamodb").put_item(
        TableName=runtime.outputs["StateTable"], Item={name: {"S": value} for name, value in text.items()}
    )


def test_a_pulse_is_shown_with_its_next_time_and_fired_by_hand(runtime: Runtime, key: str) -> None:
    pulse(runtime, key)
    connection(runtime)
    payload = {"pulse": key, "slot": "<aws.scheduler.scheduled-time>"}
    runtime.client("scheduler").create_schedule(
        Name=key,
        GroupName="pulses",
        ScheduleExpression="at(2999-01-01T09:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": runtime.outputs["MachineArn"], "RoleArn": "arn:aws:iam::1:role/x", "Input": json.dumps(payload)},
    )

    shown = requests.get(f"{runtime.url}/_local/pulses", timeout=5).json()
    fired = requests.post(f"{runtime.url}/_local/fire", json={"pulse": key, "slot": "2026-11-25T09:00:00Z"}, timeout=5)

    assert {"id": key, "metric": "cash_position", "state": "active", "next": "2999-01-01T09:00:00Z"} in shown
    assert fired.status_code == 202
    assert fired.json()["slot"] == "2026-11-25T09:00:00Z"
    found = runtime.client("stepfunctions").describe_execution(executionArn=fired.json()["execution"])
    assert json.loads(found["input"]) == {
        "workspace": "main",
        "pulse": key,
        "slot": "2026-11-25T09:00:00Z",
        "resume": False,
    }
    [listed] = [
        one
        for one in requests.get(f"{runtime.url}/_local/executions", timeout=5).json()
        if one["arn"] == fired.json()["execution"]
    ]
    assert (listed["pulse"], listed["slot"], listed["run_status"]) == (key, "2026-11-25T09:00:00Z", None)


def test_a_pulse_that_does_not_exist_cannot_be_fired(runtime: Runtime) -> None:
    pulse(runtime, "p-gone", state="deleted")
    for name in ("nobody", "p-gone"):
        assert requests.post(f"{runtime.url}/_local/fire", json={"pulse": name}, timeout=5).status_code == 404


def test_the_clock_is_moved_by_hand_and_never_back(runtime: Runtime) -> None:
    before = runtime.clock.now()

    moved = requests.post(f"{runtime.url}/_local/clock", json={"advance_s": 120}, timeout=5)
    refused = requests.post(f"{runtime.url}/_local/clock", json={"advance_s": -1}, timeout=5)

    assert moved.status_code == 200
    assert set(moved.json()) == {"now"}
    assert (runtime.clock.now() - before).total_seconds() >= 120
    assert refused.status_code == 400
