"""What an operator may write at deployment, and the one line that a wrong value gets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra import ROOT
from infra.settings import Pace, Settings

GOOD: dict[str, Any] = {"stage": "production", "owner": "o@example.com", "sender": "reports@mail.example.com"}


def test_good_values_are_read_and_the_rest_has_defaults() -> None:
    settings = Settings.read({**GOOD, "run_days": "30", "region": "eu-west-1"}.get)

    assert settings.pace == Pace(retry_seconds=2, retry_attempts=6, fetch_waits=20, deliver_waits=20)
    assert (settings.run_days, settings.snapshot_days, settings.region, settings.local) == (30, 2, "eu-west-1", False)
    assert (settings.sender_domain, settings.secret_prefix) == ("mail.example.com", "ledgercast/production")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stage", ""),
        ("stage", "Production"),
        ("stage", "a" * 21),
        ("owner", None),
        ("owner", "owner"),
        ("sender", "Reports <reports@example.com>"),
        ("sender", "reports@localhost"),
        ("retry_seconds", "0"),
        ("run_days", "many"),
        ("requests_per_second", "-1"),
        ("base_url", "http://charts.example.com"),
        ("base_url", "https://charts.example.com/"),
        ("base_url", "charts.example.com"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^-c {name}=… must be "):
        Settings.read({**GOOD, name: value}.get)


def test_the_app_refuses_a_wrong_value_in_one_line(tmp_path: Path) -> None:
    env = {**os.environ, "CDK_OUTDIR": str(tmp_path), "CDK_CONTEXT_JSON": "{}"}
    command = [sys.executable, "-m", "infra.app"]
    said = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == "ledgercast: -c stage=… must be a short lower-case name such as production; it is ''\n"
