"""A summary that a model writes, from the deployed machine to the thread and the mail, and what the run says of it."""

from __future__ import annotations

from dataclasses import replace

from ledgercast.domain.pulses import Pulse
from local.bedrock import MODEL, honest, invents
from tests.workflow.real.conftest import World

LABEL = f"Written by AI ({MODEL}), every figure checked against the facts"


def asking(world: World) -> Pulse:
    pulse = world.pulse()
    return world.system.pulses.store.save(replace(pulse, summary="ai"), pulse.version)


def test_words_that_stand_the_check_go_out_with_their_writers_name(world: World) -> None:
    """AI-1"""
    world.system.model.behaviour = honest
    pulse = asking(world)

    run = world.run(pulse)

    assert run.row["state"] == "sent"
    assert (run.row["summary"]["kind"], run.row["summary"]["why"], run.row["summary"]["model"]) == ("ai", "", MODEL)
    assert len(run.row["summary"]["prompt_hash"]) == len(run.row["summary"]["facts_hash"]) == 64
    assert [one for one in world.replies(pulse) if LABEL in str(one.blocks)]
    letters = [one.raw for one in world.runtime.mail() if one.to[0] in world.readers(pulse)]
    assert len(letters) == 2
    assert all("Written by AI" in letter for letter in letters)


def test_an_invented_figure_goes_to_nobody_and_the_run_says_so(world: World) -> None:
    """AI-1"""
    world.system.model.behaviour = invents
    pulse = asking(world)

    run = world.run(pulse)

    assert run.row["state"] == "sent"
    assert (run.row["summary"]["kind"], run.row["summary"]["why"]) == ("template", "summary.figure")
    assert "123,456.78" not in str([one.blocks for one in world.replies(pulse)])
    assert not [one for one in world.replies(pulse) if "Written by AI" in str(one.blocks)]
