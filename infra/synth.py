"""Synthesize without the CDK CLI: `python -m infra.synth [--local] [--out DIR]`.

The app runs in a process of its own, so that nobody who only wants the template pays for CDK in memory.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra import BUILD, ROOT

TEMPLATE = "Ledgercast.template.json"
# What the laptop's deployment is told instead of cdk.json's values: quick retries, and nobody's real address.
LOCAL_CONTEXT = {
    "local": "true",
    "stage": "local",
    "owner": "owner@example.com",
    "sender": "ledgercast@example.com",
    "retry_seconds": 1,
    "ai_model": "sandbox.writer-v1:0",
    "stream_seconds": 45,
    "stream_hidden": 45,  # AWS takes none below the seconds
}
_SOURCES = ("infra/**/*.py", "ledgercast/domain/*.py", "ledgercast/xero/scopes.py", "ledgercast/ai.py")
_INPUTS = (*_SOURCES, "cdk.json", "requirements/*.txt")


def synthesize(out: Path, context: dict[str, Any] | None = None) -> Path:
    """The cloud assembly in `out`; its template's path. Raises CalledProcessError when the app refuses."""
    given = {**json.loads((ROOT / "cdk.json").read_text())["context"], **(context or {})}
    env = {**os.environ, "CDK_OUTDIR": str(out), "CDK_CONTEXT_JSON": json.dumps(given)}
    subprocess.run([sys.executable, "-m", "infra.app"], cwd=ROOT, env=env, check=True)
    _forget_old_bundles(out)
    return out / TEMPLATE


def _forget_old_bundles(out: Path) -> None:
    """A bundle is kept under its hash and used again; one that this template does not name would only fill the disk."""
    named = (out / "Ledgercast.assets.json").read_text()
    for bundle in out.glob("asset.*"):
        if bundle.name not in named:
            shutil.rmtree(bundle)


def local_assembly() -> Path:
    """The template for the laptop, made once and used again until something it is made from changes."""
    with _one_at_a_time():
        home = BUILD / "local"
        made = home / _fingerprint() / TEMPLATE
        if not made.exists():
            shutil.rmtree(home, ignore_errors=True)
            synthesize(made.parent.with_suffix(".part"), LOCAL_CONTEXT)
            made.parent.with_suffix(".part").rename(made.parent)
        return made


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for file in sorted(file for pattern in _INPUTS for file in ROOT.glob(pattern)):
        digest.update(f"{file.relative_to(ROOT)}:".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two test processes must not synthesize side by side; the second finds what the first made."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "local.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m infra.synth", description="Make the deployment's template.")
    options.add_argument("--local", action="store_true", help="the laptop's form: from source, without bundles")
    options.add_argument("--out", type=Path, default=BUILD / "cdk.out", metavar="DIR")
    chosen = options.parse_args()
    try:
        print(synthesize(chosen.out.resolve(), LOCAL_CONTEXT if chosen.local else None))  # noqa: T201
    except subprocess.CalledProcessError as refused:
        return int(refused.returncode)
    return 0


if __name__ == "__main__":
    sys.exit(main())
