"""The interpreter of intrinsics, and the deployer's refusal of what it does not know."""

from __future__ import annotations

from typing import Any

import pytest

from local.aws.deployer import deploy
from local.aws.resources.kinds import Created, Kind, Stack, reads
from local.aws.template import Scope, Template, TemplateError


def scope() -> Scope:
    names = {"AWS::Region": "eu-west-1", "Table": "tbl", "Stage": "dev", "Csv": "a,b"}
    conditions = {"Dev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}, "NotDev": {"Fn::Not": [{"Condition": "Dev"}]}}
    return Scope(names, conditions, {("Table", "Arn"): "arn:tbl", ("Api", "Url.Long"): "u"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Table"}, "tbl"),
        ({"Fn::GetAtt": ["Table", "Arn"]}, "arn:tbl"),
        ({"Fn::GetAtt": "Table.Arn"}, "arn:tbl"),
        ({"Fn::GetAtt": ["Api", "Url.Long"]}, "u"),
        ({"Fn::Join": ["", ["x-", {"Ref": "Table"}, 1]]}, "x-tbl1"),
        ({"Fn::Sub": "${Table}/${Table.Arn}/${!Literal}/${AWS::Region}"}, "tbl/arn:tbl/${Literal}/eu-west-1"),
        ({"Fn::Sub": ["${A}-${Table}", {"A": {"Ref": "Stage"}}]}, "dev-tbl"),
        ({"Fn::Select": [1, {"Fn::Split": [",", {"Ref": "Csv"}]}]}, "b"),
        ({"Fn::If": ["Dev", "yes", "no"]}, "yes"),
        ({"Fn::If": ["NotDev", "yes", {"Ref": "Table"}]}, "tbl"),
        ({"Keep": 1, "Drop": {"Ref": "AWS::NoValue"}}, {"Keep": 1}),
        ([{"Ref": "AWS::NoValue"}, {"Ref": "Table"}], ["tbl"]),
        ({"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringEquals": {"a": "b"}}}),
    ],
)
def test_intrinsics_resolve(value: Any, expected: Any) -> None:
    assert scope().resolve(value) == expected


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ({"Fn::ImportValue": "x"}, "Fn::ImportValue"),
        ({"Ref": "Nowhere"}, "Nowhere"),
        ({"Fn::GetAtt": ["Table", "Colour"]}, "Table.Colour"),
        ({"Fn::If": ["Unknown", 1, 2]}, "Unknown"),
    ],
)
def test_what_is_not_known_is_named(value: Any, named: str) -> None:
    with pytest.raises(TemplateError, match=named):
        scope().resolve(value)


def test_resources_come_after_what_they_refer_to() -> None:
    template = Template.read(
        {
            "Resources": {
                "C": {"Type": "T", "Properties": {"x": {"Fn::Sub": ["${v}", {"v": {"Fn::GetAtt": ["B", "Arn"]}}]}}},
                "B": {"Type": "T", "Properties": {"x": {"Fn::Sub": "${A.Arn}${AWS::Region}"}}},
                "A": {"Type": "T", "DependsOn": ["D"]},
                "D": {"Type": "T"},
            }
        }
    )

    assert [resource.logical_id for resource in template.order()] == ["D", "A", "B", "C"]


def test_a_circle_and_a_dangling_reference_are_errors() -> None:
    circle = {"A": {"Type": "T", "DependsOn": "B"}, "B": {"Type": "T", "Properties": {"x": {"Ref": "A"}}}}
    dangling = {"A": {"Type": "T", "Properties": {"x": {"Ref": "Gone"}}}}

    with pytest.raises(TemplateError, match="circle"):
        Template.read({"Resources": circle}).order()
    with pytest.raises(TemplateError, match="A refers to Gone"):
        Template.read({"Resources": dangling}).order()


def made(_stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    return Created(f"made-{logical_id}-{given.get('Size')}", {"Arn": f"arn:{logical_id}"})


KINDS = {"T::Known": Kind(made, reads("Size"), {"Colour": "nobody sees it"})}


def run(resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> Any:
    stack = Stack("s", "eu-west-1", lambda _service: None, "http://localhost:1")
    return deploy(
        Template.read({"Resources": resources, "Outputs": outputs or {}}), stack, KINDS, {"T::Left": "no use"}
    )


def test_known_resources_are_made_and_ignored_ones_are_not() -> None:
    resources = {
        "A": {"Type": "T::Known", "Properties": {"Size": 2, "Colour": "red"}},
        "L": {"Type": "T::Left", "Properties": {"Anything": {"Fn::GetAtt": ["A", "Arn"]}}},
    }

    deployed = run(resources, {"Arn": {"Value": {"Fn::GetAtt": ["A", "Arn"]}}})

    assert deployed.names == {"A": "made-A-2"}
    assert deployed.outputs == {"Arn": "arn:A"}


def test_an_unknown_type_is_an_error_that_names_it() -> None:
    with pytest.raises(TemplateError, match="Mystery: the resource type T::Other is not known"):
        run({"Mystery": {"Type": "T::Other"}})


def test_an_unknown_property_of_a_known_type_is_an_error_that_names_it() -> None:
    with pytest.raises(TemplateError, match="A: the property Weight of T::Known is not known"):
        run({"A": {"Type": "T::Known", "Properties": {"Weight": 1}}})
