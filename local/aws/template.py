"""A CloudFormation template, read as far as CDK writes it: intrinsics, conditions, the order of creation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

PSEUDO = ("AWS::Partition", "AWS::Region", "AWS::AccountId", "AWS::StackName", "AWS::StackId", "AWS::URLSuffix")
_NO_VALUE = object()
_PLACEHOLDER = re.compile(r"\$\{([^!}][^}]*)\}")


class TemplateError(Exception):
    """The template says something this runtime does not know; the message names it."""


@dataclass(frozen=True)
class Resource:
    logical_id: str
    type: str
    properties: dict[str, Any]
    depends_on: tuple[str, ...] = ()
    condition: str | None = None


@dataclass(frozen=True)
class Template:
    resources: dict[str, Resource]
    parameters: dict[str, Any] = field(default_factory=dict)
    conditions: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, source: Path | Mapping[str, Any]) -> Template:
        body = json.loads(source.read_text()) if isinstance(source, Path) else source
        return cls(
            resources={name: _resource(name, raw) for name, raw in body.get("Resources", {}).items()},
            parameters={name: raw.get("Default") for name, raw in body.get("Parameters", {}).items()},
            conditions=dict(body.get("Conditions", {})),
            outputs=dict(body.get("Outputs", {})),
        )

    def order(self) -> list[Resource]:
        """The resources so that each comes after everything it refers to or depends on."""
        graph = {name: set(self._needs(resource)) for name, resource in self.resources.items()}
        try:
            return [self.resources[name] for name in TopologicalSorter(graph).static_order()]
        except CycleError as error:
            raise TemplateError(f"resources refer to each other in a circle: {' -> '.join(error.args[1])}") from error

    def _needs(self, resource: Resource) -> Iterator[str]:
        for name in (*resource.depends_on, *_references(resource.properties)):
            if name in self.resources:
                yield name
            elif name not in self.parameters and name not in PSEUDO and name != "AWS::NoValue":
                raise TemplateError(f"{resource.logical_id} refers to {name}, which is not in the template")


def _resource(name: str, raw: Mapping[str, Any]) -> Resource:
    depends = raw.get("DependsOn", ())
    return Resource(
        logical_id=name,
        type=raw["Type"],
        properties=dict(raw.get("Properties", {})),
        depends_on=(depends,) if isinstance(depends, str) else tuple(depends),
        condition=raw.get("Condition"),
    )


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "Ref":
                yield str(item)
            elif key == "Fn::GetAtt":
                yield _attribute(item)[0]
            elif key == "Fn::Sub":
                yield from _sub_references(item)
            else:
                yield from _references(item)


def _sub_references(value: Any) -> Iterator[str]:
    text, own = (value, {}) if isinstance(value, str) else value
    yield from (name.split(".")[0] for name in _PLACEHOLDER.findall(text) if name not in own)
    yield from _references(own)


def _attribute(value: Any) -> tuple[str, str]:
    name, _, attribute = value.partition(".") if isinstance(value, str) else (value[0], "", value[1])
    return str(name), str(attribute)


@dataclass
class Scope:
    """What is known while a template is created; resolves intrinsics against it."""

    names: dict[str, Any]
    conditions: dict[str, Any] = field(default_factory=dict)
    attributes: dict[tuple[str, str], Any] = field(default_factory=dict)

    def resolve(self, value: Any) -> Any:
        """The value with every intrinsic replaced. Raises TemplateError for one that is not known."""
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name == "Ref":
                return self._ref(argument)
            if name.startswith("Fn::"):
                return self._function(name, argument)
        resolved = ((key, self.resolve(item)) for key, item in value.items())
        return {key: item for key, item in resolved if item is not _NO_VALUE}

    def holds(self, condition: str | None) -> bool:
        return condition is None or bool(self.resolve(self._known(self.conditions, condition, "condition")))

    def _ref(self, name: str) -> Any:
        return _NO_VALUE if name == "AWS::NoValue" else self._known(self.names, name, "resource or parameter")

    def _function(self, name: str, argument: Any) -> Any:
        function = getattr(self, "_fn_" + name.removeprefix("Fn::").lower(), None)
        if function is None:
            raise TemplateError(f"the intrinsic {name} is not known here")
        return function(argument)

    def _known(self, known: Mapping[Any, Any], name: Any, what: str) -> Any:
        if name not in known:
            raise TemplateError(f"there is no {what} {name if isinstance(name, str) else '.'.join(name)}")
        return known[name]

    def _fn_getatt(self, argument: Any) -> Any:
        return self._known(self.attributes, _attribute(argument), "attribute")

    def _fn_join(self, argument: Any) -> str:
        separator, parts = argument
        return str(separator).join(str(part) for part in self.resolve(parts))

    def _fn_sub(self, argument: Any) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else (argument[0], self.resolve(argument[1]))

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name in own:
                return str(own[name])
            return str(self._fn_getatt(name) if "." in name else self._ref(name))

        return _PLACEHOLDER.sub(value, text).replace("${!", "${")

    def _fn_select(self, argument: Any) -> Any:
        index, parts = self.resolve(argument)
        return parts[int(index)]

    def _fn_split(self, argument: Any) -> list[str]:
        separator, text = self.resolve(argument)
        return str(text).split(str(separator))

    def _fn_if(self, argument: Any) -> Any:
        condition, yes, no = argument
        return self.resolve(yes if self.holds(condition) else no)

    def _fn_equals(self, argument: Any) -> bool:
        left, right = self.resolve(argument)
        return bool(left == right)

    def _fn_or(self, argument: Any) -> bool:
        return any(self._condition(item) for item in argument)

    def _fn_and(self, argument: Any) -> bool:
        return all(self._condition(item) for item in argument)

    def _fn_not(self, argument: Any) -> bool:
        return not self._condition(argument[0])

    def _condition(self, item: Any) -> bool:
        if isinstance(item, dict) and set(item) == {"Condition"}:
            return self.holds(item["Condition"])
        return bool(self.resolve(item))
