"""What the tests of the running machine share. Each runtime lives in one process of a parallel run: it costs seconds,
moto keeps its state in the process, and so there can be one at a time."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of a folder in one process; the two folders may go side by side."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group(f"workflow-{item.path.relative_to(HERE).parts[0]}"))


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
