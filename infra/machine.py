"""The pipeline's state machine in the States Language, as plain data (design 9).

    Claim ▶ Fetch ▶ Render ‖ Summarise ▶ Deliver for each destination ▶ Record ▶ Notify

Its input is {workspace, pulse, slot, resume}. The state carries keys, ids, codes and seconds, never a figure, a name
or an instant. A run ends as sent, partly_sent, skipped, deferred or failed, with the reason; another execution of the
same slot ends as duplicate. Everything that ends a run goes through Record, which writes the run's row only while it
is still this execution's, and then through Notify, which tells the owners and changes nothing about how the run ended.
"""

from __future__ import annotations

from collections.abc import Mapping

from infra import retries
from infra.settings import Pace
from infra.states import (
    State,
    Step,
    below,
    catch,
    choice,
    either,
    equals,
    every,
    function_task,
    names,
    negation,
    present,
    table_task,
    true,
    wait,
)

LONGEST_RUN_SECONDS = 6 * 3600
AT_ONCE = 5

_ME = {"S.$": "$$.Execution.Id"}
_NOW = {"S.$": "$$.State.EnteredTime"}
_NONE = {"NULL": True}
_ROW = {
    "pk": {"S.$": "States.Format('WS#{}#PULSE#{}', $.workspace, $.pulse)"},
    "sk": {"S.$": "States.Format('RUN#{}', $.slot)"},
}
_COUNTER = {"n": 0}
_RUN = {"workspace.$": "$.workspace", "pulse.$": "$.pulse", "slot.$": "$.slot"}


def definition(steps: Mapping[str, Step], table: str, pace: Pace, partition: str = "aws") -> State:
    """The whole machine over the functions fetch, summarise, render, deliver and notify and the state table."""
    update = f"arn:{partition}:states:::dynamodb:updateItem"
    return {
        "Comment": "One run of one pulse for one slot",
        "TimeoutSeconds": LONGEST_RUN_SECONDS,
        "StartAt": "Resuming?",
        "States": {
            **_claiming(update, table, pace),
            **_fetching(steps["fetch"], pace),
            **_making(steps, update, table, pace),
            **_delivering(steps["deliver"], pace),
            **_settling(),
            **_recording(update, table, pace),
            **_telling(steps["notify"], pace),
        },
    }


def _claiming(update: str, table: str, pace: Pace) -> State:
    """Two claims, since a condition cannot compare two given values: a resumed run may take over what is unfinished."""
    fresh = "attribute_not_exists(pk) OR #execution = :me"
    unfinished = {":deferred": {"S": "deferred"}, ":failed": {"S": "failed"}, ":partly": {"S": "partly_sent"}}
    return {
        "Resuming?": choice([{**every(present("$.resume"), true("$.resume")), "Next": "Resume"}], "Claim"),
        "Claim": _claim(update, table, pace, fresh, {}),
        "Resume": _claim(update, table, pace, f"{fresh} OR #state IN (:deferred, :failed, :partly)", unfinished),
        "Duplicate": {"Type": "Pass", "Result": {"status": "duplicate"}, "End": True},
        "Unclaimed": {"Type": "Fail", "Error": "RunUnclaimed", "CausePath": "$.error.Error"},
        "Begin": {"Type": "Pass", "Parameters": {**_RUN, "waits": _COUNTER}, "Next": "Fetch"},
    }


def _claim(update: str, table: str, pace: Pace, condition: str, values: State) -> State:
    changes = "SET #v = :v, #execution = :me, #state = :running, #started_at = :now, #gsi1pk = :open, #gsi1sk = :now"
    return {
        **table_task(update, retries.of_table(pace)),
        "Parameters": {
            "TableName": table,
            "Key": _ROW,
            "ConditionExpression": condition,
            "UpdateExpression": f"{changes}, #attempt = if_not_exists(#attempt, :zero) + :one "
            "REMOVE #reason, #seconds, #deliveries, #finished_at",
            "ExpressionAttributeNames": names(
                "v execution state attempt started_at reason seconds deliveries finished_at gsi1pk gsi1sk"
            ),
            "ExpressionAttributeValues": {
                ":v": {"N": "1"},
                ":zero": {"N": "0"},
                ":one": {"N": "1"},
                ":running": {"S": "running"},
                ":me": _ME,
                ":now": _NOW,
                # While it runs the row stands in the index, where the daily pass looks for runs that never ended.
                ":open": {"S.$": "States.Format('RUNNING#{}', $.workspace)"},
                **values,
            },
        },
        "ResultPath": None,
        "Catch": [catch("Duplicate", retries.LOST_THE_CLAIM), catch("Unclaimed")],
        "Next": "Begin",
    }


def _fetching(fetch: Step, pace: Pace) -> State:
    outcome = "$.fetch.outcome"
    some = present("$.fetch.destinations[0]")
    return {
        "Fetch": {
            **function_task(fetch, pace),
            "Parameters": _RUN,
            "ResultPath": "$.fetch",
            "Catch": [catch("Broken")],
            "Next": "Fetched?",
        },
        "Fetched?": choice(
            [
                {**every(equals(outcome, "ready"), some), "Next": "Make"},
                {**every(equals(outcome, "wait"), below("$.waits.n", pace.fetch_waits)), "Next": "Wait for Xero"},
                {**either(equals(outcome, "wait"), equals(outcome, "defer")), "Next": "Deferred"},
                {**equals(outcome, "skip"), "Next": "Skipped"},
                {**equals(outcome, "failed"), "Next": "Refused"},
            ],
            "Unreadable",
        ),
        **wait("Wait for Xero", "$.fetch.seconds", "Fetch"),
    }


def _making(steps: Mapping[str, Step], update: str, table: str, pace: Pace) -> State:
    """Chart and summary side by side. A summary is worth having, never worth waiting or failing for.

    Where the pulse asks for a model's words, the run's row says what became of that (AI-1).
    """
    facts = {**_RUN, "facts.$": "$.fetch.facts"}
    drawn = {**facts, "theme.$": "$.fetch.theme"}
    render = {"Render": {**function_task(steps["render"], pace), "Parameters": drawn, "End": True}}
    summarise = {
        "Summary wanted?": choice([{**equals("$.fetch.summary", "off"), "Next": "No summary"}], "Summarise"),
        "Summarise": {
            **function_task(steps["summarise"], pace),
            "Parameters": {**facts, "summary.$": "$.fetch.summary", "names_to_ai.$": "$.fetch.names_to_ai"},
            "ResultPath": "$.words",
            "Catch": [catch("No summary")],
            "Next": "Asked a model?",
        },
        "Asked a model?": choice([{**equals("$.fetch.summary", "ai"), "Next": "Note the summary"}], "Summarised"),
        "Note the summary": _noting(update, table, pace),
        "Summarised": {"Type": "Pass", "OutputPath": "$.words", "End": True},
        "No summary": {"Type": "Pass", "Result": {"summary": None}, "End": True},
    }
    return {
        "Make": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Render", "States": render},
                {"StartAt": "Summary wanted?", "States": summarise},
            ],
            "ResultSelector": {"rendered.$": "$[0]", "summarised.$": "$[1]"},
            "ResultPath": "$.made",
            "Catch": [catch("Broken")],
            "Next": "Deliver to each",
        }
    }


def _noting(update: str, table: str, pace: Pace) -> State:
    """The record of a written summary, or of why the computed one goes out: codes, hashes and the model's id."""
    record = {name: {"S.$": f"$.words.record.{name}"} for name in ("kind", "why", "model", "prompt_hash", "facts_hash")}
    return {
        **table_task(update, retries.of_table(pace)),
        "Parameters": {
            "TableName": table,
            "Key": _ROW,
            "ConditionExpression": "#execution = :me",
            "UpdateExpression": "SET #summary = :summary",
            "ExpressionAttributeNames": names("execution summary"),
            "ExpressionAttributeValues": {":me": _ME, ":summary": {"M": record}},
        },
        "ResultPath": None,
        "Catch": [catch("Summarised")],
        "Next": "Summarised",
    }


def _delivering(deliver: Step, pace: Pace) -> State:
    return {
        "Deliver to each": {
            "Type": "Map",
            "ItemsPath": "$.fetch.destinations",
            "ItemSelector": {
                **_RUN,
                "destination.$": "$$.Map.Item.Value.id",
                "facts.$": "$.fetch.facts",
                "chart.$": "$.made.rendered.chart",
                "details.$": "$.made.rendered.details",
                "summary.$": "$.made.summarised.summary",
                "waits": _COUNTER,
            },
            "MaxConcurrency": AT_ONCE,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "Deliver",
                "States": _one_delivery(deliver, pace),
            },
            "ResultPath": "$.deliveries",
            "Catch": [catch("Broken")],
            "Next": "Settle",
        }
    }


def _one_delivery(deliver: Step, pace: Pace) -> State:
    """One destination to its end, whatever that is: no error leaves it, so one dead destination stops no other.

    An error and an exhausted wait both end as unconfirmed: the machine cannot know what left before.
    """
    outcome, waiting = "$.delivery.outcome", equals("$.delivery.outcome", "wait")
    sent = equals("$.delivery.status", "sent")
    given = ("workspace", "pulse", "slot", "destination", "facts", "chart", "details", "summary")
    return {
        "Deliver": {
            **function_task(deliver, pace),
            "Parameters": {f"{name}.$": f"$.{name}" for name in given},
            "ResultPath": "$.delivery",
            "Catch": [catch("Interrupted")],
            "Next": "Delivered?",
        },
        "Delivered?": choice(
            [
                {**every(waiting, below("$.waits.n", pace.deliver_waits)), "Next": "Wait for the channel"},
                {**waiting, "Next": "Unconfirmed"},
                {**every(equals(outcome, "done"), sent, true("$.delivery.complete")), "Next": "Sent"},
                {**every(equals(outcome, "done"), sent), "Next": "Sent in part"},
                {**equals("$.delivery.status", "failed"), "Next": "Not sent"},
            ],
            "Unconfirmed",
        ),
        **wait("Wait for the channel", "$.delivery.seconds", "Deliver"),
        "Sent": _delivered("sent", "sent", None),
        "Sent in part": _delivered("partly_sent", "sent", "$.delivery.reason"),
        "Unconfirmed": _delivered("unconfirmed", "unconfirmed", "$.delivery.reason"),
        "Not sent": _delivered("failed", "failed", "$.delivery.reason"),
        "Interrupted": _delivered("unconfirmed", "unconfirmed", "$.error.Error"),
    }


def _delivered(end: str, status: str, reason: str | None) -> State:
    """How one destination ended: `end` for the machine, the reason unless all is well, the list entry for the row."""
    row = {
        "destination": {"S.$": "$.destination"},
        "status": {"S": status},
        "complete": {"BOOL": reason is None},
        "reason": {"S.$": reason} if reason else _NONE,
    }
    told = {"reason.$": reason} if reason else {}
    return {"Type": "Pass", "Parameters": {"end": end, **told, "row": {"M": row}}, "End": True}


def _settling() -> State:
    """Every way a run can end, each as the same {status, reason, seconds, deliveries} that Record writes."""
    ends = ("sent", "partly_sent", "unconfirmed", "failed")
    rows = "$.deliveries[*].row"
    first = "States.ArrayGetItem($.deliveries[*].reason, 0)"
    some = {end: true(f"$.any.{end}") for end in ends}
    reached = either(some["sent"], some["partly_sent"], some["unconfirmed"])
    flawed = either(some["partly_sent"], some["unconfirmed"], some["failed"])
    return {
        "Settle": {
            "Type": "Pass",
            "Parameters": {f"{end}.$": f"States.ArrayContains($.deliveries[*].end, '{end}')" for end in ends},
            "ResultPath": "$.any",
            "Next": "Settled?",
        },
        "Settled?": choice(
            [
                {**negation(reached), "Next": "None sent"},
                {**flawed, "Next": "Partly sent"},
            ],
            "All sent",
        ),
        "All sent": _ending("sent", _NONE, rows),
        "Partly sent": _ending("partly_sent", {"S.$": first}, rows),
        "None sent": _ending("failed", {"S.$": first}, rows),
        "Skipped": _ending("skipped", {"S.$": "$.fetch.reason"}),
        "Refused": _ending("failed", {"S.$": "$.fetch.reason"}),
        "Deferred": _ending("deferred", {"S.$": "$.fetch.reason"}, seconds="$.fetch.seconds"),
        "Unreadable": _ending("failed", {"S": "internal"}),
        "Broken": _ending("failed", {"S.$": "$.error.Error"}),
    }


def _ending(status: str, reason: State, rows: str | None = None, seconds: str | None = None) -> State:
    result: State = {
        "status": status,
        "reason": reason,
        "seconds": {"N.$": f"States.Format('{{}}', {seconds})"} if seconds else _NONE,
        **({"deliveries.$": rows} if rows else {"deliveries": []}),
    }
    return {"Type": "Pass", "Parameters": result, "ResultPath": "$.result", "Next": "Record"}


def _recording(update: str, table: str, pace: Pace) -> State:
    return {
        "Record": {
            **table_task(update, retries.of_table(pace)),
            "Parameters": {
                "TableName": table,
                "Key": _ROW,
                "ConditionExpression": "#execution = :me",
                "UpdateExpression": "SET #state = :state, #reason = :reason, #seconds = :seconds, "
                "#deliveries = :deliveries, #finished_at = :now, #gsi1pk = :ended",
                "ExpressionAttributeNames": names("execution state reason seconds deliveries finished_at gsi1pk"),
                "ExpressionAttributeValues": {
                    ":me": _ME,
                    ":now": _NOW,
                    ":state": {"S.$": "$.result.status"},
                    ":reason.$": "$.result.reason",
                    ":seconds.$": "$.result.seconds",
                    ":deliveries": {"L.$": "$.result.deliveries"},
                    # The activity reads the ended ones from there, by the instant at which each began.
                    ":ended": {"S.$": "States.Format('RUNS#{}', $.workspace)"},
                },
            },
            "ResultPath": None,
            "Catch": [catch("Unrecorded")],
            "Next": "Notify",
        },
        "Recorded?": choice([{**equals("$.result.status", "failed"), "Next": "Failed"}], "Done"),
        "Done": {"Type": "Succeed", "OutputPath": "$.result"},
        "Failed": {"Type": "Fail", "Error": "RunFailed", "CausePath": "$.result.reason.S"},
        "Unrecorded": {"Type": "Fail", "Error": "RunUnrecorded", "CausePath": "$.error.Error"},
    }


def _telling(notify: Step, pace: Pace) -> State:
    """What went wrong, or is well again, told to the owners. What cannot be told now is told by the daily pass."""
    return {
        "Notify": {
            **function_task(notify, pace),
            "Parameters": {**_RUN, "machine.$": "$$.StateMachine.Id"},
            "ResultPath": None,
            "Catch": [catch("Recorded?")],
            "Next": "Recorded?",
        }
    }
