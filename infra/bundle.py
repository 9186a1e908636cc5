"""What each function ships: its own dependencies for Lambda's machine, and only the source that it needs.

Built by uv from the function's hash-pinned lock, without Docker, for one fixed runtime: python3.13 on arm64 Amazon
Linux 2023, whose glibc (2.34) every wheel must allow for. Byte code is shipped where a Python 3.13 is at hand to
compile it; without it a cold start takes about three times as long.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from infra import BUILD, ROOT

RUNTIME = "python3.13"
VERSION = "3.13"
PLATFORM = "aarch64-manylinux_2_28"
# Tests of libraries are a tenth of render's bundle; `bin` holds scripts that nothing in Lambda calls.
LEFT_OUT = ("__pycache__", "tests", "bin")
# What botocore knows of each service is for its clients; the webhook uses its signer, and waits for every megabyte.
UNREAD = {"webhook": ("botocore/data",)}
OPERATORS = (("ledgercast", "ops"), ("ledgercast", "__main__.py"))


def fingerprint(name: str, root: Path = ROOT) -> str:
    """What the bundle depends on, as one hash: lock, sources, this recipe, and whether byte code can be made."""
    return _hash(_lock(name, root), *_sources(name, root))


def build(name: str, out: Path, root: Path = ROOT) -> None:
    """Fill `out` with the function's bundle. Raises CalledProcessError when the dependencies cannot be had."""
    shutil.copytree(_dependencies(name, root), out, copy_function=os.link, dirs_exist_ok=True)
    for source in _sources(name, root):
        target = out / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    _compile(name, out, "functions", "ledgercast")


@cache
def interpreter() -> str | None:
    """A Python of the runtime's very version, where this machine has one."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = (shutil.which(RUNTIME), *map(str, pyenv.glob(f"{VERSION}.*/bin/{RUNTIME}")))
    return next((found for found in candidates if found and _answers(found)), None)


def _answers(python: str) -> bool:
    """A name on the path may be a stand-in for a version that is not there."""
    asked = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
    return asked.returncode == 0 and asked.stdout.startswith(f"Python {VERSION}.")


def _lock(name: str, root: Path) -> Path:
    return root / "requirements" / f"{name}.txt"


def _sources(name: str, root: Path) -> Iterator[Path]:
    """The function's folder and what functions share, without the operator's commands, in a stable order."""
    yield root / "functions" / "__init__.py"
    for folder in (root / "functions" / name, root / "ledgercast"):
        for file in sorted(folder.rglob("*")):
            inside = file.relative_to(root).parts
            if file.is_file() and "__pycache__" not in inside and inside[:2] not in OPERATORS:
                yield file


def _hash(*files: Path) -> str:
    digest = hashlib.sha256(str(bool(interpreter())).encode())
    for file in (Path(__file__), *files):
        digest.update(f"{file.parent.name}/{file.name}:".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _dependencies(name: str, root: Path) -> Path:
    """The installed and compiled lock, made once: most changes are to the source alone."""
    lock = _lock(name, root)
    home = BUILD / "dependencies" / name
    made = home / _hash(lock)
    if not made.exists():
        shutil.rmtree(home, ignore_errors=True)
        part = home / "part"
        _install(lock, part)
        for folder in [one for one in part.rglob("*") if one.name in LEFT_OUT and one.is_dir()]:
            shutil.rmtree(folder)
        for unread in UNREAD.get(name, ()):
            shutil.rmtree(part / unread)
        _compile(name, part, ".")
        part.rename(made)
    return made


def _install(lock: Path, out: Path) -> None:
    wheels = ["--python-platform", PLATFORM, "--python-version", VERSION, "--only-binary", ":all:"]
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(out), *wheels]
    subprocess.run([*command, "--require-hashes", "--requirements", str(lock)], check=True)


def _compile(name: str, out: Path, *folders: str) -> None:
    python = interpreter()
    if python is None:
        print(f"{name}: no {RUNTIME} here, so it ships without byte code and starts slower", file=sys.stderr)  # noqa: T201
        return
    quiet = ["-q", "--invalidation-mode", "unchecked-hash", "-j", "0"]
    subprocess.run([python, "-m", "compileall", *quiet, *folders], cwd=out, check=True, stdout=subprocess.DEVNULL)
