"""The state machine over real workers: retry by class, catch, timeouts, dead workers, waits by our clock."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.runtime import Runtime
from tests.workflow.conftest import eventually


def run(runtime: Runtime, **given: Any) -> dict[str, Any]:
    return runtime.wait(runtime.start(given), 30)


def given(execution: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(execution["output"])["given"]
    return answer


def test_an_error_class_that_may_be_retried_is_retried(runtime: Runtime, key: str) -> None:
    done = run(runtime, key=key, do={"1": "again", "2": "again"})

    assert done["status"] == "SUCCEEDED"
    assert given(done)["calls"] == 3


def test_retries_are_bounded_and_then_caught(runtime: Runtime, key: str) -> None:
    done = run(runtime, key=key, do={"1": "again", "2": "again", "3": "again"})

    assert (done["status"], done["error"]) == ("FAILED", "Workflow.Failed")
    assert json.loads(done["cause"])["errorType"] == "Again"


def test_another_class_goes_to_its_own_catch_at_once(runtime: Runtime, key: str) -> None:
    done = run(runtime, key=key, do={"1": "refuse"})

    assert (done["status"], done["error"]) == ("FAILED", "Workflow.Refused")


def test_a_function_over_its_time_is_killed_and_the_retry_gets_a_fresh_worker(runtime: Runtime, key: str) -> None:
    started = time.monotonic()

    done = run(runtime, key=key, do={"1": "sleep"})

    assert (done["status"], given(done)["calls"]) == ("SUCCEEDED", 2)
    assert time.monotonic() - started < 15


def test_a_worker_that_dies_is_an_error_at_once(runtime: Runtime, key: str) -> None:
    """Were the function's time waited for, the error would be that of a timeout."""
    payload = json.dumps({"key": key, "do": {"1": "die"}}).encode()

    answer, failed = runtime.invoke("ledgercast-Task", payload)

    assert failed
    assert json.loads(answer)["errorType"] == "Runtime.ExitError"
    assert "exit status 3" in json.loads(answer)["errorMessage"]


def test_a_machine_survives_a_dead_worker(runtime: Runtime, key: str) -> None:
    done = run(runtime, key=key, do={"1": "die"})

    assert (done["status"], given(done)["calls"]) == ("SUCCEEDED", 2)


def test_an_idle_worker_that_was_killed_is_replaced_unseen(runtime: Runtime, key: str) -> None:
    import os
    import signal

    first = given(run(runtime, key=f"{key}-1"))["pid"]
    os.kill(first, signal.SIGKILL)
    eventually(lambda: first not in runtime.workers.processes())

    done = run(runtime, key=f"{key}-2")

    assert given(done)["calls"] == 1
    assert given(done)["pid"] != first


def test_a_handler_that_cannot_be_imported_is_lambdas_own_error(runtime: Runtime) -> None:
    answer, failed = runtime.invoke("ledgercast-BrokenImport", b"{}")

    assert failed
    assert json.loads(answer)["errorType"] == "Runtime.ImportModuleError"


def test_workers_stay_warm(runtime: Runtime, key: str) -> None:
    pids = {given(run(runtime, key=f"{key}-{number}"))["pid"] for number in range(3)}

    assert len(pids) == 1


def test_a_wait_state_ends_when_our_clock_has_passed_it(runtime: Runtime, key: str) -> None:
    arn = runtime.start({"key": key, "wait": 3600})
    history = runtime.client("stepfunctions")
    eventually(
        lambda: any(
            event["type"] == "WaitStateEntered"
            for event in history.get_execution_history(executionArn=arn, maxResults=500)["events"]
        )
    )
    began = runtime.clock.now()

    runtime.scheduler.advance(3600)
    done = runtime.wait(arn, 20)

    assert done["status"] == "SUCCEEDED"
    assert datetime.fromisoformat(given(done)["now"]) - began > timedelta(hours=1), "workers tell the same time"
    assert done["stopDate"] - done["startDate"] > timedelta(hours=1)


def test_a_worker_sees_nothing_of_its_users_credentials_and_proxies(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTPS_PROXY", "PYTHONPATH", "LEDGERCAST_NOW"):
        monkeypatch.setenv(name, "of-the-user")

    seen = json.loads(runtime.invoke("ledgercast-Environment", b"{}")[0])

    assert not [name for name, value in seen.items() if value == "of-the-user"]
    assert seen["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert seen["LEDGERCAST_LOCAL"] == "1"
    assert seen["LEDGERCAST_STATE_TABLE"] == runtime.outputs["StateTable"]
    assert seen["LEDGERCAST_XERO_API_URL"] == "http://x"
