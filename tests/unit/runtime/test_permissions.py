"""The judge of recorded calls: what is granted passes, what is not is named, what is unknown never passes."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from local.aws.permissions import Call, Judge, NotUnderstood, read_calls, verdict, write_roles
from local.aws.resources.kinds import Stack

KEY = "arn:aws:kms:eu-west-1:123456789012:key/k"
JUDGE = Judge("eu-west-1", KEY)
ARN = "arn:aws:{}:eu-west-1:123456789012:{}".format


def through(service: str, *actions: str) -> dict[str, Any]:
    via = {"StringEquals": {"kms:ViaService": f"{service}.eu-west-1.amazonaws.com"}}
    return {"Effect": "Allow", "Action": list(actions), "Resource": KEY, "Condition": via}


ROLE: list[dict[str, Any]] = [
    {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Query"], "Resource": ARN("dynamodb", "table/state")},
    through("dynamodb", "kms:Decrypt"),
    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/runs/*"},
    through("s3", "kms:GenerateDataKey"),
    {
        "Effect": "Allow",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": ARN("secretsmanager", "secret:p/grant/*"),
    },
    through("secretsmanager", "kms:Decrypt"),
    {
        "Effect": "Allow",
        "Action": ["kms:Encrypt"],
        "Resource": KEY,
        "Condition": {"Null": {"kms:EncryptionContext:grant": "false"}},
    },
    {
        "Effect": "Allow",
        "Action": ["ses:SendEmail", "ses:SendRawEmail"],
        "Resource": [ARN("ses", "identity/example.com"), ARN("ses", "configuration-set/c")],
        "Condition": {"StringEquals": {"ses:FromAddress": "a@example.com"}},
    },
]

GRANTED = [
    Call("f", "dynamodb", "GetItem", {"TableName": "state"}),
    Call("f", "dynamodb", "Query", {"TableName": "state"}),
    Call("f", "s3", "PutObject", {"Bucket": "bucket", "Key": "runs/main/x.json"}),
    Call("f", "secretsmanager", "GetSecretValue", {"SecretId": "p/grant/7"}),
    Call("f", "kms", "Encrypt", {"KeyId": KEY, "EncryptionContext": {"grant": "7"}}),
    Call("f", "ses", "SendEmail", {"FromEmailAddress": "A <a@example.com>", "ConfigurationSetName": "c"}),
]

REFUSED = [
    (Call("f", "dynamodb", "PutItem", {"TableName": "state"}), "dynamodb:PutItem"),
    (Call("f", "dynamodb", "GetItem", {"TableName": "ledger"}), "table/ledger"),
    (Call("f", "dynamodb", "Query", {"TableName": "state", "IndexName": "gsi1"}), "index/gsi1"),
    (Call("f", "s3", "PutObject", {"Bucket": "bucket", "Key": "snapshots/x"}), "bucket/snapshots/x"),
    (Call("f", "s3", "GetObject", {"Bucket": "bucket", "Key": "runs/x"}), "s3:GetObject"),
    (Call("f", "secretsmanager", "GetSecretValue", {"SecretId": "p/slack/7"}), "p/slack/7"),
    (Call("f", "kms", "Encrypt", {"KeyId": KEY}), "kms:Encrypt"),
    (Call("f", "kms", "Decrypt", {"EncryptionContext": {"grant": "7"}}), "kms:Decrypt"),
    (Call("f", "ses", "SendEmail", {"FromEmailAddress": "b@example.com"}), "b@example.com"),
]


@pytest.mark.parametrize("call", GRANTED, ids=lambda call: f"{call.service} {call.operation}")
def test_a_granted_call_passes(call: Call) -> None:
    assert JUDGE.refused(call, ROLE) == []


@pytest.mark.parametrize(("call", "named"), REFUSED, ids=lambda one: one if isinstance(one, str) else one.operation)
def test_a_call_that_is_not_granted_is_named(call: Call, named: str) -> None:
    refused = JUDGE.refused(call, ROLE)

    assert refused
    assert named in " ".join(map(str, refused))


def test_every_grant_taken_away_is_missed() -> None:
    for position in range(len(ROLE)):
        fewer = ROLE[:position] + ROLE[position + 1 :]
        assert any(JUDGE.refused(call, fewer) for call in GRANTED), ROLE[position]


@pytest.mark.parametrize(
    "call",
    [
        Call("f", "dynamodb", "Scan", {"TableName": "state"}),
        Call("f", "s3", "DeleteObject", {"Bucket": "bucket", "Key": "x"}),
        Call("f", "sns", "Publish", {}),
    ],
)
def test_a_call_without_a_rule_never_passes(call: Call) -> None:
    with pytest.raises(NotUnderstood, match=call.operation if call.service != "sns" else "sns"):
        JUDGE.refused(call, ROLE)


def test_a_condition_without_a_rule_never_passes() -> None:
    statement = {
        "Effect": "Allow",
        "Action": "dynamodb:GetItem",
        "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    }

    with pytest.raises(NotUnderstood, match="IpAddress"):
        JUDGE.refused(GRANTED[0], [statement])


def test_what_is_granted_and_never_needed_is_told() -> None:
    assert JUDGE.unused(GRANTED, ROLE) == set()
    assert JUDGE.unused(GRANTED[1:], ROLE) == {"dynamodb:GetItem"}


def test_the_verdict_names_function_action_and_resource(tmp_path: Path) -> None:
    stack = Stack("s", "eu-west-1", lambda _service: None, "", keys=[KEY], roles={"f": "r"}, statements={"r": ROLE})
    record = tmp_path / "calls"
    record.write_text("\n".join(json.dumps(asdict(call)) for call in [*GRANTED, REFUSED[1][0]]))
    write_roles(record, stack)

    found = verdict(record)

    assert found.refused == [f"f may not dynamodb:GetItem on {ARN('dynamodb', 'table/ledger')}"]
    assert found.unused == {"f": set()}


def test_a_record_is_read_once_per_different_call(tmp_path: Path) -> None:
    line = json.dumps(
        {"function": "f", "service": "s3", "operation": "GetObject", "names": {"Bucket": "b", "Key": "k"}}
    )
    file = tmp_path / "calls"
    file.write_text(f"{line}\n{line}\n")

    assert read_calls(file) == [Call("f", "s3", "GetObject", {"Bucket": "b", "Key": "k"})]
