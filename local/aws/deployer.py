"""Creates a template's resources on the local AWS, one small function per resource type.

A type or a property that this runtime does not know is an error that names it: what is left out is left out by
decision, with the reason beside it (`ignores`, and `resources/ignored.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.aws.hooks import ACCOUNT
from local.aws.resources.kinds import Created, Kind, Stack
from local.aws.template import Resource, Scope, Template, TemplateError


def deploy(template: Template, stack: Stack, kinds: Mapping[str, Kind], ignored: Mapping[str, str]) -> Deployed:
    """Creates everything in order. Raises TemplateError, naming what it does not know."""
    scope = Scope(names=_names(template, stack), conditions=template.conditions)
    names: dict[str, str] = {}
    for resource in template.order():
        if not scope.holds(resource.condition):
            continue
        if resource.type in ignored:
            scope.names[resource.logical_id] = resource.logical_id
            continue
        created = _create(resource, stack, scope, kinds)
        names[resource.logical_id] = scope.names[resource.logical_id] = created.ref
        for attribute, value in created.attributes.items():
            scope.attributes[resource.logical_id, attribute] = value
    outputs = {
        name: scope.resolve(raw["Value"]) for name, raw in template.outputs.items() if scope.holds(raw.get("Condition"))
    }
    return Deployed(names, outputs)


@dataclass(frozen=True)
class Deployed:
    """`names`: logical id to what Ref gives; `outputs`: the template's outputs."""

    names: dict[str, str]
    outputs: dict[str, Any] = field(default_factory=dict)


def _names(template: Template, stack: Stack) -> dict[str, Any]:
    return {
        **template.parameters,
        "AWS::Partition": "aws",
        "AWS::Region": stack.region,
        "AWS::AccountId": ACCOUNT,
        "AWS::StackName": stack.name,
        "AWS::StackId": f"arn:aws:cloudformation:{stack.region}:{ACCOUNT}:stack/{stack.name}/local",
        "AWS::URLSuffix": "amazonaws.com",
    }


def _create(resource: Resource, stack: Stack, scope: Scope, kinds: Mapping[str, Kind]) -> Created:
    kind = kinds.get(resource.type)
    if kind is None:
        raise TemplateError(f"{resource.logical_id}: the resource type {resource.type} is not known here")
    for name in resource.properties:
        if name not in kind.reads and name not in kind.ignores:
            raise TemplateError(f"{resource.logical_id}: the property {name} of {resource.type} is not known here")
    read = {name: scope.resolve(value) for name, value in resource.properties.items() if name in kind.reads}
    try:
        return kind.create(stack, resource.logical_id, read)
    except TemplateError as error:
        raise TemplateError(f"{resource.logical_id}: {error}") from error
