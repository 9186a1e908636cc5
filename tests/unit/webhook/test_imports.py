"""What the webhook loads: its cold start is part of Xero's five seconds (WH-5, design 15)."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCES = sorted((ROOT / "functions/webhook").glob("*.py"))
MAY = {
    "botocore.auth",
    "botocore.awsrequest",
    "botocore.credentials",
    "ledgercast.clock",
    "ledgercast.counters",
    "ledgercast.domain.streams",
    "ledgercast.observability",
    "ledgercast.settings",
}
NEVER = (
    *("boto3", "botocore.client", "botocore.session", "botocore.loaders", "requests", "slack_sdk", "pydantic"),
    *("jinja2", "babel", "matplotlib", "numpy", "ledgercast.store", "ledgercast.slack", "ledgercast.xero"),
    *("aws_lambda_powertools.event_handler", "aws_lambda_powertools.utilities.batch", "aws_xray_sdk"),
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_only_the_standard_library_the_signer_and_light_parts_are_imported(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if node.module != "ledgercast" else [f"ledgercast.{one.name}" for one in node.names]
        for name in names:
            own = name.startswith("functions.webhook")
            assert own or name in MAY or name.split(".")[0] in sys.stdlib_module_names, f"{path.name}: {name}"


def test_nothing_heavy_is_loaded_with_it() -> None:
    """By the modules of a process of its own, whatever imports what."""
    script = "import functions.webhook.handler, sys; print('\\n'.join(sys.modules))"
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = told.stdout.split()

    assert "botocore.auth" in loaded
    assert [one for one in loaded if one.startswith(NEVER)] == []
