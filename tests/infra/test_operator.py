"""What an operator relies on: the outputs that the commands read, and the permissions that are asked of Xero."""

from __future__ import annotations

import re

import pytest

from infra import ROOT
from infra.settings import Settings
from tests.infra.conftest import PRODUCTION
from tests.infra.reading import Template


def test_every_output_that_a_command_reads_is_one_of_the_stack(local_template: Template) -> None:
    source = "".join(file.read_text() for file in sorted((ROOT / "ledgercast" / "ops").glob("*.py")))
    read = set(re.findall(r"\.output\([\"'](\w+)[\"']\)", source))
    assert {"StateTable", "AppSecretArn", "ApiUrl", "Owner"} <= read
    assert read <= set(local_template.outputs)


@pytest.mark.parametrize("value", ["classic", "accounting.settings.read accounting.invoices.read"])
def test_an_app_that_may_not_ask_for_everything_is_asked_for_less_oa_4(value: str) -> None:
    assert Settings.read({**PRODUCTION, "xero_scopes": value}.get).xero_scopes == value


@pytest.mark.parametrize("value", ["accounting.transactions", "granular accounting.settings", "files"])
def test_no_permission_outside_the_frozen_lists_can_be_asked_for_oa_4(value: str) -> None:
    with pytest.raises(ValueError, match="-c xero_scopes=… must be "):
        Settings.read({**PRODUCTION, "xero_scopes": value}.get)


def test_the_functions_that_speak_of_permissions_are_told_which_oa_4(local_template: Template) -> None:
    told = {
        env["POWERTOOLS_SERVICE_NAME"]: env.get("LEDGERCAST_XERO_SCOPES")
        for one in local_template.of("AWS::Lambda::Function").values()
        for env in [one["Properties"]["Environment"]["Variables"]]
    }
    assert (told["console"], told["oauth"]) == ("granular", "granular")
