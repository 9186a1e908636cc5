"""The second emulator, in its own environment, and the template deployed to it by the real CDK CLI."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra import ROOT

REGION = "eu-west-1"
ACCOUNT = "000000000000"
EMULATOR = [ROOT / ".venv-deploy" / "bin" / "python", Path(__file__).parent / "emulator.py"]


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address. Left to itself it would listen on every interface, and for MQTT as well."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "IOT_MTLS_ENABLED": "0"}
    log = tmp_path_factory.mktemp("emulator") / "log"
    with log.open("w") as said:
        process = subprocess.Popen(EMULATOR, env=env, stdout=said, stderr=said, cwd=log.parent)
    try:
        _wait(port, process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(log.read_text())


@pytest.fixture(scope="session")
def account(emulator: str) -> dict[str, str]:
    """The environment of whoever talks to the emulator."""
    keys = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "none", "AWS_SESSION_TOKEN": "none"}
    region = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
    return {**os.environ, **keys, **region, "AWS_ENDPOINT_URL": emulator, "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="session")
def deployed(account: dict[str, str], npm_bin: Path) -> dict[str, str]:
    """The outputs of `cdk deploy`, run as docs/deploy.md says: cdk.json names the app, and nothing is changed."""
    cdk = [os.environ["JSII_NODE"], str(npm_bin / "cdk")]
    for command in (["bootstrap", f"aws://{ACCOUNT}/{REGION}"], ["deploy", "--require-approval", "never"]):
        done = subprocess.run([*cdk, *command], cwd=ROOT, env=account, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    cloudformation = boto3.client("cloudformation", **connection(account))
    (stack,) = cloudformation.describe_stacks(StackName="ledgercast-production")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def connection(account: dict[str, str]) -> dict[str, Any]:
    """What a client of boto3 needs to talk to the emulator."""
    return {
        "endpoint_url": account["AWS_ENDPOINT_URL"],
        "region_name": REGION,
        "aws_access_key_id": ACCOUNT,
        "aws_secret_access_key": "none",
    }
