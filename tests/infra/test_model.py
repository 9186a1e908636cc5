"""AI summaries in the template: only the model that the operator names, only to the function that asks it (AI-1)."""

from __future__ import annotations

import pytest

from infra.model import is_model, resources
from infra.settings import Settings
from ledgercast.ai import SECONDS
from local.bedrock import MODEL
from tests.infra.conftest import PRODUCTION
from tests.infra.reading import Template

HERE = {"partition": "aws", "region": "eu-west-1", "account": "123456789012"}
ARN = "arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/abcdef123456"


def test_without_a_named_model_there_is_neither_permission_nor_setting(template: Template) -> None:
    """Off by default."""
    assert not [one for one in template.statements() if any("bedrock" in action for action in one.actions)]
    for name in ("summarise", "console"):
        assert "LEDGERCAST_AI_MODEL" not in template.function(name)["Environment"]["Variables"]


def test_only_the_function_that_writes_may_ask_only_the_named_model(local_template: Template) -> None:
    """IN-1; the laptop's template names the sandbox's."""
    asking = [one for one in local_template.statements() if any("bedrock" in action for action in one.actions)]

    [statement] = asking
    assert statement.role == local_template.role_of("summarise")
    assert set(statement.actions) == {"bedrock:InvokeModel"}
    assert set(statement.resources) == {f"arn:<AWS::Partition>:bedrock:<AWS::Region>::foundation-model/{MODEL}"}
    for name in ("summarise", "console"):
        assert local_template.function(name)["Environment"]["Variables"]["LEDGERCAST_AI_MODEL"] == MODEL


def test_the_function_outlives_the_model_and_all_else_it_does(template: Template) -> None:
    assert template.function("summarise")["Timeout"] >= SECONDS + 10


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("amazon.nova-lite-v1:0", ["arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0"]),
        (
            "us-gov.anthropic.claude-3-haiku-20240307-v1:0",
            [
                "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/us-gov.anthropic.claude-3-haiku-20240307-v1:0",
                "arn:aws:bedrock:*::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
            ],
        ),
        (ARN, [ARN]),
    ],
)
def test_a_model_is_reached_by_the_arns_that_a_call_is_authorised_on(name: str, expected: list[str]) -> None:
    assert is_model(name)
    assert resources(name, **HERE) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("*", "anthropic.*", "claude", "a.b c", "a.b/../c", "A.B", "arn:aws:s3:::bucket"),
        "arn:aws:bedrock:*:123456789012:foundation-model/x",
        "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc",
    ],
)
def test_what_could_be_more_than_one_model_is_no_model(name: str) -> None:
    with pytest.raises(ValueError, match="ai_model"):
        Settings.read({**PRODUCTION, "ai_model": name}.get)
