"""The tools of package.json, installed once by the Node that the Python environment brings."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from infra import BUILD, ROOT


def node_modules() -> Path:
    """The folder they are in; laid anew where the lock has changed."""
    home = BUILD / "npm"
    home.mkdir(parents=True, exist_ok=True)
    lock = (ROOT / "package-lock.json").read_text()
    done = home / "installed.json"
    if not done.exists() or done.read_text() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / name, home)
        node = Path(os.environ["JSII_NODE"])
        npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        subprocess.run([node, npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=home, check=True)
        done.write_text(lock)
    return home / "node_modules"
