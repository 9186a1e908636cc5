"""The operator's commands find a deployment by the stack's outputs: every one that they read is there."""

from __future__ import annotations

import re

from infra import ROOT
from tests.infra.reading import Template


def test_every_output_that_a_command_reads_is_one_of_the_stack(local_template: Template) -> None:
    source = "".join(file.read_text() for file in sorted((ROOT / "ledgercast" / "ops").glob("*.py")))
    read = set(re.findall(r"\.output\([\"'](\w+)[\"']\)", source))
    assert {"StateTable", "AppSecretArn", "ApiUrl", "Owner"} <= read
    assert read <= set(local_template.outputs)
