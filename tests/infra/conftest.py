"""The template is synthesized once per session, in both forms: as deployed, with its bundles, and for the laptop."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra import BUILD
from infra.synth import TEMPLATE, local_assembly, synthesize
from tests.infra.reading import Template
from tests.npm import node_modules

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
    return node_modules() / ".bin"


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
@pytest.hookimpl(tryfirst=True)  # before xdist looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process for all of this folder: two that synthesize side by side would write the same bundles."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("infra"))
