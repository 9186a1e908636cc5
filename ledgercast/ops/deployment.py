"""A deployed stack as the operator's commands know it: by the outputs that infra/stack.py gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boto3 import Session
from botocore.exceptions import ClientError

from ledgercast.ops.terminal import Stop
from ledgercast.store.connect import TIMEOUTS

ACTOR = "operator"
ORIGIN = "admin"
"""What the audit calls whoever holds the account's credentials; AWS's own trail knows which of them it was."""


class Deployment:
    def __init__(self, session: Session, stack: str, outputs: Mapping[str, str]) -> None:
        self._session = session
        self.stack = stack
        self._outputs = outputs

    def output(self, name: str) -> str:
        """Raises Stop where the stack was deployed by a version that did not have it."""
        try:
            return self._outputs[name]
        except KeyError:
            older = f"The stack {self.stack} has no output {name}; deploy this version of Ledgercast first"
            raise Stop(older, 2) from None

    def client(self, service: str) -> Any:
        return self._session.client(service, config=TIMEOUTS)  # type: ignore[call-overload]


def find(stack: str, region: str | None) -> Deployment:
    """The stack of that name, with the machine's own AWS credentials. Raises Stop when there is none."""
    session = Session(region_name=region)
    if session.region_name is None:
        raise Stop("No AWS region is set; give --region, or set AWS_DEFAULT_REGION", 2)
    client = session.client("cloudformation", config=TIMEOUTS)
    try:
        found = client.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as refused:
        if refused.response["Error"]["Code"] == "ValidationError":  # CloudFormation's word for "does not exist"
            where = f"There is no stack {stack!r} in {session.region_name} of this account"
            raise Stop(f"{where}; name it with --stack and --region", 2) from None
        raise
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}
    return Deployment(session, stack, outputs)
