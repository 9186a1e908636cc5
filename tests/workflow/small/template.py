"""A small template of the shapes that CDK writes: one of each resource type, a machine of two tasks."""

from __future__ import annotations

import json
from typing import Any

ASSUMED = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}
KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
INDEX_KEYS = [{"AttributeName": "gsi1pk", "KeyType": "HASH"}, {"AttributeName": "gsi1sk", "KeyType": "RANGE"}]
ALLOWED = {"Effect": "Allow", "Action": "dynamodb:UpdateItem", "Resource": {"Fn::GetAtt": ["State", "Arn"]}}
POLICIES = [{"PolicyName": "Work", "PolicyDocument": {"Statement": [ALLOWED]}}]


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def att(name: str, attribute: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, attribute]}


def function(handler: str, timeout: int = 20) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Architectures": ["arm64"],
            "Handler": handler,
            "Role": att("Role", "Arn"),
            "Code": {"S3Bucket": {"Fn::Sub": "cdk-assets-${AWS::AccountId}-${AWS::Region}"}, "S3Key": "code.zip"},
            "Timeout": timeout,
            "Environment": {"Variables": {"LEDGERCAST_STATE_TABLE": ref("State"), "LEDGERCAST_STAGE": "dev"}},
        },
        "DependsOn": ["RolePolicy", "Role"],
    }


def machine() -> dict[str, Any]:
    invoke = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "${Task}", "Payload.$": "$"},
        "ResultSelector": {"given.$": "$.Payload"},
        "TimeoutSeconds": 30,
    }
    retried = {"ErrorEquals": ["Again", "Sandbox.Timedout", "Runtime.ExitError"]}
    states = {
        "Work": {
            **invoke,
            "Retry": [{**retried, "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1}],
            "Catch": [
                {"ErrorEquals": ["Refused"], "Next": "Refused"},
                {"ErrorEquals": ["States.ALL"], "Next": "Failed", "ResultPath": "$.error"},
            ],
            "Next": "Must it wait",
        },
        "Must it wait": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.given.wait", "IsPresent": True, "Next": "Wait"}],
            "Default": "Done",
        },
        "Wait": {"Type": "Wait", "SecondsPath": "$.given.wait", "Next": "Again"},
        "Again": {**invoke, "InputPath": "$.given", "Next": "Done"},
        "Done": {"Type": "Succeed"},
        "Refused": {"Type": "Fail", "Error": "Workflow.Refused"},
        "Failed": {"Type": "Fail", "Error": "Workflow.Failed", "CausePath": "$.error.Cause"},
    }
    return {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": att("Role", "Arn"),
            "DefinitionString": json.dumps({"StartAt": "Work", "States": states}),
            "DefinitionSubstitutions": {"Task": att("Task", "Arn")},
        },
    }


def table() -> dict[str, Any]:
    names = ("pk", "sk", "gsi1pk", "gsi1sk")
    return {
        "Type": "AWS::DynamoDB::GlobalTable",
        "Properties": {
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in names],
            "KeySchema": KEYS,
            "BillingMode": "PAY_PER_REQUEST",
            "GlobalSecondaryIndexes": [
                {"IndexName": "gsi1", "KeySchema": INDEX_KEYS, "Projection": {"ProjectionType": "ALL"}}
            ],
            "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
            "Replicas": [
                {
                    "Region": ref("AWS::Region"),
                    "DeletionProtectionEnabled": True,
                    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                }
            ],
        },
    }


def queues() -> dict[str, Any]:
    redrive = {"deadLetterTargetArn": att("Dead", "Arn"), "maxReceiveCount": 2}
    return {
        "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": 1209600}},
        "ScheduleDead": {"Type": "AWS::SQS::Queue"},
        "Events": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 1, "RedrivePolicy": redrive}},
        "EventsToConsume": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": att("Events", "Arn"),
                "FunctionName": ref("Consume"),
                "BatchSize": 5,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            },
        },
    }


def http() -> dict[str, Any]:
    def route(key: str) -> dict[str, Any]:
        target = {"Fn::Join": ["/", ["integrations", ref("WebIntegration")]]}
        properties = {"ApiId": ref("Api"), "RouteKey": key, "Target": target, "AuthorizationType": "NONE"}
        return {"Type": "AWS::ApiGatewayV2::Route", "Properties": properties}

    integration = {
        "ApiId": ref("Api"),
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": att("Web", "Arn"),
        "PayloadFormatVersion": "2.0",
    }
    return {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "api", "ProtocolType": "HTTP"}},
        "ApiStage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": ref("Api"), "StageName": "$default"}},
        "WebIntegration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": integration},
        "Thing": route("GET /things/{name}"),
        "Post": route("POST /things"),
        "Broken": route("GET /broken"),
    }


def template() -> dict[str, Any]:
    resources: dict[str, Any] = {
        "Metadata": {"Type": "AWS::CDK::Metadata", "Condition": "Never", "Properties": {"Analytics": "none"}},
        "RolePolicy": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [ref("Role")]}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ASSUMED, "Policies": POLICIES}},
        "State": table(),
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {}, "EnableKeyRotation": True}},
        "KeyAlias": {
            "Type": "AWS::KMS::Alias",
            "Properties": {"AliasName": "alias/ledgercast", "TargetKeyId": att("Key", "Arn")},
        },
        "Secret": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"Name": "ledgercast/dev/app", "KmsKeyId": att("Key", "Arn")},
        },
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketEncryption": {}}},
        "Sender": {"Type": "AWS::SES::EmailIdentity", "Properties": {"EmailIdentity": "sender@example.com"}},
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}},
        "Task": function("tests.workflow.small.app.probe.task", timeout=2),
        "Consume": function("tests.workflow.small.app.probe.consume"),
        "Web": function("tests.workflow.small.app.probe.web"),
        "Environment": function("tests.workflow.small.app.probe.environment"),
        "BrokenImport": function("tests.workflow.small.app.missing.handler"),
        "Machine": machine(),
        "Group": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "pulses"}},
        **queues(),
        **http(),
    }
    return {
        "Parameters": {"BootstrapVersion": {"Type": "String", "Default": "/cdk-bootstrap/hnb659fds/version"}},
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Resources": resources,
        "Outputs": {
            "Api": {"Value": att("Api", "ApiEndpoint")},
            "StateTable": {"Value": ref("State")},
            "MachineArn": {"Value": ref("Machine")},
        },
    }
