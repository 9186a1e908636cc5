"""How fast and how small our charts are, beside vl-convert drawing the same ones, in one run and in turns.

Both sides run as processes of their own: ours in this environment, vl-convert in `.venv-bench`, made on demand from
requirements/bench.txt. Both have byte code, as a deployed bundle has (a folder of the bench's own, for an environment
may be set not to write any). Medians of one run are divided, never milliseconds of different runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from functions.render.chart import render
from ledgercast.domain.facts import Facts
from local.bench.vega import spec_of
from local.gallery_facts import eleven, hard

ROOT = Path(__file__).parents[2]
VENV = ROOT / ".venv-bench"
FIVE = ("revenue", "net_profit", "revenue_vs_expenses", "expense_breakdown", "cash_in_vs_out")
ROUNDS, COLD_ROUNDS, CHARTS = 6, 5, 500
Row = dict[str, Any]

_OURS = """
import json, sys, time
from ledgercast.domain.facts import Facts
from functions.render.chart import render
for line in sys.stdin:
    start = time.perf_counter()
    size = len(render(Facts.from_json(json.loads(line))))
    print(time.perf_counter() - start, size, flush=True)
"""
_THEIRS = """
import sys, time, vl_convert
for line in sys.stdin:
    start = time.perf_counter()
    size = len(vl_convert.vegalite_to_png(line, scale=1))
    print(time.perf_counter() - start, size, flush=True)
"""
_GROWTH = """
import json, sys
from dataclasses import replace
from ledgercast.domain.facts import Facts
from functions.render.chart import render
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 2**20
charts = [Facts.from_json(one) for one in json.load(sys.stdin)]
def draw(number):
    facts = charts[number % len(charts)]
    name = replace(facts.organisation, name=f"Organisation {number} Ltd")
    render(replace(facts, organisation=name, title=f"{facts.title} {number}", notes=(f"Note {number}",)))
for number in range(60):
    draw(number)
before = resident()
for number in range(60, 60 + int(sys.argv[1])):
    draw(number)
print(resident() - before)
"""


def rows() -> list[Row]:
    """The four rows of contracts.md 7; a figure that could not be measured is None, with the reason in `how`."""
    reason = _bench_environment()
    return [_warm(reason), _cold(reason), _png(), _growth()]


def _warm(reason: str | None) -> Row:
    how = f"median of {ROUNDS * len(FIVE)} charts with new text each, five kinds in turns, ours ÷ vl-convert"
    if reason:
        return _row("render_warm_vs_vl_convert", None, "ratio", 1 / 3, reason)
    ours, theirs = [], []
    with _worker(_python(), _OURS) as our, _worker(_their_python(), _THEIRS) as their:
        for number in range(-1, ROUNDS):
            for facts in _renamed(number):
                seconds = _ask(our, json.dumps(facts.to_json())), _ask(their, json.dumps(spec_of(facts)))
                if number >= 0:  # the first round warms both up
                    ours.append(seconds[0])
                    theirs.append(seconds[1])
    how += f" ({1000 * median(ours):.0f} ms ÷ {1000 * median(theirs):.0f} ms)"
    return _row("render_warm_vs_vl_convert", median(ours) / median(theirs), "ratio", 1 / 3, how)


def _cold(reason: str | None) -> Row:
    how = f"median of {COLD_ROUNDS} new processes each, in turns, from start to the first PNG, ours ÷ vl-convert"
    if reason:
        return _row("render_cold_vs_vl_convert", None, "ratio", 4 / 5, reason)
    facts = eleven()["revenue_vs_expenses"]
    ours, theirs = [], []
    for number in range(-1, COLD_ROUNDS):
        seconds = (
            _process(_python(), _OURS, json.dumps(facts.to_json())),
            _process(_their_python(), _THEIRS, json.dumps(spec_of(facts))),
        )
        if number >= 0:
            ours.append(seconds[0])
            theirs.append(seconds[1])
    how += f" ({1000 * median(ours):.0f} ms ÷ {1000 * median(theirs):.0f} ms)"
    return _row("render_cold_vs_vl_convert", median(ours) / median(theirs), "ratio", 4 / 5, how)


def _png() -> Row:
    sizes = {name: len(render(facts)) / 1024 for name, facts in {**eleven(), **hard()}.items()}
    largest = max(sizes, key=lambda name: sizes[name])
    how = f"the largest of {len(sizes)} charts ({largest}); median {median(sizes.values()):.1f}"
    return _row("render_png_kib", sizes[largest], "KiB", 40, how)


def _growth() -> Row:
    how = f"resident memory after {CHARTS} charts with new text each, less that after the first 60"
    charts = json.dumps([facts.to_json() for facts in eleven().values()])
    done = subprocess.run(
        [*_python(), "-c", _GROWTH, str(CHARTS)], input=charts, capture_output=True, text=True, cwd=ROOT, check=False
    )
    if done.returncode:
        return _row("render_memory_growth_mib", None, "MiB", 10, done.stderr.strip().splitlines()[-1])
    return _row("render_memory_growth_mib", float(done.stdout), "MiB", 10, how)


def _row(name: str, value: float | None, unit: str, budget: float, how: str) -> Row:
    rounded = None if value is None else round(value, 3)
    within = None if value is None else value <= budget
    return {"id": name, "value": rounded, "unit": unit, "budget": round(budget, 3), "ok": within, "how": how}


def _bench_environment() -> str | None:
    """Makes `.venv-bench` where it is missing; the reason where it cannot be made."""
    if (VENV / ".ready").exists():
        return None
    uv = Path(sys.executable).with_name("uv")
    commands = (
        [sys.executable, "-m", "venv", str(VENV)],
        [str(uv), "pip", "sync", "--quiet", "--require-hashes", str(ROOT / "requirements" / "bench.txt")],
    )
    for command in commands:
        try:
            subprocess.run(
                command, check=True, capture_output=True, text=True, env={**os.environ, "VIRTUAL_ENV": str(VENV)}
            )
        except (OSError, subprocess.CalledProcessError) as error:
            told = getattr(error, "stderr", "") or str(error)
            return f"vl-convert could not be installed: {told.strip().splitlines()[-1]}"
    (VENV / ".ready").touch()
    return None


def _with_byte_code() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(ROOT / "out" / "byte-code")}


def _python() -> list[str]:
    return [sys.executable]


def _their_python() -> list[str]:
    return [str(VENV / "bin" / "python")]


def _renamed(number: int) -> Iterator[Facts]:
    """The five kinds, with text that was not drawn before."""
    for name in FIVE:
        body = eleven()[name].to_json()
        body["organisation"]["name"] = f"Organisation {number} of {name}"
        body["title"] = f"{body['title']} {number}"
        body["categories"] = [f"{category} {number}" for category in body["categories"]]
        yield Facts.from_json(body)


@contextmanager
def _worker(python: list[str], program: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*python, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=_with_byte_code(),
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def _ask(process: subprocess.Popen[str], line: str) -> float:
    assert process.stdin
    assert process.stdout
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return float(process.stdout.readline().split()[0])


def _process(python: list[str], program: str, line: str) -> float:
    """Seconds from the start of a new process until it ends after one chart."""
    env = _with_byte_code()
    with tempfile.TemporaryFile("w+") as given:
        given.write(line + "\n")
        given.seek(0)
        start = time.perf_counter()
        subprocess.run([*python, "-c", program], stdin=given, stdout=subprocess.DEVNULL, cwd=ROOT, check=True, env=env)
        return time.perf_counter() - start
