"""All the rows together, the table, and the file (contracts.md 7)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from local.bench import console as pages
from local.bench import fetching, grants, render, webhook

Row = dict[str, Any]

ROOT = Path(__file__).parents[2]
OUT = Path("out/bench.json")
DEMO_SECONDS = 60


def bench() -> int:
    console = Console(highlight=False)
    rows = list(_rows(console))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(rows, indent=2) + "\n")
    table = Table("what", "value", "budget", "", "how", box=None, pad_edge=False)
    for row in rows:
        mark = {True: "[green]✓[/]", False: "[red]✗[/]", None: "–"}[row["ok"]]
        table.add_row(row["id"], _figure(row["value"], row["unit"]), _figure(row["budget"], ""), mark, row["how"])
    console.print(table)
    console.print(f"Written to {OUT}")
    return 0


def _rows(console: Console) -> Iterator[Row]:
    """Each group by itself; one that fails leaves its ids as null with the reason."""
    groups: list[tuple[str, tuple[str, ...], Callable[[], list[Row]]]] = [
        (
            "charts beside vl-convert",
            ("render_warm_vs_vl_convert", "render_cold_vs_vl_convert", "render_png_kib", "render_memory_growth_mib"),
            render.rows,
        ),
        ("the webhook's init", ("webhook_init_vs_naive",), webhook.init),
        ("the webhook under load", ("webhook_ack_ms_median", "webhook_ack_ms_p99"), webhook.acks),
        ("calls of Xero", ("xero_calls_cold", "xero_calls_again", "xero_calls_ageing_1500"), fetching.rows),
        ("fifty callers of one grant", ("refresh_calls_50_callers",), lambda: [grants.refresh_calls()]),
        ("the console's pages", ("console_page_ms", "preview_warm_seconds"), pages.rows),
        ("the demo", ("demo_seconds",), lambda: [_demo()]),
    ]
    for words, ids, measure in groups:
        console.print(f"[dim]Measuring {words}[/]")
        try:
            yield from measure()
        except Exception as failed:  # one bench that breaks must not hide the others
            for one in ids:
                yield {
                    "id": one,
                    "value": None,
                    "unit": "",
                    "budget": None,
                    "ok": None,
                    "how": f"not measured: {type(failed).__name__}: {failed}",
                }


def _demo() -> Row:
    """The whole command a second time: set up, and the template synthesized."""
    seconds = 0.0
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            started = time.monotonic()
            done = _run_demo(folder)
            seconds = time.monotonic() - started
        if done.returncode:
            raise RuntimeError(f"the demo ended with status {done.returncode}")
    return {
        "id": "demo_seconds",
        "value": round(seconds, 1),
        "unit": "s",
        "budget": DEMO_SECONDS,
        "ok": seconds <= DEMO_SECONDS,
        "how": "python -m local demo, the second of two runs, from start to exit",
    }


def _run_demo(folder: str) -> subprocess.CompletedProcess[bytes]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        env = {"LEDGERCAST_OUT": folder, "LEDGERCAST_PORT": str(probe.getsockname()[1])}
    return subprocess.run(
        [sys.executable, "-m", "local", "demo"], cwd=ROOT, env={**os.environ, **env}, capture_output=True, timeout=600
    )


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    text = f"{value:g}" if value == int(value) else f"{value:.3g}"
    return f"{text} {unit}".strip()
