"""The switch of the Xero sandbox's token endpoint: failing, so that grants grow old, and working again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.xero.answers import as_html
from local.xero.faults import Fault, Faults

_ALWAYS = 10**9


class TokenSwitch:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._failing: Fault | None = None

    def turn(self, _query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        """{"token": "failing" | "working"} → the same. Raises ValueError for anything else."""
        wanted = body["token"]
        if wanted not in ("failing", "working"):
            raise ValueError('token is "failing" or "working"')
        if self._failing:
            self._faults.remove(self._failing)
            self._failing = None
        if wanted == "failing":
            unavailable = as_html(503, "Service Unavailable")
            self._failing = Fault("POST /connect/token", _ALWAYS, answer=unavailable)
            self._faults.add(self._failing)
        return 200, {"token": wanted}
