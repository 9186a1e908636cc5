"""The pipeline's four functions: each with its own bundle, environment and role, and nothing it does not use (IN-1)."""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.bundle import RUNTIME
from infra.code import code_of
from infra.data import Data
from infra.mail import Mail
from infra.permits import accept, accept_wildcard, allow, role
from infra.settings import Settings

RETENTION = logs.RetentionDays.THIRTEEN_MONTHS


@dataclass(frozen=True)
class Size:
    """`timeout` in seconds, `memory` in MiB; a processor's share grows with the memory, one whole at 1,769 MiB."""

    timeout: int
    memory: int


SIZES = {
    "fetch": Size(timeout=120, memory=512),
    "summarise": Size(timeout=30, memory=256),
    "render": Size(timeout=60, memory=1769),
    "deliver": Size(timeout=120, memory=512),
}


class Functions(Construct):
    """Each attribute is a function; `all` has them by name."""

    def __init__(self, scope: Construct, name: str, settings: Settings, data: Data, mail: Mail) -> None:
        super().__init__(scope, name)
        self._settings, self._data, self._mail = settings, data, mail
        bucket = {"LEDGERCAST_BUCKET": data.bucket.bucket_name}
        state = {"LEDGERCAST_STATE_TABLE": data.state.table_name}
        fetch = {
            "LEDGERCAST_KEY": data.key.key_arn,
            "LEDGERCAST_APP_SECRET": data.app_secret.secret_arn,
            "LEDGERCAST_SECRET_PREFIX": settings.secret_prefix,
        }
        deliver = {
            "LEDGERCAST_LEDGER_TABLE": data.ledger.table_name,
            "LEDGERCAST_SENDER": mail.sender,
        }
        runs = ["runs/*"]
        self.all = {
            "fetch": self._function("fetch", {**state, **bucket, **fetch}, self._fetching()),
            "summarise": self._function("summarise", bucket, self._objects(runs, runs)),
            "render": self._function("render", bucket, self._objects(runs, runs)),
            "deliver": self._function("deliver", {**state, **bucket, **deliver}, self._delivering()),
        }
        self._accept()

    def _fetching(self) -> list[iam.PolicyStatement]:
        data = self._data
        rows = [f"dynamodb:{call}" for call in ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")]
        kept = ["snapshots/*", "runs/*"]
        tokens = {"Null": {"kms:EncryptionContext:grant": "false"}}
        return [
            allow(*rows, on=[data.state.table_arn]),
            data.through_key("dynamodb"),
            *self._objects(kept, kept),
            allow("secretsmanager:GetSecretValue", on=[data.app_secret.secret_arn, data.grant_secrets]),
            allow("secretsmanager:PutSecretValue", on=[data.grant_secrets]),
            data.through_key("secretsmanager"),
            allow("kms:Encrypt", "kms:Decrypt", on=[data.key.key_arn], when=tokens),
        ]

    def _delivering(self) -> list[iam.PolicyStatement]:
        """The ledger is append-only: this role, like every other, may neither update nor delete there."""
        data = self._data
        return [
            allow("dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", on=[data.state.table_arn]),
            allow("dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", on=[data.ledger.table_arn]),
            data.through_key("dynamodb"),
            *self._objects(["runs/*"], ["runs/*/sent/*"]),
            allow("secretsmanager:GetSecretValue", on=[data.slack_secrets]),
            data.through_key("secretsmanager", reading=True),
            self._mail.send(),
        ]

    def _objects(self, read: list[str], write: list[str]) -> list[iam.PolicyStatement]:
        """To list is what lets S3 answer "no such key" rather than "forbidden" for an object that is gone."""
        bucket = self._data.bucket
        return [
            allow("s3:ListBucket", on=[bucket.bucket_arn]),
            allow("s3:GetObject", on=[bucket.arn_for_objects(keys) for keys in read]),
            allow("s3:PutObject", on=[bucket.arn_for_objects(keys) for keys in write]),
            self._data.through_key("s3"),
        ]

    def _function(
        self, name: str, environment: dict[str, str], statements: list[iam.PolicyStatement]
    ) -> lambda_.Function:
        scope = Construct(self, name.capitalize())
        log = logs.LogGroup(scope, "Log", retention=RETENTION, removal_policy=cdk.RemovalPolicy.RETAIN)
        logging = allow("logs:CreateLogStream", "logs:PutLogEvents", on=[log.log_group_arn])
        return lambda_.Function(
            scope,
            "Function",
            description=f"Ledgercast {self._settings.stage}: {name}",
            runtime=lambda_.Runtime(RUNTIME, lambda_.RuntimeFamily.PYTHON, supports_inline_code=True),
            architecture=lambda_.Architecture.ARM_64,
            handler=f"functions.{name}.handler.handler",
            code=code_of(name, local=self._settings.local),
            timeout=cdk.Duration.seconds(SIZES[name].timeout),
            memory_size=SIZES[name].memory,
            role=role(scope, "Role", "lambda", logging, *statements),
            log_group=log,
            environment={
                "LEDGERCAST_STAGE": self._settings.stage,
                "POWERTOOLS_SERVICE_NAME": name,
                "POWERTOOLS_LOG_LEVEL": "INFO",
                **environment,
            },
        )

    def _accept(self) -> None:
        data = self._data
        accept(self, "L1", "One fixed runtime, for which the bundles' native parts are resolved and tested.")
        for secrets in (data.grant_secrets, data.slack_secrets):
            accept_wildcard(self, secrets, "The running system makes a secret for each consent or install.")
        for keys in ("snapshots/*", "runs/*", "runs/*/sent/*"):
            accept_wildcard(self, data.bucket.arn_for_objects(keys), "Objects are named by question or by run.")
