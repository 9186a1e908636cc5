"""What functions count in their logs, as CloudWatch has it: lines of the embedded metric format become its metrics."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from local.aws.clock import LocalClock
from local.background import Background

_MARK = b'"_aws"'
_AT_ONCE = 500


class Metrics(Background):
    """Reads on in the logs of a folder, from `start` to `stop`. A metric's time is our clock's."""

    def __init__(self, logs: Path, cloudwatch: Any, clock: LocalClock) -> None:
        self._logs, self._cloudwatch, self._clock = logs, cloudwatch, clock
        self._read: dict[Path, int] = {}
        self._lock = threading.Lock()
        super().__init__("metrics", 1, self.collect)

    def collect(self) -> None:
        """Everything that was counted until now."""
        with self._lock:
            found: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for line in self._lines():
                for namespace, data in _data(line, self._clock.now()):
                    found[namespace] += data
            for namespace, data in found.items():
                for start in range(0, len(data), _AT_ONCE):
                    self._cloudwatch.put_metric_data(Namespace=namespace, MetricData=data[start : start + _AT_ONCE])

    def _lines(self) -> Iterator[dict[str, Any]]:
        for file in sorted(self._logs.glob("*.log")):
            with file.open("rb") as opened:
                opened.seek(self._read.get(file, 0))
                for raw in opened:
                    if not raw.endswith(b"\n"):
                        break  # still being written
                    self._read[file] = self._read.get(file, 0) + len(raw)
                    if _MARK in raw and (line := _parsed(raw)):
                        yield line


def _data(line: dict[str, Any], now: datetime) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """What one line counts, by namespace, as PutMetricData takes it."""
    for directive in line["_aws"]["CloudWatchMetrics"]:
        dimensions = [{"Name": name, "Value": str(line[name])} for name in (directive["Dimensions"] or [[]])[0]]
        names = [metric["Name"] for metric in directive["Metrics"]]
        shared = {"Timestamp": now, "Dimensions": dimensions}
        yield directive["Namespace"], [{"MetricName": one, "Value": float(line[one]), **shared} for one in names]


def _parsed(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except ValueError:
        return None
    return line if isinstance(line, dict) and isinstance(line.get("_aws"), dict) else None
