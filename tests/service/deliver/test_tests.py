"""What somebody sends to try a pulse out says so wherever it is read first; a regular run never does."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from functions.deliver.deliver import deliver
from functions.deliver.job import Job
from tests.service.deliver.world import World

TEST_SLOT = "test-0a1b2c3d"


def finish(world: World, destination: str, slot: str) -> None:
    job = Job(**{**asdict(world.job(destination)), "slot": slot})
    for _ in range(5):
        answer = deliver(job, world.have, lambda: 100.0)
        if answer["outcome"] == "done":
            assert answer["complete"]
            return
        world.clock.advance(answer["seconds"])
    raise AssertionError("it goes on and on")


def test_a_tests_slack_message_says_so_in_its_title_its_notification_and_its_small_print(world: World) -> None:
    finish(world, "d-slack", TEST_SLOT)

    main = world.slack.messages[0]
    assert main.blocks[0]["text"]["text"] == "Test · Revenue (Monthly)"
    assert "Test · Revenue (Monthly)" in main.text
    assert "This is a test" in main.blocks[-1]["elements"][0]["text"]
    assert [one.name for one in world.slack.files.values()] == ["revenue-test.png"]


def test_a_tests_mail_says_so_in_its_subject_its_first_line_and_above_the_figures(world: World) -> None:
    finish(world, "d-mail", TEST_SLOT)

    mail = world.mails()[0]
    assert str(mail["Subject"]).startswith("Test · Revenue (Monthly)")
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text and html
    assert text.get_content().startswith("This is a test")
    assert html.get_content().index("This is a test") < html.get_content().index("<h1")


@pytest.mark.parametrize("slot", ["2026-11-25T09:00:00Z", "now-0a1b", "latest-test-1"])
def test_a_regular_run_is_never_called_a_test(world: World, slot: str) -> None:
    finish(world, "d-slack", slot)
    finish(world, "d-mail", slot)

    for message in world.slack.messages:
        assert "Test ·" not in repr(message.blocks) and "This is a test" not in repr(message.blocks)
    for mail in world.mails():
        assert "test" not in str(mail["Subject"]).casefold()
