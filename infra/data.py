"""What is kept: two tables, a private bucket, the app's secret, and the one customer key over all of it (design 13)."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.permits import accept, allow
from infra.settings import Settings

# What a caller needs of the key when a service uses it in the caller's name.
_KEY_USES = {
    "s3": ("kms:Decrypt", "kms:GenerateDataKey"),
    "secretsmanager": ("kms:Decrypt", "kms:GenerateDataKey"),
    "dynamodb": ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey"),
}


class Data(Construct):
    """Everything here outlives the stack: deleting a deployment never deletes what was sent, or to whom."""

    def __init__(self, scope: Construct, name: str, settings: Settings) -> None:
        super().__init__(scope, name)
        self.key = kms.Key(
            self,
            "Key",
            description=f"Ledgercast {settings.stage}: figures, tokens and secrets",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        self.state = self._table("State", protected=False)
        self.ledger = self._table("Ledger", protected=True)
        self.bucket = self._bucket(settings)
        self.app_secret = self._app_secret()
        self.grant_secrets = self._secrets_under(f"{settings.secret_prefix}/grant")
        self.slack_secrets = self._secrets_under(f"{settings.secret_prefix}/slack")

    def through_key(self, service: str, *, reading: bool = False) -> iam.PolicyStatement:
        """Use of the customer key by way of one service, and in no other way."""
        uses = ("kms:Decrypt",) if reading else _KEY_USES[service]
        via = {"StringEquals": {"kms:ViaService": f"{service}.{cdk.Aws.REGION}.amazonaws.com"}}
        return allow(*uses, on=[self.key.key_arn], when=via)

    def _table(self, name: str, *, protected: bool) -> dynamodb.TableV2:
        def text(attribute: str) -> dynamodb.Attribute:
            return dynamodb.Attribute(name=attribute, type=dynamodb.AttributeType.STRING)

        table = dynamodb.TableV2(
            self,
            name,
            partition_key=text("pk"),
            sort_key=text("sk"),
            global_secondary_indexes=[
                dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name="gsi1", partition_key=text("gsi1pk"), sort_key=text("gsi1sk")
                )
            ],
            time_to_live_attribute="ttl",
            encryption=dynamodb.TableEncryptionV2.aws_managed_key(),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=protected,
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        # CDK names the customer's key only where it knows the region; this stack deploys to any.
        resource = table.node.default_child
        assert isinstance(resource, dynamodb.CfnGlobalTable)
        resource.add_property_override("Replicas.0.SSESpecification", {"KMSMasterKeyId": self.key.key_arn})
        return table

    def _bucket(self, settings: Settings) -> s3.Bucket:
        def expire(prefix: str, days: int) -> s3.LifecycleRule:
            return s3.LifecycleRule(
                prefix=prefix,
                expiration=cdk.Duration.days(days),
                abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
            )

        bucket = s3.Bucket(
            self,
            "Artefacts",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.key,
            bucket_key_enabled=True,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            lifecycle_rules=[
                expire("snapshots/", settings.snapshot_days),
                expire("previews/", settings.snapshot_days),
                expire("runs/", settings.run_days),
            ],
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        accept(
            bucket,
            "S1",
            "Only the functions' own roles reach the bucket, and every object is encrypted under the customer key, "
            "whose uses CloudTrail records; a second bucket for access logs would hold the names of runs without need.",
        )
        return bucket

    def _app_secret(self) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "AppSecret",
            description="Credentials of the Xero and Slack apps; docs/deploy.md names the fields",
            encryption_key=self.key,
            secret_string_value=cdk.SecretValue.unsafe_plain_text("{}"),  # empty: the operator fills it
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        accept(secret, "SMG4", "Xero and Slack issue its values; the operator changes them there, by hand.")
        return secret

    def _secrets_under(self, prefix: str) -> str:
        """The ARN of every secret that the running system makes under a prefix."""
        return cdk.Stack.of(self).format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{prefix}/*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
