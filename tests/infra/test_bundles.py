"""What the bundles hold: wheels and objects for Lambda's machine, the right source, and a hash that notices changes."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import pytest

from infra import ROOT, bundle
from infra.synth import TEMPLATE

FUNCTIONS = (
    *("fetch", "summarise", "render", "deliver", "notify", "console", "mfa", "oauth", "keepalive"),
    *("webhook", "stream"),
)
LAMBDA_LIMIT_BYTES = 262_144_000
GLIBC = (2, 28)
AARCH64 = 183


@pytest.fixture(scope="session")
def bundles(assembly: Path) -> dict[str, Path]:
    """Function to the folder that would be uploaded."""
    resources = json.loads((assembly / TEMPLATE).read_text())["Resources"]
    functions = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::Lambda::Function"]
    return {
        one["Handler"].split(".")[1]: assembly / f"asset.{one['Code']['S3Key'].removesuffix('.zip')}"
        for one in functions
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_wheel_fits_the_runtime(bundles: dict[str, Path], name: str) -> None:
    """Current wheels for a newer glibc deploy and then fail at import."""
    wheels = list(bundles[name].glob("*.dist-info/WHEEL"))
    assert wheels
    for wheel in wheels:
        lines = wheel.read_text().splitlines()
        tags = [line.removeprefix("Tag: ") for line in lines if line.startswith("Tag: ")]
        assert any(map(fits, tags)), f"{wheel.parent.name}: {tags}"


def fits(tag: str) -> bool:
    """Whether a wheel of this tag runs on CPython 3.13 for aarch64 with glibc 2.28, by PEP 425 and 600."""
    python, abi, platform = tag.split("-")
    if platform == "any":
        return abi == "none" and python in ("py3", "py313")
    newest = int(python.removeprefix("cp")) <= 313 if abi == "abi3" else (python, abi) == ("cp313", "cp313")
    legacy = {"manylinux2014_aarch64": (2, 17)}
    parts = platform.split("_")
    glibc = legacy.get(platform) or (int(parts[1]), int(parts[2]))
    return newest and platform.endswith("_aarch64") and glibc <= GLIBC


@pytest.mark.parametrize(
    ("tag", "good"),
    [
        ("py3-none-any", True),
        ("cp313-cp313-manylinux_2_28_aarch64", True),
        ("cp38-abi3-manylinux_2_17_aarch64", True),
        ("cp313-cp313-manylinux_2_34_aarch64", False),
        ("cp313-cp313-manylinux_2_28_x86_64", False),
        ("cp311-cp311-manylinux_2_17_aarch64", False),
    ],
)
def test_the_reading_of_tags_tells_good_from_bad(tag: str, good: bool) -> None:
    assert fits(tag) is good


def test_every_native_object_is_made_for_arm(bundles: dict[str, Path]) -> None:
    objects = [file for folder in bundles.values() for file in folder.rglob("*.so*") if file.is_file()]
    assert len(objects) > 20
    for file in objects:
        head = file.read_bytes()[:20]
        assert (head[:4], struct.unpack("<H", head[18:20])[0]) == (b"\x7fELF", AARCH64), file.name


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_bundle_holds_its_function_and_what_is_shared_and_no_more(bundles: dict[str, Path], name: str) -> None:
    """IN-1"""
    folder = bundles[name]

    assert {one.name for one in (folder / "functions").iterdir()} - {"__pycache__"} == {"__init__.py", name}
    assert (folder / "ledgercast/domain/errors.py").read_bytes() == (ROOT / "ledgercast/domain/errors.py").read_bytes()
    assert not (folder / "ledgercast/ops").exists()
    assert not (folder / "ledgercast/__main__.py").exists()
    assert not [one for one in ("local", "infra", "tests", "moto", "aws_cdk") if (folder / one).exists()]
    assert (folder / "matplotlib").exists() is (name == "render")
    assert (folder / "slack_sdk").exists() is (name in ("deliver", "console", "oauth", "stream"))
    assert (folder / "boto3").exists() is (name != "webhook")
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) < LAMBDA_LIMIT_BYTES


def test_the_webhook_is_light(bundles: dict[str, Path]) -> None:
    """WH-5: a real first start also fetches and reads the bundle"""
    size = sum(file.stat().st_size for file in bundles["webhook"].rglob("*") if file.is_file())
    assert size < 16 * 1024 * 1024
    assert not (bundles["webhook"] / "botocore/data").exists()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_byte_code_is_shipped_and_never_checked_against_the_source(bundles: dict[str, Path], name: str) -> None:
    """The first field after the magic number: 1 is by hash, unchecked; file times do not survive the upload. Where no
    Python 3.13 is at hand there is none at all, rather than that of another version."""
    compiled = bundles[name] / "ledgercast/domain/__pycache__/errors.cpython-313.pyc"
    if bundle.interpreter() is None:
        assert not list(bundles[name].rglob("*.pyc"))
        return
    assert struct.unpack("<I", compiled.read_bytes()[4:8])[0] == 0b01


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What a bundle of fetch is made from, to be changed by a test."""
    for folder in ("functions/fetch", "functions/render", "ledgercast"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "functions/__init__.py", tmp_path / "functions")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


@pytest.mark.parametrize(
    "changed", ["requirements/fetch.txt", "functions/fetch/__init__.py", "ledgercast/domain/errors.py"]
)
def test_the_hash_changes_with_dependencies_and_with_source(copy: Path, changed: str) -> None:
    """Else a deployment would keep the old code: CDK uploads a bundle only under a new hash."""
    before = bundle.fingerprint("fetch", copy)
    with (copy / changed).open("a") as file:
        file.write("# changed\n")
    assert bundle.fingerprint("fetch", copy) != before


def test_the_hash_notices_a_moved_file(copy: Path) -> None:
    before = bundle.fingerprint("fetch", copy)
    (copy / "ledgercast/clock.py").rename(copy / "ledgercast/xero/clock.py")
    assert bundle.fingerprint("fetch", copy) != before


@pytest.mark.parametrize(
    "changed", ["requirements/render.txt", "functions/render/__init__.py", "ledgercast/ops/__init__.py"]
)
def test_the_hash_does_not_change_with_what_is_not_shipped(copy: Path, changed: str) -> None:
    before = bundle.fingerprint("fetch", copy)
    (copy / changed).parent.mkdir(exist_ok=True)
    (copy / changed).write_text("# changed\n")
    assert bundle.fingerprint("fetch", copy) == before
