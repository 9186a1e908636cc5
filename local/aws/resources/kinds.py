"""The vocabulary of the resource modules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from local.aws.template import TemplateError
from local.aws.workers import Function

TAGS = {"Tags": "nobody reads tags here"}


@dataclass(frozen=True)
class Created:
    """What Ref and GetAtt give for a resource."""

    ref: str
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """One resource type: what it reads of the properties, and what it leaves out and why."""

    create: Callable[[Stack, str, dict[str, Any]], Created]
    reads: frozenset[str]
    ignores: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceMapping:
    """An SQS queue that feeds a function."""

    queue_arn: str
    function: str
    batch_size: int
    window_seconds: float
    partial_failures: bool


@dataclass(frozen=True)
class Route:
    """A route of the HTTP API, `GET /path/{name}` or `$default`, and its function."""

    key: str
    function: str


@dataclass
class Stack:
    """The stack under creation: its clients, and what others must run once it is there."""

    name: str
    region: str
    client: Callable[[str], Any]
    api_endpoint: str
    functions: list[Function] = field(default_factory=list)
    mappings: list[SourceMapping] = field(default_factory=list)
    machines: list[str] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    integrations: dict[str, str] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    """Function name to the ARN of its role."""
    statements: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Role ARN to what its inline policies say, resolved."""

    def physical(self, logical_id: str, limit: int = 64) -> str:
        """A name for a resource that the template does not name. The end of a logical id is its hash: it stays."""
        return f"{self.name}-{logical_id}"[-limit:].lstrip("-")


def only(given: dict[str, Any], what: str, *known: str) -> None:
    """Raises TemplateError for a nested property that is not known."""
    for name in given:
        if name not in known:
            raise TemplateError(f"the property {what}.{name} is not known here")


def reads(*names: str) -> frozenset[str]:
    return frozenset(names)


@cache
def function_of(arn: str) -> str:
    """The function's name in its ARN, or in the ARN by which API Gateway calls it."""
    return arn.split(":function:")[1].split("/")[0].split(":")[0]
