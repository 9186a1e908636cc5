"""One Lambda function: its own bundle, environment, log and role, and nothing that it does not use (IN-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.bundle import RUNTIME
from infra.code import code_of
from infra.permits import accept, allow, role
from infra.settings import Settings

RETENTION = logs.RetentionDays.THIRTEEN_MONTHS


@dataclass(frozen=True)
class Size:
    """`timeout` in seconds, `memory` in MiB; a processor's share grows with the memory, one whole at 1,769 MiB."""

    timeout: int
    memory: int


def function(
    scope: Construct,
    name: str,
    settings: Settings,
    size: Size,
    environment: Mapping[str, str],
    statements: Sequence[iam.PolicyStatement],
) -> lambda_.Function:
    """The function of the folder `functions/<name>`; `statements` are all that its role may do besides logging."""
    inside = Construct(scope, name.capitalize())
    log = logs.LogGroup(inside, "Log", retention=RETENTION, removal_policy=cdk.RemovalPolicy.RETAIN)
    logging = allow("logs:CreateLogStream", "logs:PutLogEvents", on=[log.log_group_arn])
    made = lambda_.Function(
        inside,
        "Function",
        description=f"Ledgercast {settings.stage}: {name}",
        runtime=lambda_.Runtime(RUNTIME, lambda_.RuntimeFamily.PYTHON, supports_inline_code=True),
        architecture=lambda_.Architecture.ARM_64,
        handler=f"functions.{name}.handler.handler",
        code=code_of(name, local=settings.local),
        timeout=cdk.Duration.seconds(size.timeout),
        memory_size=size.memory,
        role=role(inside, "Role", "lambda", logging, *statements),
        log_group=log,
        environment={
            "LEDGERCAST_STAGE": settings.stage,
            "POWERTOOLS_SERVICE_NAME": name,
            "POWERTOOLS_LOG_LEVEL": "INFO",
            **environment,
        },
    )
    accept(made, "L1", "One fixed runtime, for which the bundles' native parts are resolved and tested.")
    return made
