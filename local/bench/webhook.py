"""How long the webhook's function takes to begin (design 15), and how fast it acknowledges under load.

"Naive twin": what such a handler usually loads, a client of boto3, requests, and Powertools' Logger and Tracer. Each is
a fresh process that imports and composes, and asks nobody anything; the two take turns, so that a busy machine is busy
for both alike. Counted is the processor's time, of which all of it is made; the interpreter's own start is in neither.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from local.load.load import load
from local.load.plan import Size

Row = dict[str, Any]

ROOT: Final = Path(__file__).parents[2]
TURNS: Final = 11
BUDGET: Final = 0.4
ACK_MS: Final = 1000  # of the five seconds that Xero waits (WH-5)

_OURS = """
from functions.webhook import handler
from functions.webhook.compose import door
door()
"""
_NAIVE = """
import boto3
import requests
from aws_lambda_powertools import Logger, Tracer
logger, tracer, session = Logger(service="webhook"), Tracer(service="webhook"), requests.Session()
queue = boto3.client("sqs")
"""
_TIMED = """
import time
began = time.process_time()
exec(compile({body!r}, "init", "exec"))
print(time.process_time() - began)
"""
_ENVIRONMENT: Final = {
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "LEDGERCAST_APP_SECRET": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app",
    "LEDGERCAST_EVENTS_QUEUE": "https://sqs.eu-west-1.amazonaws.com/123456789012/events",
    "POWERTOOLS_SERVICE_NAME": "webhook",
    # As on Lambda: with a trace switched off there, the tracer would load nothing.
    "POWERTOOLS_TRACE_DISABLED": "false",
    "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
}


def init() -> list[Row]:
    ours, naive = [], []
    for turn in range(TURNS + 1):
        pair = (_seconds(_OURS), _seconds(_NAIVE))
        if turn:  # the first may still write byte code
            ours.append(pair[0])
            naive.append(pair[1])
    value = round(statistics.median(ours) / statistics.median(naive), 3)
    how = (
        f"import and composition in fresh processes, processor time, {TURNS} turns each: "
        f"{statistics.median(ours) * 1000:.0f} ms against {statistics.median(naive) * 1000:.0f} ms of boto3, requests, "
        "Logger and Tracer"
    )
    return [
        {
            "id": "webhook_init_vs_naive",
            "value": value,
            "unit": "ratio",
            "budget": BUDGET,
            "ok": value <= BUDGET,
            "how": how,
        }
    ]


def acks() -> list[Row]:
    """Under the whole of `make load`. Raises RuntimeError where its counts do not balance."""
    with tempfile.TemporaryDirectory(prefix="ledgercast-bench-") as folder:
        report = load(Size(), Path(folder), lambda _: None)
    if not report.ok:
        raise RuntimeError("the load does not balance; see make load")
    how = f"{len(report.acks)} good deliveries of make load, by the front of the local runtime, two cores for all of it"
    return [_ack("webhook_ack_ms_median", report.median_ms, how), _ack("webhook_ack_ms_p99", report.p99_ms, how)]


def _ack(name: str, value: float, how: str) -> Row:
    value = round(value, 1)
    return {"id": name, "value": value, "unit": "ms", "budget": ACK_MS, "ok": value <= ACK_MS, "how": how}


def _seconds(body: str) -> float:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", _TIMED.format(body=body)],
        cwd=ROOT,
        env={**kept, **_ENVIRONMENT},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return float(done.stdout.split()[-1])
