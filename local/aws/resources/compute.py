"""Functions, what feeds them, state machines, roles and log groups."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from local.aws.resources.kinds import TAGS, Created, Kind, SourceMapping, Stack, function_of, reads
from local.aws.template import TemplateError
from local.aws.workers import Function


def function(stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    """Registered by name and role; the code runs from the folder that the workers were given, never from the zip."""
    name = given.get("FunctionName") or stack.physical(logical_id)
    environment = given.get("Environment", {}).get("Variables", {})
    timeout, memory = int(given.get("Timeout", 3)), int(given.get("MemorySize", 128))
    arn = stack.client("lambda").create_function(
        FunctionName=name,
        Runtime=given["Runtime"],
        Role=given["Role"],
        Handler=given["Handler"],
        Code={"ZipFile": _EMPTY},
        Environment={"Variables": environment},
        Timeout=timeout,
        MemorySize=memory,
    )["FunctionArn"]
    stack.functions.append(Function(name, arn, given["Handler"], timeout, memory, environment))
    stack.roles[name] = given["Role"]
    return Created(name, {"Arn": arn})


def _empty_zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("empty", "")
    return held.getvalue()


_EMPTY = _empty_zip()


def source_mapping(stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    """Kept for our own poller: moto's pushes each message by itself, and knows no partial failure."""
    arn = given["EventSourceArn"]
    if ":sqs:" not in arn:
        raise TemplateError(f"an event source other than SQS is not known here: {arn}")
    name = given["FunctionName"]
    mapping = SourceMapping(
        queue_arn=arn,
        function=function_of(name) if name.startswith("arn:") else name,
        batch_size=int(given.get("BatchSize", 10)),
        window_seconds=float(given.get("MaximumBatchingWindowInSeconds", 0)),
        partial_failures="ReportBatchItemFailures" in given.get("FunctionResponseTypes", []),
    )
    if given.get("Enabled", True):
        stack.mappings.append(mapping)
    return Created(stack.physical(logical_id))


def state_machine(stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    name = given.get("StateMachineName") or stack.physical(logical_id, 80)
    arn = stack.client("stepfunctions").create_state_machine(
        name=name,
        definition=_definition(given),
        roleArn=given["RoleArn"],
        type=given.get("StateMachineType", "STANDARD"),
    )["stateMachineArn"]
    stack.machines.append(arn)
    return Created(arn, {"Arn": arn, "Name": name})


def _definition(given: dict[str, Any]) -> str:
    text = given["DefinitionString"] if "DefinitionString" in given else json.dumps(given["Definition"])
    for name, value in given.get("DefinitionSubstitutions", {}).items():
        text = text.replace(f"${{{name}}}", str(value))
    return str(text)


def role(stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    name = given.get("RoleName") or stack.physical(logical_id)
    trust = json.dumps(given["AssumeRolePolicyDocument"])
    made = stack.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    policies = given.get("Policies", [])
    stack.statements[made["Arn"]] = [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]
    return Created(name, {"Arn": made["Arn"], "RoleId": made["RoleId"]})


def log_group(stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    name = given.get("LogGroupName") or stack.physical(logical_id, 512)
    logs = stack.client("logs")
    logs.create_log_group(logGroupName=name)
    if "RetentionInDays" in given:
        logs.put_retention_policy(logGroupName=name, retentionInDays=int(given["RetentionInDays"]))
    return Created(name, {"Arn": logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["arn"]})


_NOT_ENFORCED = "no permission is enforced here"
_LOGS = "workers write to files of the run's folder"
_NO_TRACE = "nothing is traced here"
KINDS = {
    "AWS::Lambda::Function": Kind(
        function,
        reads("FunctionName", "Runtime", "Role", "Handler", "Environment", "Timeout", "MemorySize"),
        {
            "Architectures": "this machine's",
            "Code": "the code runs from the source",
            "Description": "nobody reads it here",
            "EphemeralStorage": "this machine's",
            "KmsKeyArn": "nothing is encrypted on this machine",
            "LoggingConfig": _LOGS,
            "ReservedConcurrentExecutions": "a few workers each, and more wait",
            "SnapStart": "workers stay warm",
            "TracingConfig": _NO_TRACE,
            **TAGS,
        },
    ),
    "AWS::Lambda::EventSourceMapping": Kind(
        source_mapping,
        reads(
            "EventSourceArn",
            "FunctionName",
            "BatchSize",
            "MaximumBatchingWindowInSeconds",
            "FunctionResponseTypes",
            "Enabled",
        ),
        {"ScalingConfig": "one poller per mapping", "MetricsConfig": "no metrics are kept here", **TAGS},
    ),
    "AWS::StepFunctions::StateMachine": Kind(
        state_machine,
        reads(
            "StateMachineName",
            "StateMachineType",
            "DefinitionString",
            "Definition",
            "DefinitionSubstitutions",
            "RoleArn",
        ),
        {
            "LoggingConfiguration": "the engine keeps the history of every execution",
            "TracingConfiguration": _NO_TRACE,
            "EncryptionConfiguration": "nothing is encrypted on this machine",
            **TAGS,
        },
    ),
    "AWS::IAM::Role": Kind(
        role,
        reads("RoleName", "AssumeRolePolicyDocument", "Policies"),
        {
            "ManagedPolicyArns": _NOT_ENFORCED,
            "PermissionsBoundary": _NOT_ENFORCED,
            "Description": "nobody reads it here",
            "Path": "names are enough",
            "MaxSessionDuration": _NOT_ENFORCED,
            **TAGS,
        },
    ),
    "AWS::Logs::LogGroup": Kind(
        log_group,
        reads("LogGroupName", "RetentionInDays"),
        {
            "KmsKeyId": "nothing is encrypted on this machine",
            "LogGroupClass": _LOGS,
            "DataProtectionPolicy": _LOGS,
            **TAGS,
        },
    ),
}
