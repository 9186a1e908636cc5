"""The re-typed descriptions beside Xero's OpenAPI documents, and the ways of calling that they print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.xero_sandbox.descriptions import DESCRIPTIONS, UNDESCRIBED, properties

pytestmark = pytest.mark.samples
KINDS = {"string": "su", "number": "n", "integer": "in", "boolean": "b", "array": "[", "object": "*"}
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@pytest.fixture(scope="module")
def spec(samples: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load((samples.parent / "spec" / "xero_accounting.yaml").read_text(), LOADER)  # noqa: S506
    return found


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_our_descriptions_are_xeros(spec: dict[str, Any], name: str) -> None:
    theirs = spec["components"]["schemas"][name]["properties"]
    undescribed = {pair.partition(":")[0] for pair in UNDESCRIBED.get(name, "").split()}
    for key, kind in properties(name).items():
        if key not in undescribed:
            assert key in theirs, key
            described = theirs[key].get("type")
            assert described is None or kind == "*" or kind[0] in KINDS[described], key


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("ProfitAndLoss", ["periods", "timeframe", "standardLayout", "paymentsOnly"]),
        ("BalanceSheet", ["date", "periods", "timeframe"]),
        ("AgedReceivablesByContact", ["contactId", "date"]),
        ("AgedPayablesByContact", ["contactId", "date"]),
    ],
)
def test_the_parameters_we_answer_to_exist(spec: dict[str, Any], path: str, names: list[str]) -> None:
    given = {one.get("name") for one in spec["paths"][f"/Reports/{path}"]["get"]["parameters"]}
    assert set(names) <= given


def test_every_scope_of_ours_is_newer_than_the_descriptions(spec: dict[str, Any]) -> None:
    """A reminder of facts 2.3: the descriptions name the old broad scopes, so no list may be made from them."""
    assert "accounting.reports.profitandloss.read" not in str(spec["components"]["securitySchemes"])
