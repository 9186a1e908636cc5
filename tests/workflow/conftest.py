"""One local runtime for every test of this package, with the small template of `template.py`.

The tests share it, so each uses keys and names of its own, and none counts what others may have made. It ends with
the package: moto lives in this process, and tests that come later may use it for themselves.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.runtime import Runtime
from tests.workflow.template import template

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one process of a parallel run: a runtime costs seconds, and there can be one per process."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("runtime"))


@pytest.fixture(scope="package")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    folder = tmp_path_factory.mktemp("runtime")
    extra = {"LEDGERCAST_XERO_API_URL": "http://x", "LEDGERCAST_IAM_LOG": str(folder / "calls")}
    with Runtime(template(), folder, extra) as made:
        yield made


@pytest.fixture
def key() -> str:
    """A name that no other test uses."""
    return uuid.uuid4().hex[:12]


def eventually(look: Callable[[], object], seconds: float = 15) -> None:
    """Waits until `look()` is true. Bounded: what has not come by then never will."""
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.05)
