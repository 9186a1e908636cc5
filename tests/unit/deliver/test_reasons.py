"""Every reason that a delivery can end with has a sentence that mends it (DL-2)."""

from __future__ import annotations

import re
from pathlib import Path

from ledgercast.messages import reason, reasons

ROOT = Path(__file__).parents[3]


def test_every_reason_in_the_source_has_its_sentence() -> None:
    files = [*(ROOT / "functions" / "deliver").glob("*.py"), *(ROOT / "ledgercast" / "slack").glob("*.py")]
    used = {code for file in files for code in re.findall(r'"((?:slack|mail|deliver)\.[a-z_]+)"', file.read_text())}

    assert len(used) > 30
    assert not used - set(reasons())


def test_a_word_of_slacks_that_is_new_is_told_as_it_is() -> None:
    assert "'brand_new'" in reason("slack.brand_new")
