"""Reading a template as people do: resources by type, references as `<LogicalId>`, roles as what they may do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Statement:
    """One Allow: `actions` on `resources` when `conditions` hold; `role` is the role's logical id."""

    role: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: dict[str, Any]


@dataclass(frozen=True)
class Template:
    resources: dict[str, dict[str, Any]]
    outputs: dict[str, Any]
    text: str

    @classmethod
    def read(cls, path: Path) -> Template:
        text = path.read_text()
        body = json.loads(text)
        return cls(body["Resources"], body["Outputs"], text)

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Logical id to resource, of one type."""
        return {name: one for name, one in self.resources.items() if one["Type"] == kind}

    def one(self, kind: str, begins: str = "") -> tuple[str, dict[str, Any]]:
        """The only resource of the type whose logical id begins so: its id and properties."""
        found = [(name, one["Properties"]) for name, one in self.of(kind).items() if name.startswith(begins)]
        assert len(found) == 1, f"{kind} {begins}: {[name for name, _ in found]}"
        return found[0]

    def function(self, name: str) -> dict[str, Any]:
        properties: dict[str, Any] = self.resources[self.function_id(name)]["Properties"]
        return properties

    def function_id(self, name: str) -> str:
        """The logical id of the function of the folder `functions/<name>`."""
        handler = f"functions.{name}.handler.handler"
        functions = self.of("AWS::Lambda::Function").items()
        found = [logical for logical, one in functions if one["Properties"]["Handler"] == handler]
        assert len(found) == 1, f"{name}: {found}"
        return found[0]

    def role_of(self, name: str) -> str:
        """The logical id of a function's role."""
        return flat(self.function(name)["Role"]).strip("<>").removesuffix(".Arn")

    def machine(self) -> dict[str, Any]:
        """The state machine's definition, with references for the ARNs it names."""
        definition: dict[str, Any] = json.loads(
            flat(self.one("AWS::StepFunctions::StateMachine")[1]["DefinitionString"])
        )
        return definition

    def statements(self) -> Iterator[Statement]:
        """Every statement of every role, from the role itself and from policies attached to it."""
        for role, resource in self.of("AWS::IAM::Role").items():
            documents = [policy["PolicyDocument"] for policy in resource["Properties"].get("Policies", [])]
            for policy in self.of("AWS::IAM::Policy").values():
                if {"Ref": role} in policy["Properties"]["Roles"]:
                    documents.append(policy["Properties"]["PolicyDocument"])
            for statement in (one for document in documents for one in document["Statement"]):
                assert statement["Effect"] == "Allow", f"{role}: a Deny is not read here"
                actions, resources = _many(statement["Action"]), _many(statement["Resource"])
                yield Statement(role, actions, resources, statement.get("Condition", {}))

    def may(self, begins: str) -> dict[str, set[str]]:
        """What roles whose logical id begins so may do: action to resources."""
        allowed: dict[str, set[str]] = {}
        for statement in self.statements():
            for action in statement.actions if statement.role.startswith(begins) else ():
                allowed.setdefault(action, set()).update(statement.resources)
        return allowed


def flat(value: Any) -> str:
    """A value with its references in angle brackets: `<Bucket.Arn>/runs/*`."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        delimiter, parts = value["Fn::Join"]
        return str(delimiter).join(map(flat, parts))
    if "Fn::GetAtt" in value:
        return f"<{'.'.join(value['Fn::GetAtt'])}>"
    return f"<{value['Ref']}>"


def tasks(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every Task of a machine, those inside a Map or a Parallel too."""
    for name, state in machine["States"].items():
        if state["Type"] == "Task":
            yield name, state
        inner = [*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else ())]
        for part in inner:
            yield from tasks(part)


def _many(value: Any) -> tuple[str, ...]:
    return tuple(flat(one) for one in (value if isinstance(value, list) else [value]))
