"""The pipeline's definition, executed: every way a run can go, with played functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra.settings import Pace
from tests.infra.machine_run import INPUT, SLOT, Cloud, Failing, Function, cloud

PACE = Pace(retry_seconds=2, retry_attempts=3, fetch_waits=2, deliver_waits=2)
READY = {
    "outcome": "ready",
    "facts": "runs/main/p1/s/facts.json",
    "empty": False,
    "destinations": [{"id": "slack"}, {"id": "mail"}],
    "summary": "template",
    "theme": "dark",
    "names_to_ai": False,
}
DONE = {"outcome": "done", "status": "sent", "complete": True, "reason": None}


def raising(error: str) -> Function:
    def function(_: dict[str, Any]) -> Any:
        raise Failing(error)

    return function


def in_turn(*answers: Any) -> Function:
    """Each answer once, the last one for ever; a text is raised as an error of that name."""
    left = list(answers)

    def function(_: dict[str, Any]) -> Any:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, str):
            raise Failing(answer)
        return answer

    return function


@pytest.fixture(scope="module")
def engine() -> Iterator[Cloud]:
    with cloud(PACE) as played:
        yield played


@pytest.fixture
def aws(engine: Cloud) -> Cloud:
    """No run yet, and functions with which all goes well."""
    engine.forget()
    engine.functions = {
        "fetch": lambda _: READY,
        "render": lambda _: {"chart": "chart.png", "details": "chart.json"},
        "summarise": lambda _: {"summary": "summary.json"},
        "deliver": lambda _: DONE,
        "notify": lambda _: {"told": 0, "resumes": None},
    }
    return engine


def reasons(row: dict[str, Any] | None) -> dict[str, tuple[str, bool, str | None]]:
    assert row is not None
    return {d["destination"]: (d["status"], d["complete"], d["reason"]) for d in row["deliveries"]}


def test_a_run_that_reaches_everybody_is_sent(aws: Cloud) -> None:
    run = aws.run()

    assert (run.status, run.output["status"]) == ("SUCCEEDED", "sent")
    row = aws.row()
    assert row is not None
    assert (row["state"], row["reason"], row["attempt"], row["execution"], row["v"]) == ("sent", None, 1, run.arn, 1)
    assert row["started_at"] <= row["finished_at"]
    assert (row["gsi1pk"], row["gsi1sk"]) == ("RUNS#main", row["started_at"])
    assert reasons(row) == {"slack": ("sent", True, None), "mail": ("sent", True, None)}


def test_each_function_gets_what_its_contract_says_and_no_more(aws: Cloud) -> None:
    aws.run({**INPUT, "amount": "12.00"})

    run = {"workspace": "main", "pulse": "p1", "slot": SLOT}
    facts = {**run, "facts": READY["facts"]}
    assert aws.given_to("fetch") == [run]
    assert aws.given_to("render") == [{**facts, "theme": "dark"}]
    assert aws.given_to("summarise") == [{**facts, "summary": "template", "names_to_ai": False}]
    made = {"chart": "chart.png", "details": "chart.json", "summary": "summary.json"}
    given = sorted(aws.given_to("deliver"), key=lambda one: str(one["destination"]))
    assert given == [{**facts, **made, "destination": name} for name in ("mail", "slack")]


def test_a_run_stands_in_the_index_of_running_ones_while_it_runs(aws: Cloud) -> None:
    seen: list[Any] = []

    def fetch(_: dict[str, Any]) -> Any:
        seen.append(aws.row())
        return READY

    aws.functions["fetch"] = fetch
    aws.run()

    [row] = seen
    assert (row["gsi1pk"], row["gsi1sk"]) == ("RUNNING#main", row["started_at"])


def test_what_was_noted_of_a_run_on_its_way_stays_on_its_row(aws: Cloud) -> None:
    aws.put_row(execution="another", state="deferred", connection="x-1", facts_hash="f")

    aws.run({**INPUT, "resume": True})

    row = aws.row() or {}
    assert (row["state"], row["connection"], row["facts_hash"]) == ("sent", "x-1", "f")


def test_the_owners_part_comes_last_with_the_rows_name_alone(aws: Cloud) -> None:
    def notify(_: dict[str, Any]) -> Any:
        assert (aws.row() or {})["state"] == "sent"
        return {}

    aws.functions["notify"] = notify
    run = aws.run()

    given = {"workspace": "main", "pulse": "p1", "slot": SLOT, "machine": aws.machine}
    assert (run.status, aws.given_to("notify")) == ("SUCCEEDED", [given])


@pytest.mark.parametrize(("render", "status"), [(None, "SUCCEEDED"), ("ArtefactMissing", "FAILED")])
def test_what_cannot_be_told_changes_nothing_about_the_run(aws: Cloud, render: str | None, status: str) -> None:
    if render:
        aws.functions["render"] = raising(render)
    aws.functions["notify"] = raising("AnythingAtAll")

    run = aws.run()

    assert (run.status, run.cause) == (status, render)
    assert len(aws.given_to("notify")) == 3


def test_an_empty_result_is_delivered_without_a_chart(aws: Cloud) -> None:
    aws.functions["render"] = lambda _: {"chart": None, "details": "chart.json"}

    assert aws.run().output["status"] == "sent"
    assert {given["chart"] for given in aws.given_to("deliver")} == {None}


def test_a_summary_is_left_out_when_it_is_off(aws: Cloud) -> None:
    aws.functions["fetch"] = lambda _: {**READY, "summary": "off"}

    assert aws.run().output["status"] == "sent"
    assert aws.given_to("summarise") == []
    assert {given["summary"] for given in aws.given_to("deliver")} == {None}


def test_a_failing_summary_delays_and_spoils_nothing(aws: Cloud) -> None:
    aws.functions["summarise"] = raising("UnknownMetric")

    assert aws.run().output["status"] == "sent"
    assert {given["summary"] for given in aws.given_to("deliver")} == {None}
    assert aws.pauses == []


RECORD = {"kind": "template", "why": "summary.late", "model": "m", "prompt_hash": "a", "facts_hash": "b"}


def test_a_run_tells_what_became_of_the_summary_that_a_model_was_asked_for(aws: Cloud) -> None:
    """AI-1"""
    aws.functions["fetch"] = lambda _: {**READY, "summary": "ai", "names_to_ai": True}
    aws.functions["summarise"] = lambda _: {"summary": "summary.json", "record": RECORD}

    assert aws.run().output["status"] == "sent"
    assert (aws.row() or {})["summary"] == RECORD
    assert [given["names_to_ai"] for given in aws.given_to("summarise")] == [True]
    assert {given["summary"] for given in aws.given_to("deliver")} == {"summary.json"}


def test_a_record_that_cannot_be_written_holds_nothing_up(aws: Cloud) -> None:
    """AI-1"""
    aws.functions["fetch"] = lambda _: {**READY, "summary": "ai"}
    aws.functions["summarise"] = lambda _: {"summary": "summary.json"}

    assert aws.run().output["status"] == "sent"
    assert "summary" not in (aws.row() or {})
    assert {given["summary"] for given in aws.given_to("deliver")} == {"summary.json"}


def test_a_failing_chart_is_never_delivered(aws: Cloud) -> None:
    """RL-5"""
    aws.functions["render"] = raising("ArtefactMissing")

    run = aws.run()

    assert (run.status, run.error, run.cause) == ("FAILED", "RunFailed", "ArtefactMissing")
    assert aws.given_to("deliver") == []
    assert (aws.row() or {})["state"] == "failed"


@pytest.mark.parametrize(
    ("outcome", "status", "state", "seconds"),
    [
        ({"outcome": "skip", "reason": "pulse.held"}, "SUCCEEDED", "skipped", None),
        ({"outcome": "defer", "seconds": 7200, "reason": "xero.limit.day"}, "SUCCEEDED", "deferred", 7200),
        ({"outcome": "failed", "reason": "xero.role.missing"}, "FAILED", "failed", None),
    ],
)
def test_an_outcome_without_figures_ends_the_run_with_its_reason(
    aws: Cloud, outcome: dict[str, Any], status: str, state: str, seconds: int | None
) -> None:
    aws.functions["fetch"] = lambda _: outcome

    run = aws.run()

    row = aws.row() or {}
    assert (run.status, row["state"], row["reason"], row["seconds"]) == (status, state, outcome["reason"], seconds)
    assert row["deliveries"] == []
    assert aws.given_to("deliver") == []
    if status == "FAILED":
        assert (run.error, run.cause) == ("RunFailed", outcome["reason"])


@pytest.mark.parametrize("answer", [{"outcome": "sunny"}, {**READY, "destinations": []}])
def test_an_answer_nobody_foresaw_fails_the_run_and_says_so(aws: Cloud, answer: dict[str, Any]) -> None:
    aws.functions["fetch"] = lambda _: answer

    assert aws.run().error == "RunFailed"
    assert (aws.row() or {})["reason"] == "internal"


def test_a_wait_is_waited_as_long_as_asked(aws: Cloud) -> None:
    """XR-1"""
    aws.functions["fetch"] = in_turn({"outcome": "wait", "seconds": 41, "reason": "xero.limit.minute"}, READY)

    assert aws.run().output["status"] == "sent"
    assert aws.pauses == [41]


def test_waits_without_end_become_a_deferred_run(aws: Cloud) -> None:
    aws.functions["fetch"] = lambda _: {"outcome": "wait", "seconds": 60, "reason": "xero.limit.minute"}

    assert aws.run().output["status"] == "deferred"
    assert aws.pauses == [60] * PACE.fetch_waits
    row = aws.row() or {}
    assert (row["reason"], row["seconds"]) == ("xero.limit.minute", 60)


def test_a_retryable_error_is_retried_with_growing_pauses_and_then_told(aws: Cloud) -> None:
    """RL-2"""
    aws.functions["fetch"] = raising("XeroUnavailable")

    run = aws.run()

    assert (run.error, run.cause, (aws.row() or {})["reason"]) == ("RunFailed", "XeroUnavailable", "XeroUnavailable")
    assert len(aws.given_to("fetch")) == 1 + PACE.retry_attempts
    assert len(aws.pauses) == 3
    assert all(0 <= pause <= longest for pause, longest in zip(aws.pauses, (2, 4, 8), strict=True))


@pytest.mark.parametrize(
    ("error", "calls"), [("GrantDisconnected", 1), ("KeyError", 3), ("Lambda.TooManyRequestsException", 4)]
)
def test_each_kind_of_error_is_tried_as_often_as_it_deserves(aws: Cloud, error: str, calls: int) -> None:
    """RL-2"""
    aws.functions["fetch"] = raising(error)

    assert aws.run().error == "RunFailed"
    assert len(aws.given_to("fetch")) == calls


def test_one_dead_destination_stops_no_other(aws: Cloud) -> None:
    """RL-3"""

    def deliver(given: dict[str, Any]) -> Any:
        if given["destination"] == "slack":
            raise Failing("NotInCatalogue")
        return DONE

    aws.functions["deliver"] = deliver

    run = aws.run()

    assert (run.status, run.output["status"]) == ("SUCCEEDED", "partly_sent")
    row = aws.row()
    assert reasons(row) == {"slack": ("unconfirmed", False, "NotInCatalogue"), "mail": ("sent", True, None)}
    assert (row or {})["reason"] == "NotInCatalogue"


FAILED = {"outcome": "done", "status": "failed", "complete": False, "reason": "slack.channel_not_found"}
UNSURE = {"outcome": "done", "status": "unconfirmed", "complete": False, "reason": "deliver.unconfirmed"}
SHORT = {"outcome": "done", "status": "sent", "complete": False, "reason": "slack.msg_too_long"}


@pytest.mark.parametrize(
    ("slack", "mail", "state"),
    [
        (DONE, FAILED, "partly_sent"),
        (DONE, UNSURE, "partly_sent"),
        (DONE, SHORT, "partly_sent"),
        (SHORT, SHORT, "partly_sent"),
        (UNSURE, FAILED, "partly_sent"),
        (UNSURE, UNSURE, "partly_sent"),
        (FAILED, FAILED, "failed"),
    ],
)
def test_the_run_is_as_good_as_its_deliveries(
    aws: Cloud, slack: dict[str, Any], mail: dict[str, Any], state: str
) -> None:
    aws.functions["deliver"] = lambda given: {"slack": slack, "mail": mail}[given["destination"]]

    run = aws.run()

    row = aws.row() or {}
    assert row["state"] == state
    assert run.status == ("FAILED" if state == "failed" else "SUCCEEDED")
    assert row["reason"] in (slack["reason"], mail["reason"])
    assert reasons(row) == {
        name: (one["status"], one["complete"], one["reason"]) for name, one in (("slack", slack), ("mail", mail))
    }


def test_a_delivery_waits_as_asked_and_gives_up_as_unconfirmed(aws: Cloud) -> None:
    aws.functions["fetch"] = lambda _: {**READY, "destinations": [{"id": "slack"}]}
    aws.functions["deliver"] = lambda _: {"outcome": "wait", "seconds": 10, "reason": "deliver.unconfirmed"}

    assert aws.run().output["status"] == "partly_sent"
    assert aws.pauses == [10] * PACE.deliver_waits
    assert reasons(aws.row()) == {"slack": ("unconfirmed", False, "deliver.unconfirmed")}


def test_a_second_execution_of_a_slot_is_a_duplicate(aws: Cloud) -> None:
    """RL-1"""
    first = aws.run()
    second = aws.run()

    assert (second.status, second.output) == ("SUCCEEDED", {"status": "duplicate"})
    assert len(aws.given_to("fetch")) == 1
    assert len(aws.given_to("notify")) == 1
    assert (aws.row() or {})["execution"] == first.arn


@pytest.mark.parametrize(
    ("state", "resumed"),
    [
        ("deferred", True),
        ("failed", True),
        ("partly_sent", True),
        ("running", False),
        ("sent", False),
        ("skipped", False),
    ],
)
def test_resume_takes_over_what_is_unfinished_and_nothing_else(aws: Cloud, state: str, resumed: bool) -> None:
    """RL-1"""
    aws.put_row(execution="another", state=state, reason="xero.limit.day", finished_at="then")

    run = aws.run({**INPUT, "resume": True})

    assert run.output["status"] == ("sent" if resumed else "duplicate")
    row = aws.row() or {}
    assert (row["state"], row["execution"]) == (("sent", run.arn) if resumed else (state, "another"))


def test_an_unfinished_slot_is_not_taken_over_without_resume(aws: Cloud) -> None:
    """RL-1"""
    aws.put_row(execution="another", state="failed")

    assert aws.run().output["status"] == "duplicate"


def test_a_resumed_run_counts_its_attempts_and_forgets_the_old_reason(aws: Cloud) -> None:
    aws.functions["fetch"] = in_turn({"outcome": "defer", "seconds": 9, "reason": "xero.limit.day"}, READY)
    aws.run()

    aws.run({**INPUT, "resume": True})

    row = aws.row() or {}
    assert (row["attempt"], row["state"], row["reason"], row["seconds"]) == (2, "sent", None, None)


def test_a_run_that_lost_its_row_changes_nothing_and_fails_loudly(aws: Cloud) -> None:
    def fetch(_: dict[str, Any]) -> Any:
        aws.put_row(execution="another", state="running")
        return READY

    aws.functions["fetch"] = fetch

    assert aws.run().error == "RunUnrecorded"
    assert (aws.row() or {})["execution"] == "another"
