"""Least privilege, read from the template: who may do what, and the reason behind every wildcard (IN-1, LG-2)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.infra.reading import Statement, Template, flat

FUNCTIONS = (
    *("fetch", "summarise", "render", "deliver", "notify", "console", "mfa", "oauth", "keepalive"),
    *("webhook", "stream"),
)
PIPELINE = ("fetch", "summarise", "render", "deliver", "notify")
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

    assert len(wild) == 10
    for resource in wild:
        assert len(accepted[f"AwsSolutions-IAM5[Resource::{resource}]"].split()) > 5, resource
    assert not [one for one in template.statements() if any("*" in action for action in one.actions)]


def test_nothing_is_accepted_that_nobody_finds(template: Template, accepted: dict[str, str]) -> None:
    wild = {f"AwsSolutions-IAM5[Resource::{one}]" for each in template.statements() for one in each.resources}
    rest = {f"AwsSolutions-{rule}" for rule in ("S1", "SMG4", "SF2", "SQS3", "L1", "APIG4")}

    assert set(accepted) <= wild | rest
    assert all(len(reason.split()) > 5 for reason in accepted.values())


def test_no_role_may_change_or_delete_what_the_ledger_holds(template: Template) -> None:
    """LG-2"""
    reaching = statements_on(template, "AWS::DynamoDB::GlobalTable", "DataLedger")

    assert {action for one in reaching for action in one.actions if action.startswith("dynamodb:")} == APPEND
    writers = {one.role for one in reaching if "dynamodb:PutItem" in one.actions}
    assert writers == {template.role_of(name) for name in FUNCTIONS if name not in ("summarise", "render", "webhook")}


def test_what_sends_knows_what_it_sent_and_what_only_notes_reads_nothing(template: Template) -> None:
    """LG-2, RL-1"""
    ledger, _ = template.one("AWS::DynamoDB::GlobalTable", "DataLedger")

    def calls(name: str) -> set[str]:
        may = template.may(template.role_of(name))
        return {action for action, on in may.items() if f"<{ledger}.Arn>" in on}

    assert calls("deliver") == calls("stream") == calls("keepalive") == APPEND
    assert calls("console") == calls("notify") == {"dynamodb:Query", "dynamodb:PutItem"}
    assert calls("fetch") == calls("mfa") == calls("oauth") == {"dynamodb:PutItem"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_has_a_role_of_its_own_that_only_lambda_assumes(template: Template, name: str) -> None:
    """IN-1"""
    properties = template.resources[template.role_of(name)]["Properties"]
    (trust,) = properties["AssumeRolePolicyDocument"]["Statement"]

    assert [one for one in FUNCTIONS if template.role_of(one) == template.role_of(name)] == [name]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert "ManagedPolicyArns" not in properties


@pytest.mark.parametrize(("name", "seen"), [("summarise", ("runs/*",)), ("render", ("previews/*", "runs/*"))])
def test_what_draws_and_words_sees_that_and_nothing_else(template: Template, name: str, seen: tuple[str, ...]) -> None:
    """IN-1: the charts of previews are drawn too, while nothing is said of them."""
    bucket, _ = template.one("AWS::S3::Bucket")
    key, _ = template.one("AWS::KMS::Key")
    log = flat(template.function(name)["LoggingConfig"]["LogGroup"]).strip("<>")

    assert template.may(template.role_of(name)) == {
        "logs:CreateLogStream": {f"<{log}.Arn>"},
        "logs:PutLogEvents": {f"<{log}.Arn>"},
        "s3:ListBucket": {f"<{bucket}.Arn>"},
        "s3:GetObject": {f"<{bucket}.Arn>/{keys}" for keys in seen},
        "s3:PutObject": {f"<{bucket}.Arn>/{keys}" for keys in seen},
        "kms:Decrypt": {f"<{key}.Arn>"},
        "kms:GenerateDataKey": {f"<{key}.Arn>"},
    }


def test_each_secret_is_reached_by_those_who_use_it(template: Template) -> None:
    """IN-1"""
    app = f"<{template.one('AWS::SecretsManager::Secret')[0]}>"
    grant = "arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:ledgercast/production/grant/*"
    slack = grant.replace("/grant/", "/slack/")

    def who(action: str) -> dict[str, set[str]]:
        may = {name: template.may(template.role_of(name)) for name in FUNCTIONS}
        return {
            name: found[f"secretsmanager:{action}"]
            for name, found in may.items()
            if f"secretsmanager:{action}" in found
        }

    assert who("GetSecretValue") == {
        "fetch": {app, grant},
        "deliver": {slack},
        "console": {slack},
        "oauth": {app, grant, slack},
        "keepalive": {app, grant},
        "webhook": {app},
        "stream": {app, grant, slack},
    }
    assert who("PutSecretValue") == {name: {grant} for name in ("fetch", "oauth", "keepalive", "stream")}
    assert who("CreateSecret") == who("DeleteSecret") == {"oauth": {grant, slack}, "keepalive": {grant}}


def test_mail_is_sent_by_those_who_write_and_as_this_sender_alone(template: Template) -> None:
    """IN-1"""
    sending = [one for one in template.statements() if "ses:SendRawEmail" in one.actions]

    writers = ("deliver", "notify", "console", "keepalive")
    assert {one.role for one in sending} == {template.role_of(name) for name in writers}
    for one in sending:
        assert one.conditions == {"StringEquals": {"ses:FromAddress": "reports@mail.example.com"}}


def test_the_key_is_used_through_a_service_or_for_one_named_thing_and_in_no_other_way(template: Template) -> None:
    """IN-2, MF-1"""
    named = {"grant": ("fetch", "oauth", "keepalive", "stream"), "member": ("mfa",)}
    using = [one for one in template.statements() if any(action.startswith("kms:") for action in one.actions)]

    assert using
    for one in using:
        via = one.conditions.get("StringEquals", {}).get("kms:ViaService")
        bound = [
            kind
            for kind, names in named.items()
            if one.conditions.get("Null") == {f"kms:EncryptionContext:{kind}": "false"}
            and one.role in {template.role_of(name) for name in names}
        ]
        assert via or bound, one


def test_the_machine_may_call_its_functions_and_write_its_row(template: Template) -> None:
    """IN-1"""
    may = template.may("PipelineRole")
    state, _ = template.one("AWS::DynamoDB::GlobalTable", "DataState")

    assert may["lambda:InvokeFunction"] == {f"<{template.function_id(name)}.Arn>" for name in PIPELINE}
    assert may["dynamodb:UpdateItem"] == {f"<{state}.Arn>"}
    rest = {action for action in may if not action.startswith(("logs:", "kms:"))}
    assert rest == {"lambda:InvokeFunction", "dynamodb:UpdateItem"}


def test_a_schedule_may_start_this_machine_and_keep_what_failed(template: Template) -> None:
    """IN-1"""
    machine, _ = template.one("AWS::StepFunctions::StateMachine")
    queue, _ = template.one("AWS::SQS::Queue", "Schedules")
    group, _ = template.one("AWS::Scheduler::ScheduleGroup")
    name, role = template.one("AWS::IAM::Role", "SchedulesRole")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]

    assert template.may(name) == {
        "states:StartExecution": {f"<{machine}>"},
        "sqs:SendMessage": {f"<{queue}.Arn>"},
    }
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert flat(trust["Condition"]["StringEquals"]["aws:SourceArn"]) == f"<{group}.Arn>"


def test_the_daily_schedule_may_start_the_daily_pass_and_nothing_else(template: Template) -> None:
    """IN-1"""
    queue, _ = template.one("AWS::SQS::Queue", "Schedules")
    role, _ = template.one("AWS::IAM::Role", "SchedulesDailyRole")

    assert template.may(role) == {
        "lambda:InvokeFunction": {f"<{template.function_id('keepalive')}.Arn>"},
        "sqs:SendMessage": {f"<{queue}.Arn>"},
    }


PLANNERS = {"notify": "resume-*", "console": "pulse-*", "keepalive": "pulse-*"}


def test_who_plans_may_hand_on_the_schedules_role_alone_and_to_scheduler_alone(template: Template) -> None:
    """IN-1"""
    role, _ = template.one("AWS::IAM::Role", "SchedulesRole")
    passing = [one for one in template.statements() if "iam:PassRole" in one.actions]

    assert {one.role for one in passing} == {template.role_of(name) for name in PLANNERS}
    for one in passing:
        assert one.resources == (f"<{role}.Arn>",)
        assert one.conditions == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}


@pytest.mark.parametrize(("name", "schedules"), PLANNERS.items())
def test_who_plans_reaches_schedules_of_its_own_names_alone(template: Template, name: str, schedules: str) -> None:
    """IN-1"""
    may = template.may(template.role_of(name))
    calls = {one: on for one, on in may.items() if one.startswith("scheduler:")}

    assert calls.pop("scheduler:ListSchedules", {"*"}) == {"*"}
    assert {one.partition(":schedule/")[2] for on in calls.values() for one in on} == {
        f"ledgercast-production/{schedules}"
    }
    keeping = {"scheduler:UpdateSchedule", "scheduler:DeleteSchedule"} if schedules == "pulse-*" else set()
    reading = {"scheduler:GetSchedule"} if name == "keepalive" else set()
    assert set(calls) == {"scheduler:CreateSchedule", *keeping, *reading}
