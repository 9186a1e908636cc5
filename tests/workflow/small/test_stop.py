"""However the runtime's process ends, no process and no open port is left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.runtime import ROOT
from tests.workflow.conftest import eventually


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.workflow.small.serve", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    line = process.stdout.readline()
    try:
        yield process, json.loads(line or "{}")
    finally:
        process.kill()
        process.communicate()


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc").exists() else True


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, None), (signal.SIGKILL, -9)])
def test_whatever_ends_it_its_workers_and_ports_go_too(
    served: tuple[subprocess.Popen[str], dict[str, Any]], number: signal.Signals, status: int | None
) -> None:
    process, known = served
    assert known["workers"], "no worker ran, so nothing would be shown"

    process.send_signal(number)
    process.wait(30)

    eventually(lambda: not any(map(lives, known["workers"])), 5)
    assert not listens(known["port"])
    assert not listens(urlsplit(known["aws"]).port or 0)
    assert status is None or process.returncode == status
    if number is signal.SIGTERM:
        assert process.stderr and process.stderr.read() == "", "it ended with something to say"
