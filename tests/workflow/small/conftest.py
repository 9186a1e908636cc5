"""One local runtime for every test of this package, with the small template of `template.py`.

The tests share it, so each uses keys and names of its own, and none counts what others may have made. It ends with
the package: moto lives in this process, and tests that come later may use it for themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.runtime import Runtime
from tests.workflow.small.template import template


@pytest.fixture(scope="package")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    folder = tmp_path_factory.mktemp("runtime")
    extra = {"LEDGERCAST_XERO_API_URL": "http://x", "LEDGERCAST_IAM_LOG": str(folder / "calls")}
    with Runtime(template(), folder, extra) as made:
        yield made
