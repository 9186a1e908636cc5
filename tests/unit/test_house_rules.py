"""The rules of the house (CONTRIBUTING.md), read off the source: who imports whom, what never stands in a file."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AWS_ROOMS = (
    "ledgercast/store/",
    "ledgercast/settings.py",
    "ledgercast/ops/",
    "functions/deliver/ses.py",
    "functions/summarise/bedrock.py",
    "functions/webhook/aws.py",
)
"""Where boto3 may be imported; an adapter named for its service is added here, with its name. The operator's commands
(`ledgercast/ops`) find a deployment by its stack, with the machine's own credentials; no function ships them."""

SOURCES = sorted(
    path.relative_to(ROOT).as_posix()
    for top in ("functions", "ledgercast", "infra", "local")
    for path in (ROOT / top).rglob("*.py")
)


def imports_of(path: str) -> Iterator[tuple[str, bool]]:
    """Each imported module, and whether only the type checker sees it."""
    tree = ast.parse((ROOT / path).read_text())
    typed = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in typed) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node in typed
            yield from ((f"{node.module}.{alias.name}", node in typed) for alias in node.names)


def test_there_are_sources_to_judge() -> None:
    assert len(SOURCES) > 20


@pytest.mark.parametrize("path", SOURCES)
def test_imports_keep_to_the_rules_of_the_house(path: str) -> None:
    room, inner = path.split("/")[0], path.split("/")[1]
    for module, typing_only in imports_of(path):
        top = module.split(".")[0]
        if room in ("functions", "ledgercast"):
            assert top not in ("local", "infra", "tests"), f"{path}: nothing imports {top}"
        if room == "ledgercast":
            assert top != "functions", f"{path}: ledgercast never imports functions"
        if room == "functions" and top == "functions" and module.count(".") >= 1:
            assert module.split(".")[1] == inner, f"{path}: functions never import each other ({module})"
        if path.startswith("ledgercast/domain/"):
            inside = module == "ledgercast" or module.startswith("ledgercast.domain")
            assert inside or top in sys.stdlib_module_names, f"{path}: the domain imports only the standard library"
        if room in ("functions", "ledgercast") and top in ("boto3", "botocore") and not typing_only:
            assert path.startswith(AWS_ROOMS), f"{path}: boto3 belongs to the store"


@pytest.mark.parametrize("path", [path for path in SOURCES if path.startswith(("functions/", "ledgercast/"))])
def test_nothing_reads_the_environment_at_import(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text())
    at_import = [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    for node in at_import:
        assert "environ[" not in ast.unparse(node), f"{path}:{node.lineno}"
        assert "getenv(" not in ast.unparse(node), f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", [path for path in SOURCES if path.startswith(("functions/", "ledgercast/"))])
def test_money_and_time_are_never_naive(path: str) -> None:
    text = (ROOT / path).read_text()
    assert not re.search(r"\bfloat\((amount|value|total|money)", text), f"{path}: money is Decimal"
    assert "utcnow(" not in text, f"{path}: times are aware"


def test_a_table_is_never_scanned() -> None:
    for path in SOURCES:
        if path.startswith(("functions/", "ledgercast/")):
            assert not re.search(r"\.scan\(|get_paginator\(.scan", (ROOT / path).read_text()), path


def test_no_committed_text_names_a_registry_or_a_machine() -> None:
    for path in [*ROOT.glob("requirements/*"), ROOT / "pyproject.toml", ROOT / "Makefile"]:
        assert not re.search(r"https?://|file://|--index-url", path.read_text()), path.name
