"""The template is synthesized once per session, in both forms: as deployed, with its bundles, and for the laptop."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from infra import BUILD, ROOT
from infra.synth import TEMPLATE, local_assembly, synthesize
from tests.infra.reading import Template

PRODUCTION = {"stage": "production", "owner": "owner@example.com", "sender": "reports@mail.example.com"}


@pytest.fixture(scope="session")
def assembly() -> Path:
    """The cloud assembly that would be deployed: cdk-nag has passed, or there would be none."""
    return synthesize(BUILD / "test.cdk.out", PRODUCTION).parent


@pytest.fixture(scope="session")
def template(assembly: Path) -> Template:
    return Template.read(assembly / TEMPLATE)


@pytest.fixture(scope="session")
def local_template() -> Template:
    return Template.read(local_assembly())


@pytest.fixture(scope="session")
def npm_bin() -> Path:
    """The tools of package.json, installed by the Node that the Python environment brings."""
    home = BUILD / "npm"
    home.mkdir(parents=True, exist_ok=True)
    lock = (ROOT / "package-lock.json").read_text()
    done = home / "installed.json"
    if not done.exists() or done.read_text() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / name, home)
        node = Path(os.environ["JSII_NODE"])
        npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        subprocess.run([node, npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=home, check=True)
        done.write_text(lock)
    return home / "node_modules" / ".bin"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process for all of this folder: two that synthesize side by side would write the same bundles."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("infra"))
