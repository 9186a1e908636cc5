"""Metrics of CloudWatch, written as a line of the log (its embedded metric format): no call, no permission, no wait."""

from __future__ import annotations

import json
import os
import time

NAMESPACE = "Ledgercast"


def count(name: str, value: int = 1, **ids: str) -> None:
    """Count something, for the deployment's stage. `ids` only stand in the line, for whoever searches the log."""
    metric = {"Namespace": NAMESPACE, "Dimensions": [["stage"]], "Metrics": [{"Name": name, "Unit": "Count"}]}
    stage = os.environ.get("LEDGERCAST_STAGE", "local")
    # Lambda carries standard output to the log. The machine's time: CloudWatch refuses metrics of another day.
    line = {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metric]}, "stage": stage, **ids}
    print(json.dumps({**line, name: value}), flush=True)  # noqa: T201
