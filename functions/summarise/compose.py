"""What summarise works with: the bucket, and the model where the operator named one."""

from __future__ import annotations

from functions.summarise.bedrock import Bedrock
from ledgercast import ai
from ledgercast.store import connect


def model() -> Bedrock | None:
    name = ai.model()
    return Bedrock(connect.model_client(), name) if name else None
