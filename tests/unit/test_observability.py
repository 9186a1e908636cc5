"""LG-1: whatever levels an operator turns on, the libraries below us never write their requests into a log."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAMBDA = """
import importlib, logging, pkgutil, sys
logging.getLogger().setLevel("DEBUG")  # as Lambda's own client does for AWS_LAMBDA_LOG_LEVEL, before the handler
for function in sys.argv[1:]:
    package = importlib.import_module("functions." + function)
    for one in ["handler", *(one.name for one in pkgutil.iter_modules(package.__path__))]:
        importlib.import_module(f"functions.{function}.{one}")
names = [name for name, one in logging.root.manager.loggerDict.items() if isinstance(one, logging.Logger)]
print(*{name.split(".")[0] for name in names})
print(*{name.split(".")[0] for name in names if logging.getLogger(name).isEnabledFor(logging.DEBUG)})
"""
FUNCTIONS = sorted(one.parent.name for one in ROOT.glob("functions/*/handler.py"))
LIBRARIES = {"boto3", "botocore", "matplotlib", "requests", "s3transfer", "slack_sdk", "urllib3"}


def test_at_debug_everywhere_only_our_own_loggers_write_debug_lines_lg_1() -> None:
    env = {**os.environ, "POWERTOOLS_LOG_LEVEL": "DEBUG"}
    command = [sys.executable, "-c", LAMBDA, *FUNCTIONS]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stderr
    known, talking = (set(line.split()) for line in done.stdout.splitlines()[-2:])
    assert known >= LIBRARIES, "there was nobody to be kept quiet"
    assert talking == {*FUNCTIONS, "notices", "pulses"}
