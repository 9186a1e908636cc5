"""Where Xero's own bodies and descriptions lie. They are not ours to copy, so these tests run only beside them.

The folder is named by XERO_SAMPLES, or is `shared/xero/samples` next to the repository; `make test-samples` runs them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "xero" / "samples"


def folder() -> Path:
    return Path(os.environ.get("XERO_SAMPLES") or BESIDE)


@pytest.fixture(scope="session")
def samples() -> Path:
    found = folder()
    if not found.is_dir():
        pytest.fail(f"no sample bodies at {found}; set XERO_SAMPLES")
    return found


@pytest.fixture(scope="session")
def sample(samples: Path) -> Callable[[str], Any]:
    """The decoded body of one sample by its name, such as `official/invoices`."""
    return lambda name: json.loads((samples / f"{name}.json").read_text())
