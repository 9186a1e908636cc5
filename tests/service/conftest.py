"""AWS in memory: moto in this process, tables and bucket as the template declares them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

REGION = "eu-west-1"


class KeptClients(boto3.Session):
    """One session for every test, each client made once: making one costs more than most tests do with it."""

    def __init__(self) -> None:
        super().__init__("testing", "testing", region_name=REGION)
        self._clients: dict[str, Any] = {}

    def client(self, service_name: str, *given: Any, **named: Any) -> Any:
        if given or named:
            return super().client(service_name, *given, **named)  # type: ignore[call-overload]
        if service_name not in self._clients:
            self._clients[service_name] = super().client(service_name)  # type: ignore[call-overload]
        return self._clients[service_name]


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    return KeptClients()


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a deployment: what a local runtime set in this process before must not make these tests local."""
    monkeypatch.delenv("LEDGERCAST_LOCAL", raising=False)


@pytest.fixture
def aws(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield session


def create_table(session: boto3.Session, name: str) -> Any:
    """A table with the keys and the index that both of ours have; the client of DynamoDB."""
    client: Any = session.client("dynamodb")
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    index_keys = [{"AttributeName": "gsi1pk", "KeyType": "HASH"}, {"AttributeName": "gsi1sk", "KeyType": "RANGE"}]
    attributes = ("pk", "sk", "gsi1pk", "gsi1sk")
    client.create_table(
        TableName=name,
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "S"} for attribute in attributes],
        GlobalSecondaryIndexes=[
            {"IndexName": "gsi1", "KeySchema": index_keys, "Projection": {"ProjectionType": "ALL"}}
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


@pytest.fixture
def dynamodb(aws: boto3.Session) -> Any:
    """A client with the tables `state` and `ledger`."""
    create_table(aws, "ledger")
    return create_table(aws, "state")
