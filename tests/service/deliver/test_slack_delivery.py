"""A run's chart in a Slack channel: what is posted, in which order, and what each of Slack's answers leads to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledgercast.slack.errors import instruction
from local.slack.faults import UPLOAD, Fault
from local.slack.server import CHANNEL
from tests.service.deliver.world import World
from tests.unit.deliver.samples import EMPTY_FACTS, PNG

POST = "chat.postMessage"
PLAIN_NOES = ["channel_not_found", "token_revoked", "missing_scope", "invalid_blocks"]


def test_the_chart_is_posted_with_its_summary_and_numbers_in_the_thread(world: World) -> None:
    answer = world.finish()

    assert (answer["status"], answer["complete"], answer["reason"]) == ("sent", True, None)
    main, summary, table = world.slack.messages
    image = next(block for block in main.blocks if block["type"] == "image")
    assert world.slack.files[image["slack_file"]["id"]].data == PNG
    assert image["alt_text"].startswith("Line chart: Revenue (Monthly)")
    assert main.thread_ts is None
    assert summary.thread_ts == table.thread_ts == main.ts
    assert "£55,070.10" in summary.blocks[0]["text"]["text"]
    assert table.blocks[0]["text"]["text"].startswith("```\nMonth")


def test_an_image_that_is_not_processed_yet_is_waited_for_and_uploaded_once(world: World) -> None:
    first = world.ask()
    assert first == {"outcome": "wait", "seconds": 2, "reason": "slack.file_not_processed"}
    assert world.slack.messages == []

    assert world.finish()["complete"]
    assert len(world.slack.files) == 1


def test_an_image_that_is_never_processed_ends_as_failed(world: World) -> None:
    world.slack.workspace.processing.asks = 10_000
    world.slack.workspace.processing.seconds = 10_000

    answer = world.finish()

    assert (answer["status"], answer["reason"]) == ("failed", "slack.file_not_processed")
    assert world.slack.messages == []


def test_asked_again_after_its_end_it_delivers_nothing_new_rl_1(world: World) -> None:
    world.finish()
    calls = len(world.slack.calls)

    again = world.ask()

    assert again["status"] == "sent"
    assert len(world.slack.messages) == 3
    assert len(world.slack.calls) == calls


def test_no_activity_is_said_in_words_and_never_drawn_rl_5(world: World) -> None:
    world.seed(EMPTY_FACTS, with_summary=False)

    assert world.finish()["complete"]

    (message,) = world.slack.messages
    assert "No activity" in message.blocks[1]["text"]["text"]
    assert not [block for block in message.blocks if block["type"] == "image"]
    assert world.slack.files == {}


def test_figures_without_a_chart_are_not_delivered_rl_5(world: World) -> None:
    world.keys["chart"] = None

    assert world.ask()["reason"] == "artefact.missing"
    assert world.slack.calls == []


def test_a_channel_that_is_not_on_the_list_is_refused_and_noted_dl_1(world: World) -> None:
    world.have.state.save_settings(world.workspace, {"own_channels": False})

    answer = world.ask()

    assert (answer["status"], answer["reason"]) == ("failed", "deliver.not_allowed")
    assert world.slack.calls == []
    assert world.words() == ["message 0 outcome refused"]


@pytest.mark.parametrize("allowed", [[], [CHANNEL]])
def test_a_channel_that_another_company_shares_since_it_was_chosen_gets_nothing_dl_1(
    world: World, allowed: list[str]
) -> None:
    """That it was allowed as the workspace's own says nothing of what it is now."""
    world.have.state.save_settings(world.workspace, {"slack_channels": allowed})
    world.slack.channels[CHANNEL].shared = True

    answer = world.finish()

    assert (answer["status"], answer["reason"]) == ("failed", "deliver.shared_channel")
    assert world.slack.messages == [] and world.slack.files == {}
    assert "message 0 outcome refused" in world.words()


@pytest.mark.parametrize(("changes", "sent"), [({"invited": True}, False), ({"org_shared": True}, True)])
def test_an_invitation_counts_as_sharing_and_another_workspace_of_the_company_does_not_dl_1(
    world: World, changes: dict[str, bool], sent: bool
) -> None:
    for name, value in changes.items():
        setattr(world.slack.channels[CHANNEL], name, value)

    assert world.finish()["complete"] == sent


def test_a_shared_channel_that_an_owner_confirmed_is_written_to(world: World) -> None:
    world.have.state.save_settings(world.workspace, {"slack_channels": [CHANNEL], "shared_channels": [CHANNEL]})
    world.slack.channels[CHANNEL].shared = True

    assert world.finish()["complete"]


def test_what_is_shared_between_the_chart_and_its_replies_gets_no_more_of_them_dl_1(world: World) -> None:
    world.slack.faults.add(Fault(POST, "limited", seconds=7, skip=1))
    world.ask()
    world.clock.advance(2)
    world.ask()
    world.clock.advance(7)
    world.slack.channels[CHANNEL].shared = True

    answer = world.ask()

    assert answer["parts"] == {"message": "sent", "summary": "failed", "table": "failed"}
    assert answer["reason"] == "deliver.shared_channel"
    assert len(world.slack.messages) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"archived": True}, "slack.is_archived"),
        ({"private": True, "member": False}, "slack.channel_not_found"),
    ],
)
def test_a_channel_that_is_closed_by_now_is_found_out_before_anything_is_uploaded(
    world: World, changes: dict[str, bool], reason: str
) -> None:
    for name, value in changes.items():
        setattr(world.slack.channels[CHANNEL], name, value)

    assert world.finish()["reason"] == reason
    assert world.slack.files == {}


@pytest.mark.parametrize("fault", [{"kind": "limited", "seconds": 3}, {"kind": "status"}, {"kind": "drop"}])
def test_while_slack_does_not_tell_of_the_channel_nothing_is_sent_and_then_it_goes_on_dl_1(
    world: World, fault: dict[str, Any]
) -> None:
    world.slack.faults.add(Fault("conversations.info", **fault))

    assert world.ask()["outcome"] == "wait"
    assert world.slack.files == {}
    assert world.finish()["complete"]


@pytest.mark.parametrize("fault", [{"kind": "limited", "seconds": 3}, {"kind": "status"}, {"kind": "garbage"}])
def test_when_slack_never_tells_of_the_channel_the_end_is_a_no_dl_1(world: World, fault: dict[str, Any]) -> None:
    world.slack.faults.add(Fault("conversations.info", times=100, **fault))

    answer = world.finish()

    assert answer["status"] == "failed"
    assert answer["reason"] in ("slack.unreachable", "slack.ratelimited")
    assert world.slack.messages == [] and world.slack.files == {}


def test_the_channel_is_asked_about_once_an_invocation(world: World) -> None:
    world.finish()

    assert sum(call.method == "conversations.info" for call in world.slack.calls) == 2


def test_a_public_channel_is_joined_before_posting(world: World) -> None:
    world.slack.channels[CHANNEL].member = False

    assert world.finish()["complete"]
    assert world.slack.channels[CHANNEL].member


@pytest.mark.parametrize("error", PLAIN_NOES)
def test_a_plain_no_of_slacks_is_known_not_sent_and_told_with_its_instruction_dl_2(world: World, error: str) -> None:
    world.slack.faults.add(Fault(POST, "error", error=error))

    answer = world.finish()

    assert (answer["status"], answer["complete"]) == ("failed", False)
    assert answer["reason"] == f"slack.{error}"
    assert instruction(answer["reason"])
    assert world.slack.messages == []
    assert "message 1 outcome failed" in world.words()


def test_a_plain_no_may_be_tried_again_by_a_resumed_run(world: World) -> None:
    world.slack.faults.add(Fault(POST, "error", error="restricted_action"))
    assert world.finish()["reason"] == "slack.restricted_action"

    assert world.finish()["complete"]

    assert len(world.slack.messages) == 3
    assert {"message 1 outcome failed", "message 2 outcome sent"} <= set(world.words())


def test_a_revoked_token_fails_before_the_upload(world: World) -> None:
    world.slack.workspace.revoked = True

    assert world.ask()["reason"] == "slack.token_revoked"


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", UPLOAD, "files.completeUploadExternal", "files.info"])
@pytest.mark.parametrize("fault", [{"kind": "status"}, {"kind": "drop"}, {"kind": "drop", "after": True}])
def test_a_fault_while_uploading_is_waited_out_for_nobody_sees_an_upload(
    world: World, method: str, fault: dict[str, object]
) -> None:
    world.slack.faults.add(Fault(method, **fault))  # type: ignore[arg-type]

    assert world.finish()["complete"]
    assert len(world.slack.messages) == 3


def test_a_limit_is_waited_for_as_long_as_slack_asks_and_nothing_is_lost(world: World) -> None:
    world.slack.faults.add(Fault(POST, "limited", seconds=7, skip=1))
    world.ask()
    world.clock.advance(2)

    assert world.ask() == {"outcome": "wait", "seconds": 7, "reason": "slack.ratelimited"}
    world.clock.advance(7)
    assert world.ask()["complete"]
    assert "summary 1 outcome not_sent" in world.words()
    assert len(world.slack.messages) == 3


def test_a_limit_that_goes_on_ends_as_a_plain_no(world: World) -> None:
    world.slack.faults.add(Fault(POST, "limited", times=100))

    answer = world.finish()

    assert (answer["status"], answer["reason"]) == ("failed", "slack.ratelimited")


def test_parts_that_are_put_off_again_and_again_spread_ever_wider(world: World) -> None:
    asked: list[int] = []
    desk = replace(world.have.desk, jitter=lambda most: asked.append(most) or 0)  # type: ignore[func-returns-value]
    world.slack.faults.add(Fault(POST, "limited", times=6))

    assert world.with_(desk=desk).finish()["complete"]
    assert asked == [3, 6, 12, 24, 30, 30]


def test_an_unreasonable_wait_is_bounded(world: World) -> None:
    world.slack.faults.add(Fault(POST, "limited", seconds=86_400))
    world.ask()
    world.clock.advance(2)

    assert world.ask()["seconds"] == 60


def test_a_failed_reply_makes_the_delivery_incomplete_but_sent_rl_3(world: World) -> None:
    world.slack.faults.add(Fault(POST, "error", error="restricted_action", skip=1))

    answer = world.finish()

    assert (answer["status"], answer["complete"]) == ("sent", False)
    assert answer["reason"] == "slack.restricted_action"
    assert answer["parts"] == {"message": "sent", "summary": "failed", "table": "sent"}


def test_replies_are_not_tried_where_the_message_failed_and_their_state_is_told(world: World) -> None:
    world.slack.faults.add(Fault(POST, "error", error="is_archived"))

    answer = world.finish()

    assert answer["parts"] == {"message": "failed", "summary": "failed", "table": "failed"}
    assert answer["reason"] == "slack.is_archived"
    assert "table 0 outcome failed" in world.words()
    assert sum(call.method == POST for call in world.slack.calls) == 1


def test_a_destination_that_is_gone_fails_alone(world: World) -> None:
    assert world.ask("d-none")["reason"] == "deliver.no_destination"


def test_an_install_that_is_gone_fails_with_its_instruction(world: World) -> None:
    world.state_table.delete(f"WS#{world.workspace}", "SLACK#T1")

    assert world.ask()["reason"] == "slack.not_installed"


def test_every_attempt_and_outcome_lies_in_the_ledger_with_hashes_and_times_dl_4(world: World) -> None:
    world.finish()

    rows = {(row["part"], row["kind"]): row for row in world.rows()}
    attempt, outcome = rows["message", "attempt"], rows["message", "outcome"]
    assert attempt["target"] == CHANNEL
    assert len(attempt["content"]) == 64
    assert attempt["at"].startswith("2026-11-25T09:00:")
    assert outcome["receipt"] == world.slack.messages[0].ts
    assert attempt["ttl"] > world.clock().timestamp() + 365 * 86_400
    since = world.have.desk.ledger.since(world.workspace, world.clock())
    assert {row["part"] for row in since} == {"message", "summary", "table"}


def test_what_was_sent_stays_readable(world: World) -> None:
    world.finish()

    kept = world.have.artefacts.get_json(world.job("d-slack").sent_key("message", 1, "json"))
    assert kept["blocks"] == world.slack.messages[0].blocks
    assert kept["file"]["name"] == "revenue-2026-11-25.png"
