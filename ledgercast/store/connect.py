"""The stores of this very function, from its environment: one boto3 session, each client made once.

A second client on the same session costs a few milliseconds, a second session some hundred (rendering.md 3).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from ledgercast import ai
from ledgercast.settings import required
from ledgercast.store.artefacts import Artefacts
from ledgercast.store.secrets import Secrets
from ledgercast.store.state import StateStore
from ledgercast.store.table import Table

TIMEOUTS = Config(connect_timeout=3, read_timeout=10)
ASKING = Config(connect_timeout=3, read_timeout=ai.SECONDS, retries={"total_max_attempts": 1})
SENDING = Config(connect_timeout=3, read_timeout=20, retries={"total_max_attempts": 1})


@cache
def _session() -> boto3.Session:
    return boto3.Session()


@cache
def client(service: str, *, sending: bool = False) -> Any:
    """A client of AWS; one that sends things to people must never try again by itself (`sending`)."""
    return _session().client(service, config=SENDING if sending else TIMEOUTS)  # type: ignore[call-overload]


@cache
def model_client() -> Any:
    """Bedrock's: one request and no second, for whoever waits would wait twice as long."""
    return _session().client("bedrock-runtime", config=ASKING)


def state_table() -> Table:
    return Table(client("dynamodb"), required("LEDGERCAST_STATE_TABLE"))


def ledger_table() -> Table:
    return Table(client("dynamodb"), required("LEDGERCAST_LEDGER_TABLE"))


def state() -> StateStore:
    return StateStore(state_table())


def artefacts() -> Artefacts:
    return Artefacts(client("s3"), required("LEDGERCAST_BUCKET"))


def secrets() -> Secrets:
    return Secrets(client("secretsmanager"))
