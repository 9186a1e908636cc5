"""The machine as deployed: retries from the error catalogue, timeouts, catches, and production's pace (RL-2)."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from infra import retries
from infra.machine import definition
from infra.settings import Pace
from infra.states import Step
from ledgercast.domain.errors import catalogue
from tests.infra.reading import Template, tasks

FUNCTION_TASKS = ("Fetch", "Render", "Summarise", "Deliver", "Notify")


@pytest.fixture
def machine(template: Template) -> dict[str, Any]:
    return template.machine()


def retrier(state: dict[str, Any], error: str) -> dict[str, Any]:
    """The first entry of the Retry list that matches an error, as Step Functions looks it up."""
    matching = (one for one in state["Retry"] if error in one["ErrorEquals"] or one["ErrorEquals"] == ["States.ALL"])
    return next(matching)


def test_what_is_deployed_is_what_was_executed_in_tests(template: Template, machine: dict[str, Any]) -> None:
    """Nulls too: without its `"ResultPath": null`, a state would lose its input."""
    state, _ = template.one("AWS::DynamoDB::GlobalTable", "DataState")
    names = [name.lower() for name in FUNCTION_TASKS]
    steps = {name: Step(f"<{template.function_id(name)}.Arn>", template.function(name)["Timeout"]) for name in names}
    assert machine == definition(steps, f"<{state}>", Pace(), "<AWS::Partition>")
    assert machine["States"]["Claim"]["ResultPath"] is None


@pytest.mark.parametrize("name", FUNCTION_TASKS)
@pytest.mark.parametrize("error", list(catalogue()), ids=lambda error: error.__name__)
def test_an_error_is_retried_exactly_when_its_class_says_so(machine: dict[str, Any], name: str, error: Any) -> None:
    """RL-2"""
    state = dict(tasks(machine))[name]
    assert (retrier(state, error.__name__)["MaxAttempts"] > 0) is error.retryable


@pytest.mark.parametrize("name", FUNCTION_TASKS)
def test_what_lambda_raises_and_what_nobody_knows_is_tried_again_within_bounds(
    machine: dict[str, Any], name: str
) -> None:
    """RL-2"""
    state = dict(tasks(machine))[name]
    for error in ("Lambda.TooManyRequestsException", "Lambda.Unknown", "Sandbox.Timedout", "States.Timeout"):
        found = retrier(state, error)
        assert (found["IntervalSeconds"], found["BackoffRate"], found["MaxAttempts"]) == (2, 2, 6)
        assert (found["MaxDelaySeconds"], found["JitterStrategy"]) == (60, "FULL")
    assert retrier(state, "KeyError")["MaxAttempts"] == 2
    assert state["Retry"][-1]["ErrorEquals"] == ["States.ALL"]


def test_every_task_has_retry_catch_and_a_timeout(machine: dict[str, Any]) -> None:
    """RL-2: a task's own Catch, or that of the Parallel around it"""
    found = dict(tasks(machine))

    assert set(found) == {"Claim", "Resume", "Note the summary", "Record", *FUNCTION_TASKS}
    assert machine["TimeoutSeconds"] == 6 * 3600
    assert machine["States"]["Make"]["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
    for name, state in found.items():
        assert state["Retry"], name
        assert state["TimeoutSeconds"] > 0, name
        assert name == "Render" or state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name


@pytest.mark.parametrize("name", FUNCTION_TASKS)
def test_a_step_outlasts_its_function(template: Template, machine: dict[str, Any], name: str) -> None:
    """Design 9: else a slow function would be started again while the first still works."""
    assert dict(tasks(machine))[name]["TimeoutSeconds"] >= template.function(name.lower())["Timeout"] + 5


def test_waits_are_bounded(machine: dict[str, Any]) -> None:
    assert re.findall(r'"NumericLessThan": (\d+)', json.dumps(machine)) == ["20", "20"]


def test_no_failure_of_ours_is_named_like_one_of_the_service(machine: dict[str, Any]) -> None:
    fails = [state for state in machine["States"].values() if state["Type"] == "Fail"]
    assert {state["Error"] for state in fails} == {"RunFailed", "RunUnclaimed", "RunUnrecorded"}


def test_the_validator_accepts_the_definition(machine: dict[str, Any], npm_bin: Path, tmp_path: Path) -> None:
    file = tmp_path / "machine.asl.json"
    arns = re.sub(r"<\w+\.Arn>", "arn:aws:lambda:eu-west-1:123456789012:function:one", json.dumps(machine))
    file.write_text(arns.replace("<AWS::Partition>", "aws"))
    command: list[str | Path] = [os.environ["JSII_NODE"], npm_bin / "asl-validator", "--json-path", file]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr


def test_the_machine_reads_its_log_without_the_data_it_carries(template: Template) -> None:
    """LG-1"""
    _, machine = template.one("AWS::StepFunctions::StateMachine")
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
    assert machine["LoggingConfiguration"]["Level"] == "ALL"


def test_a_run_waits_longer_for_another_run_than_a_dead_one_can_hold_it_up() -> None:
    """The fetch lease ends after 75 s; full jitter halves the pauses at the mean."""
    [busy] = [one for one in retries.of_function(Pace()) if "SnapshotInProgress" in one["ErrorEquals"]]

    pauses, pause = [], float(busy["IntervalSeconds"])
    for _ in range(busy["MaxAttempts"]):
        pauses.append(min(pause, busy["MaxDelaySeconds"]))
        pause *= busy["BackoffRate"]

    assert "RefreshInProgress" in busy["ErrorEquals"]
    assert sum(pauses) / 2 > 75
