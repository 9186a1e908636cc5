"""Policy statements, and the written reason that each wildcard in one needs (IN-1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct


def allow(*actions: str, on: Sequence[str], when: dict[str, Any] | None = None) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(on), conditions=when)


def role(scope: Construct, name: str, service: str, *statements: iam.PolicyStatement, when: Any = None) -> iam.Role:
    """A role that only `service` can assume and that may do only what the statements say."""
    principal = iam.ServicePrincipal(f"{service}.amazonaws.com", conditions=when)
    work = iam.PolicyDocument(statements=list(statements))
    return iam.Role(scope, name, assumed_by=principal, inline_policies={"Work": work})


def accept(construct: IConstruct, rule: str, reason: str) -> None:
    """Acknowledge a finding of cdk-nag on this construct and what lies below it."""
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=f"AwsSolutions-{rule}", reason=reason))


def accept_wildcard(construct: IConstruct, resource: str, reason: str) -> None:
    """Acknowledge one resource with a wildcard, named as cdk-nag names it: references in angle brackets."""
    flat = _flat(cdk.Stack.of(construct).resolve(resource))
    accept(construct, f"IAM5[Resource::{flat}]", reason)


def _flat(value: Any) -> str:
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        delimiter, parts = value["Fn::Join"]
        return str(delimiter).join(map(_flat, parts))
    if "Fn::GetAtt" in value:
        return f"<{'.'.join(value['Fn::GetAtt'])}>"
    return f"<{value['Ref']}>"
