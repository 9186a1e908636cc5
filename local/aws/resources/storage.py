"""Tables, buckets, keys and secrets."""

from __future__ import annotations

from typing import Any

from local.aws.resources.kinds import TAGS, Created, Kind, Stack, only, reads
from local.aws.template import TemplateError


def table(stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    dynamodb, name = stack.client("dynamodb"), given.get("TableName") or stack.physical(logical_id, 255)
    replica = _replica(given.get("Replicas", []), stack.region)
    indexes = [_index(index) for index in given.get("GlobalSecondaryIndexes", [])]
    made = dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=given["AttributeDefinitions"],
        KeySchema=given["KeySchema"],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=bool(replica.get("DeletionProtectionEnabled", False)),
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )["TableDescription"]
    if "TimeToLiveSpecification" in given:
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=given["TimeToLiveSpecification"])
    if recovery := replica.get("PointInTimeRecoverySpecification"):
        dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    return Created(name, {"Arn": made["TableArn"]})


def _replica(replicas: list[dict[str, Any]], region: str) -> dict[str, Any]:
    if len(replicas) > 1:
        raise TemplateError("a table with replicas in several regions is not known here")
    replica = next(iter(replicas), {"Region": region})
    only(
        replica,
        "Replicas",
        "Region",
        "DeletionProtectionEnabled",
        "PointInTimeRecoverySpecification",
        "SSESpecification",  # nothing is encrypted on this machine
        "ContributorInsightsSpecification",
        "GlobalSecondaryIndexes",  # what else a replica says of them: capacity and insights
        "ResourcePolicy",
        "TableClass",
        "Tags",
    )
    return replica


def _index(index: dict[str, Any]) -> dict[str, Any]:
    only(index, "GlobalSecondaryIndexes", "IndexName", "KeySchema", "Projection")
    return index


def bucket(stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    name = (given.get("BucketName") or stack.physical(logical_id, 63)).lower()
    place = {} if stack.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": stack.region}}
    s3 = stack.client("s3")
    s3.create_bucket(Bucket=name, **place)
    if "VersioningConfiguration" in given:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=given["VersioningConfiguration"])
    domains = {
        "DomainName": f"{name}.s3.amazonaws.com",
        "RegionalDomainName": f"{name}.s3.{stack.region}.amazonaws.com",
    }
    return Created(name, {"Arn": f"arn:aws:s3:::{name}", **domains})


def key(stack: Stack, _logical_id: str, given: dict[str, Any]) -> Created:
    description = {"Description": given["Description"]} if "Description" in given else {}
    made = stack.client("kms").create_key(**description)["KeyMetadata"]
    stack.keys.append(made["Arn"])
    return Created(made["KeyId"], {"Arn": made["Arn"], "KeyId": made["KeyId"]})


def alias(stack: Stack, _logical_id: str, given: dict[str, Any]) -> Created:
    name = given["AliasName"]
    stack.client("kms").create_alias(AliasName=name, TargetKeyId=given["TargetKeyId"])
    return Created(name)


def secret(stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    """Without a SecretString it is created empty, as the template's secrets are."""
    name = given.get("Name") or stack.physical(logical_id, 512)
    optional = {key: given[key] for key in ("Description", "KmsKeyId", "SecretString") if key in given}
    arn = stack.client("secretsmanager").create_secret(Name=name, **optional)["ARN"]
    return Created(arn, {"Id": arn})


_UNUSED = "a laptop keeps nothing that long"
_PLAIN = "nothing is encrypted on this machine"
KINDS = {
    "AWS::DynamoDB::GlobalTable": Kind(
        table,
        reads(
            "TableName",
            "AttributeDefinitions",
            "KeySchema",
            "GlobalSecondaryIndexes",
            "TimeToLiveSpecification",
            "Replicas",
        ),
        {
            "BillingMode": "no capacity is counted here",
            "SSESpecification": _PLAIN,
            "WarmThroughput": "no capacity is counted here",
        },
    ),
    "AWS::S3::Bucket": Kind(
        bucket,
        reads("BucketName", "VersioningConfiguration"),
        {
            "BucketEncryption": _PLAIN,
            "LifecycleConfiguration": _UNUSED,
            "PublicAccessBlockConfiguration": "only this machine reaches the server",
            "OwnershipControls": "one account owns everything",
            "LoggingConfiguration": "the server keeps no access log",
            **TAGS,
        },
    ),
    "AWS::KMS::Key": Kind(
        key,
        reads("Description"),
        {
            "KeyPolicy": "no permission is enforced here",
            "EnableKeyRotation": _UNUSED,
            "RotationPeriodInDays": _UNUSED,
            "PendingWindowInDays": _UNUSED,
            **TAGS,
        },
    ),
    "AWS::KMS::Alias": Kind(alias, reads("AliasName", "TargetKeyId")),
    "AWS::SecretsManager::Secret": Kind(secret, reads("Name", "Description", "KmsKeyId", "SecretString"), TAGS),
}
