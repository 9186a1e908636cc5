"""Least privilege, read from the template: who may do what, and the reason behind every wildcard (IN-1, LG-2)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.infra.reading import Statement, Template, flat

FUNCTIONS = ("Fetch", "Summarise", "Render", "Deliver")
APPEND = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"}


@pytest.fixture(scope="session")
def accepted(assembly: Path) -> dict[str, str]:
    """What cdk-nag was told to accept: finding to written reason."""
    metadata = json.loads((assembly / "Ledgercast.metadata.json").read_text())
    found: dict[str, str] = {}
    for entry in (one for entries in metadata.values() for one in entries):
        if entry["type"] == "aws:cdk:acknowledged-rules":
            found |= {rule.removeprefix("Annotation::"): reason for rule, reason in entry["data"].items()}
    return found


def statements_on(template: Template, kind: str, begins: str) -> list[Statement]:
    """Every statement that reaches a resource, by its own ARN, below it, or by a wildcard over everything."""
    name, _ = template.one(kind, begins)
    arns = (f"<{name}.Arn>", f"<{name}>")
    return [
        statement
        for statement in template.statements()
        if any(resource == "*" or resource.startswith(arns) for resource in statement.resources)
    ]


def test_every_wildcard_has_a_written_reason(template: Template, accepted: dict[str, str]) -> None:
    """IN-1"""
    wild = {resource for statement in template.statements() for resource in statement.resources if "*" in resource}

    assert len(wild) == 6
    for resource in wild:
        assert len(accepted[f"AwsSolutions-IAM5[Resource::{resource}]"].split()) > 5, resource
    assert not [one for one in template.statements() if any("*" in action for action in one.actions)]


def test_nothing_is_accepted_that_nobody_finds(template: Template, accepted: dict[str, str]) -> None:
    wild = {f"AwsSolutions-IAM5[Resource::{one}]" for each in template.statements() for one in each.resources}
    rest = {f"AwsSolutions-{rule}" for rule in ("S1", "SMG4", "SF2", "SQS3", "L1")}

    assert set(accepted) <= wild | rest
    assert all(len(reason.split()) > 5 for reason in accepted.values())


def test_no_role_may_change_or_delete_what_the_ledger_holds(template: Template) -> None:
    """LG-2"""
    reaching = statements_on(template, "AWS::DynamoDB::GlobalTable", "DataLedger")

    assert {action for one in reaching for action in one.actions if action.startswith("dynamodb:")} == APPEND
    assert {one.role[: len("FunctionsDeliver")] for one in reaching if one.actions[0].startswith("dynamodb:")} == {
        "FunctionsDeliver"
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_has_a_role_of_its_own_that_only_lambda_assumes(template: Template, name: str) -> None:
    """IN-1"""
    role, properties = template.one("AWS::IAM::Role", f"Functions{name}")
    (trust,) = properties["AssumeRolePolicyDocument"]["Statement"]

    assert flat(template.function(name)["Role"]) == f"<{role}.Arn>"
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert "ManagedPolicyArns" not in properties


@pytest.mark.parametrize("name", ["Summarise", "Render"])
def test_what_draws_and_words_sees_runs_and_nothing_else(template: Template, name: str) -> None:
    """IN-1"""
    bucket, _ = template.one("AWS::S3::Bucket")
    key, _ = template.one("AWS::KMS::Key")
    log, _ = template.one("AWS::Logs::LogGroup", f"Functions{name}")

    assert template.may(f"Functions{name}") == {
        "logs:CreateLogStream": {f"<{log}.Arn>"},
        "logs:PutLogEvents": {f"<{log}.Arn>"},
        "s3:ListBucket": {f"<{bucket}.Arn>"},
        "s3:GetObject": {f"<{bucket}.Arn>/runs/*"},
        "s3:PutObject": {f"<{bucket}.Arn>/runs/*"},
        "kms:Decrypt": {f"<{key}.Arn>"},
        "kms:GenerateDataKey": {f"<{key}.Arn>"},
    }


def test_only_fetch_reaches_xeros_secrets_and_only_deliver_slacks_and_the_mail(template: Template) -> None:
    """IN-1"""
    secret, _ = template.one("AWS::SecretsManager::Secret")
    fetch, deliver = template.may("FunctionsFetch"), template.may("FunctionsDeliver")
    grants = "arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:ledgercast/production/grant/*"

    assert fetch["secretsmanager:GetSecretValue"] == {f"<{secret}>", grants}
    assert fetch["secretsmanager:PutSecretValue"] == {grants}
    assert deliver["secretsmanager:GetSecretValue"] == {grants.replace("/grant/", "/slack/")}
    assert "secretsmanager:PutSecretValue" not in deliver
    mailing = {one.role for one in template.statements() if any(action.startswith("ses:") for action in one.actions)}
    assert {role[: len("FunctionsDeliver")] for role in mailing} == {"FunctionsDeliver"}
    (send,) = [one for one in template.statements() if "ses:SendRawEmail" in one.actions]
    assert send.conditions == {"StringEquals": {"ses:FromAddress": "reports@mail.example.com"}}


def test_the_key_is_used_through_a_service_or_for_a_grant_and_in_no_other_way(template: Template) -> None:
    """IN-2"""
    using = [one for one in template.statements() if any(action.startswith("kms:") for action in one.actions)]

    assert using
    for one in using:
        via = one.conditions.get("StringEquals", {}).get("kms:ViaService")
        bound = one.conditions.get("Null", {}).get("kms:EncryptionContext:grant") == "false"
        assert via or (bound and one.role.startswith("FunctionsFetch")), one


def test_the_machine_may_call_its_functions_and_write_its_row(template: Template) -> None:
    """IN-1"""
    may = template.may("PipelineRole")
    state, _ = template.one("AWS::DynamoDB::GlobalTable", "DataState")

    assert may["lambda:InvokeFunction"] == {f"<{name}.Arn>" for name in template.of("AWS::Lambda::Function")}
    assert may["dynamodb:UpdateItem"] == {f"<{state}.Arn>"}
    rest = {action for action in may if not action.startswith(("logs:", "kms:"))}
    assert rest == {"lambda:InvokeFunction", "dynamodb:UpdateItem"}


def test_a_schedule_may_start_this_machine_and_keep_what_failed(template: Template) -> None:
    """IN-1"""
    machine, _ = template.one("AWS::StepFunctions::StateMachine")
    queue, _ = template.one("AWS::SQS::Queue")
    group, _ = template.one("AWS::Scheduler::ScheduleGroup")
    _, role = template.one("AWS::IAM::Role", "Schedules")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]

    assert template.may("Schedules") == {
        "states:StartExecution": {f"<{machine}>"},
        "sqs:SendMessage": {f"<{queue}.Arn>"},
    }
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert flat(trust["Condition"]["StringEquals"]["aws:SourceArn"]) == f"<{group}.Arn>"
