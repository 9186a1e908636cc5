"""What a function may reach of the data, in words: each method is the statements of one need, and no more (IN-1)."""

from __future__ import annotations

from collections.abc import Iterable

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.data import Data
from infra.mail import Mail
from infra.model import resources
from infra.permits import accept_wildcard, allow
from infra.settings import Settings
from ledgercast import ai

Statements = list[iam.PolicyStatement]

ROWS = ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")


class Reach:
    """`told` names settings of a function's environment; all other methods make statements for its role."""

    def __init__(self, settings: Settings, data: Data, mail: Mail) -> None:
        self._data, self._mail, self._model = data, mail, settings.ai_model
        self._told = {
            "STATE_TABLE": data.state.table_name,
            "LEDGER_TABLE": data.ledger.table_name,
            "BUCKET": data.bucket.bucket_name,
            "KEY": data.key.key_arn,
            "APP_SECRET": data.app_secret.secret_arn,
            "SECRET_PREFIX": settings.secret_prefix,
            "SENDER": mail.sender,
            "OWNER_EMAIL": settings.owner,
            "XERO_SCOPES": settings.xero_scopes,
        }
        self._secrets = {
            "app": data.app_secret.secret_arn,
            "grant": data.grant_secrets,
            "slack": data.slack_secrets,
        }

    def told(self, *names: str) -> dict[str, str]:
        return {f"LEDGERCAST_{name}": self._told[name] for name in names}

    def tables(self, state: Iterable[str] = (), ledger: Iterable[str] = (), *, index: bool = False) -> Statements:
        """Calls on the two tables. The ledger is append-only: no role may update or delete there (LG-2)."""
        data = self._data
        found = []
        if state:
            found.append(allow(*_dynamodb(state), on=[data.state.table_arn]))
        if index:
            found.append(allow("dynamodb:Query", on=[f"{data.state.table_arn}/index/gsi1"]))
        if ledger:
            assert set(ledger) <= {"GetItem", "Query", "PutItem"}
            found.append(allow(*_dynamodb(ledger), on=[data.ledger.table_arn]))
        return [*found, data.through_key("dynamodb")]

    def objects(self, read: Iterable[str] = (), write: Iterable[str] = (), delete: Iterable[str] = ()) -> Statements:
        """Objects by key. To list is what lets S3 answer "no such key" rather than "forbidden" for one that is gone."""
        bucket = self._data.bucket
        found = [allow("s3:ListBucket", on=[bucket.bucket_arn])]
        for action, keys in (("s3:GetObject", read), ("s3:PutObject", write), ("s3:DeleteObject", delete)):
            if keys:
                found.append(allow(action, on=[bucket.arn_for_objects(one) for one in keys]))
        return [*found, self._data.through_key("s3", reading=not write)] if read or write else found

    def secrets(self, read: Iterable[str] = (), write: Iterable[str] = (), make: Iterable[str] = ()) -> Statements:
        """Secrets by kind (app, grant, slack); `make` is to create and to delete."""
        rights = {
            ("secretsmanager:GetSecretValue",): read,
            ("secretsmanager:PutSecretValue",): write,
            ("secretsmanager:CreateSecret", "secretsmanager:DeleteSecret"): make,
        }
        found = [
            allow(*actions, on=[self._secrets[kind] for kind in kinds]) for actions, kinds in rights.items() if kinds
        ]
        return [*found, self._data.through_key("secretsmanager", reading=not (write or make))]

    def sealing(self, context: str) -> iam.PolicyStatement:
        """Encrypting and decrypting by the key itself, only for something that the context names."""
        bound = {"Null": {f"kms:EncryptionContext:{context}": "false"}}
        return allow("kms:Encrypt", "kms:Decrypt", on=[self._data.key.key_arn], when=bound)

    def model_told(self) -> dict[str, str]:
        """The setting that names the model; nothing where the operator chose none."""
        return {ai.MODEL: self._model} if self._model else {}

    def model(self) -> Statements:
        """Asking the one model that the operator named; nothing where there is none."""
        return [allow("bedrock:InvokeModel", on=resources(self._model, **_HERE))] if self._model else []

    def mail(self) -> iam.PolicyStatement:
        return self._mail.send()

    def accept(self, construct: Construct) -> None:
        """The written reasons of every wildcard that these methods can make."""
        bucket = self._data.bucket
        for arn in resources(self._model, **_HERE) if self._model else ():
            if "*" in arn:
                accept_wildcard(construct, arn, "An inference profile runs its one model in a region of its choice.")
        for kind in ("grant", "slack"):
            accept_wildcard(
                construct, self._secrets[kind], "The running system makes a secret for each consent or install."
            )
        for keys in ("snapshots/*", "previews/*", "runs/*", "runs/*/sent/*"):
            accept_wildcard(construct, bucket.arn_for_objects(keys), "Objects are named by question or by run.")


_HERE = {"partition": cdk.Aws.PARTITION, "region": cdk.Aws.REGION, "account": cdk.Aws.ACCOUNT_ID}


def _dynamodb(calls: Iterable[str]) -> list[str]:
    return [f"dynamodb:{call}" for call in calls]
