"""What the template promises about data, names and the functions themselves."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from infra import ROOT
from infra.synth import TEMPLATE
from tests.infra.reading import Template, flat

RETAINED = {
    "AWS::DynamoDB::GlobalTable",
    "AWS::S3::Bucket",
    "AWS::KMS::Key",
    "AWS::SecretsManager::Secret",
    "AWS::Logs::LogGroup",
}


@pytest.mark.parametrize("name", ["State", "Ledger"])
def test_a_table_recovers_expires_and_is_encrypted_under_the_customer_key(template: Template, name: str) -> None:
    """IN-2"""
    _, table = template.one("AWS::DynamoDB::GlobalTable", f"Data{name}")
    key, _ = template.one("AWS::KMS::Key")
    (replica,) = table["Replicas"]

    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert flat(replica["SSESpecification"]["KMSMasterKeyId"]) == f"<{key}.Arn>"
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    (index,) = table["GlobalSecondaryIndexes"]
    assert (index["IndexName"], index["Projection"]) == ("gsi1", {"ProjectionType": "ALL"})
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["gsi1pk", "gsi1sk"]


def test_the_ledger_cannot_be_deleted(template: Template) -> None:
    """LG-2"""
    _, ledger = template.one("AWS::DynamoDB::GlobalTable", "DataLedger")
    assert ledger["Replicas"][0]["DeletionProtectionEnabled"] is True


def test_what_holds_data_outlives_the_stack(template: Template) -> None:
    kept = {name: one for name, one in template.resources.items() if one["Type"] in RETAINED}

    assert {one["Type"] for one in kept.values()} == RETAINED
    for name, one in kept.items():
        assert (name, one["DeletionPolicy"], one["UpdateReplacePolicy"]) == (name, "Retain", "Retain")


def test_the_bucket_is_private_encrypted_and_forgets_in_time(template: Template) -> None:
    """IN-2, DL-4"""
    name, bucket = template.one("AWS::S3::Bucket")
    key, _ = template.one("AWS::KMS::Key")
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    default = rule["ServerSideEncryptionByDefault"]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert (default["SSEAlgorithm"], flat(default["KMSMasterKeyID"])) == ("aws:kms", f"<{key}.Arn>")
    assert {one["Prefix"]: one["ExpirationInDays"] for one in bucket["LifecycleConfiguration"]["Rules"]} == {
        "snapshots/": 2,
        "previews/": 2,
        "runs/": 400,
    }
    assert _denies_plain_transport(template, "AWS::S3::BucketPolicy", "Bucket", name)


def test_the_queues_and_the_topic_take_tls_alone(template: Template) -> None:
    """IN-2"""
    topic, _ = template.one("AWS::SNS::Topic")

    for begins in ("Schedules", "Keepalive"):
        queue, properties = template.one("AWS::SQS::Queue", begins)
        assert properties["SqsManagedSseEnabled"] is True
        assert _denies_plain_transport(template, "AWS::SQS::QueuePolicy", "Queues", queue, begins)
    assert _denies_plain_transport(template, "AWS::SNS::TopicPolicy", "Topics", topic)


def _denies_plain_transport(template: Template, kind: str, on: str, name: str, begins: str = "") -> bool:
    _, policy = template.one(kind, begins)
    targets = policy[on] if isinstance(policy[on], list) else [policy[on]]
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    denies = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Deny"]
    return {"Ref": name} in targets and any(one.get("Condition") == plain for one in denies)


def test_the_key_rotates_and_the_secret_is_created_empty(template: Template) -> None:
    """IN-2"""
    key, properties = template.one("AWS::KMS::Key")
    _, secret = template.one("AWS::SecretsManager::Secret")

    assert properties["EnableKeyRotation"] is True
    assert (secret["SecretString"], flat(secret["KmsKeyId"])) == ("{}", f"<{key}.Arn>")


def test_logs_are_kept_for_a_year_and_more(template: Template) -> None:
    """LG-2: at least twelve months"""
    groups = template.of("AWS::Logs::LogGroup")
    assert len(groups) == len(template.of("AWS::Lambda::Function")) + 2  # the machine's, and the API's
    assert all(one["Properties"]["RetentionInDays"] >= 366 for one in groups.values())


TABLES = {"STATE_TABLE", "LEDGER_TABLE"}
GRANTS = {"KEY", "APP_SECRET", "SECRET_PREFIX"}
SCHEDULES = {"SCHEDULE_GROUP", "SCHEDULER_ROLE", "SCHEDULER_DEAD_LETTERS", "STATE_MACHINE"}
TOLD = {
    "fetch": {"BUCKET", *TABLES, *GRANTS},
    "summarise": {"BUCKET"},
    "render": {"BUCKET"},
    "deliver": {"BUCKET", "SENDER", "PUBLIC_URL", "OWNER_EMAIL", *TABLES},
    "notify": {
        *{"SENDER", "PUBLIC_URL", *TABLES},
        *{"SCHEDULE_GROUP", "SCHEDULER_ROLE", "SCHEDULER_DEAD_LETTERS"},
    },
    "console": {
        *{"BUCKET", "SENDER", "PUBLIC_URL", "OWNER_EMAIL", "FETCH_FUNCTION", "RENDER_FUNCTION", "XERO_SCOPES"},
        *{"EVENTS_QUEUE", "RUN_DAYS"},
        *TABLES,
        *SCHEDULES,
    },
    "mfa": {"PUBLIC_URL", "KEY", *TABLES},
    "oauth": {"BUCKET", "PUBLIC_URL", "XERO_SCOPES", *TABLES, *GRANTS},
    "keepalive": {
        *{"BUCKET", "SENDER", "PUBLIC_URL", "DEAD_LETTERS", "EVENTS_DEAD", *TABLES, *GRANTS, *SCHEDULES},
    },
    "webhook": {"APP_SECRET", "EVENTS_QUEUE"},
    "stream": {"BUCKET", "EVENTS_QUEUE", "EVENTS_DEAD", "MOST_RECEIVES", *TABLES, *GRANTS},
}


def test_every_function_of_the_source_is_deployed(template: Template) -> None:
    folders = {one.parent.name for one in (ROOT / "functions").glob("*/handler.py")}
    deployed = [one["Properties"]["Handler"] for one in template.of("AWS::Lambda::Function").values()]

    assert set(TOLD) == folders
    assert sorted(deployed) == sorted(f"functions.{name}.handler.handler" for name in folders)


@pytest.mark.parametrize("name", TOLD)
def test_a_function_runs_on_the_fixed_machine_and_knows_only_what_it_uses(template: Template, name: str) -> None:
    """IN-1"""
    function = template.function(name)
    given = {key for key in function["Environment"]["Variables"] if key.startswith("LEDGERCAST_")}

    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
    assert function["Handler"] == f"functions.{name}.handler.handler"
    assert given == {f"LEDGERCAST_{one}" for one in {"STAGE", *TOLD[name]}}


def test_nothing_in_the_template_can_turn_on_the_local_runtime(template: Template, local_template: Template) -> None:
    """SX-1: plain http and loopback pass only with LEDGERCAST_LOCAL, which no deployment sets"""
    assert "LEDGERCAST_LOCAL" not in template.text
    assert "AWS_ENDPOINT_URL" not in template.text
    assert "LEDGERCAST_LOCAL" not in local_template.text


def test_the_laptop_runs_what_is_deployed(template: Template, local_template: Template) -> None:
    """The two forms differ in the functions' code, in names that hold the stage, and in the pace of retries."""

    def shape(one: Template) -> dict[str, set[str]]:
        return {f"{r['Type']} {name}": set(r.get("Properties", {})) for name, r in one.resources.items()}

    def without_model(roles: dict[str, Any]) -> dict[str, Any]:
        """An operator's choice; the laptop has a sandbox for it (test_model.py)."""
        roles = deepcopy(roles)
        for policy in (each for role in roles.values() for each in role["Properties"].get("Policies", [])):
            document = policy["PolicyDocument"]
            document["Statement"] = [each for each in document["Statement"] if each["Action"] != "bedrock:InvokeModel"]
        return roles

    def comparable(one: Template, stage: str) -> str:
        quick = json.dumps(one.machine()).replace('"IntervalSeconds": 1,', '"IntervalSeconds": 2,')
        roles = json.dumps(without_model(one.of("AWS::IAM::Role")), sort_keys=True).replace(stage, "STAGE")
        return quick + roles.replace("reports@mail.example.com", "ledgercast@example.com")

    assert shape(template) == shape(local_template)
    assert comparable(template, "production") == comparable(local_template, "local")


def test_the_outputs_are_what_an_operator_must_copy(template: Template) -> None:
    assert set(template.outputs) == {
        "ApiUrl",
        "XeroRedirectUrl",
        "SlackRedirectUrl",
        "Owner",
        "StateMachineArn",
        "ScheduleGroupName",
        "SchedulerRoleArn",
        "SchedulerDeadLetterArn",
        "XeroWebhookUrl",
        "EventsQueue",
        "EventsDeadQueue",
        "StateTable",
        "LedgerTable",
        "Bucket",
        "KeyArn",
        "AppSecretArn",
        "SecretPrefix",
        "Sender",
        "SenderDomain",
        "SenderDns1",
        "SenderDns2",
        "SenderDns3",
    }
    assert template.outputs["SenderDomain"]["Value"] == "mail.example.com"
    assert template.outputs["SecretPrefix"]["Value"] == "ledgercast/production"
    [api] = template.of("AWS::ApiGatewayV2::Api")
    assert flat(template.outputs["XeroRedirectUrl"]["Value"]) == f"<{api}.ApiEndpoint>/oauth/xero/callback"
    assert flat(template.outputs["SlackRedirectUrl"]["Value"]) == f"<{api}.ApiEndpoint>/oauth/slack/callback"


def test_mail_leaves_by_tls_from_the_senders_domain(template: Template) -> None:
    name, sending = template.one("AWS::SES::ConfigurationSet")
    _, identity = template.one("AWS::SES::EmailIdentity")

    assert sending["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    assert identity["EmailIdentity"] == "mail.example.com"
    assert flat(identity["ConfigurationSetAttributes"]["ConfigurationSetName"]) == f"<{name}>"


def test_cfn_lint_has_nothing_to_say(assembly: Path) -> None:
    """W3005: CDK itself adds a DependsOn to what a reference already orders."""
    command = Path(sys.executable).parent / "cfn-lint"
    linter: list[str | Path] = [command, "--ignore-checks", "W3005", "--", assembly / TEMPLATE]
    said = subprocess.run(linter, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (said.returncode, said.stdout) == (0, "")


FLAWED = """
import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs
from infra.app import check
from infra.settings import Settings
from infra.stack import Ledgercast
from infra.synth import LOCAL_CONTEXT

app = cdk.App(context={**LOCAL_CONTEXT, "ai_model": "eu.amazon.nova-lite-v1:0"})
stack = Ledgercast(app, "Ledgercast", Settings.read(app.node.try_get_context))
sqs.Queue(stack, "Flaw")
check(app)
app.synth()
"""


def test_a_flaw_that_nobody_accepted_stops_the_synthesis(tmp_path: Path) -> None:
    """IN-1: so the assembly of the other tests, which cdk-nag let pass, has none. A model has its reasons here too."""
    env = {**os.environ, "CDK_OUTDIR": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", FLAWED], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    assert said.returncode != 0
    found = set(re.findall(r"Ledgercast/[\w/]+", said.stdout + said.stderr))
    assert found == {"Ledgercast/Flaw/Resource"}
