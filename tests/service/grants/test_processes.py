"""TK-1 and TK-2 among real processes: forked after import, over real connections, killed without time to tidy up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledgercast.domain.errors import GrantDisconnected
from ledgercast.xero.grants import LEASE_SECONDS
from tests.service.grants.callers import told
from tests.service.grants.conftest import WORKSPACE
from tests.service.grants.processes import Processes, processes

CROWD = 50


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Processes]:
    with processes(tmp_path) as made:
        yield made


def test_fifty_processes_at_once_make_one_token_call(there: Processes) -> None:
    """TK-1. Xero's answer is held back until every other process has been told to come again."""
    grant = there.expired_grant()
    there.place(grant)
    gate = there.world.sandbox.faults.hold("/connect/token")
    there.order(f"crowd {CROWD} {there.now}")
    assert [there.line() for _ in range(CROWD - 1)] == [{"busy": True}] * (CROWD - 1)
    gate.set()
    [winner] = [there.line()["token"]]
    there.order("go")
    assert there.lines() == [{"again": winner}] * CROWD
    assert there.world.token_calls() == 1
    assert told(there.world.grants().access_token(WORKSPACE, grant)) == winner


def test_a_process_killed_at_any_line_of_a_refresh_is_healed(there: Processes) -> None:
    """TK-2. Inside Xero's grace always; at any later time wherever the new refresh token was saved, or never asked
    for. Only an answer that was lost before it could be saved is the end after the grace: Xero's own rule."""
    world, ends = there.world, {"in the grace": 0, "later": 0, "lost": 0}
    for at, lines in _until_nothing_is_left(there, "die"):
        asked, _ = killed(there, at)
        world.clock.advance(seconds=LEASE_SECONDS + 1)
        assert heals(there), f"line {at}"
        ends["in the grace"] += lines
        if not asked:
            continue  # nothing has changed at Xero's, so that later is as good as soon
        _, saved = killed(there, at)
        world.clock.advance(hours=5)
        if saved:
            assert heals(there), f"line {at}"
        else:
            with pytest.raises(GrantDisconnected):
                heals(there)
        ends["later" if saved else "lost"] += lines
    assert ends["in the grace"] > 50
    assert ends["later"] > 15
    assert 0 < ends["lost"] < 10, "the window that nobody can close is a few lines wide"


def killed(there: Processes, at: int) -> tuple[bool, bool]:
    """A process that died before that line of a refresh: whether Xero was asked, and the answer saved."""
    world, grant = there.world, there.expired_grant()
    before = world.stored(grant)
    there.place(grant)
    assert there.run("die", at)[-1]["killed"]
    saved = world.store().newest_refresh_token(before) != world.store().refresh_token(before)
    return world.token_calls() == 1, saved


def heals(there: Processes) -> bool:
    grants = there.world.grants()
    [grant] = there.world.store().by_age(WORKSPACE)
    return there.world.accepts(grants.access_token(WORKSPACE, grant.id))


def test_a_process_killed_at_any_line_of_a_consent_leaves_no_token_that_nobody_knows_of(there: Processes) -> None:
    """A secret that no row names would live for sixty days; it is gone after a day, and the grant is usable or asks
    for a new consent."""
    world = there.world
    for at, _ in _until_nothing_is_left(there, "create"):
        grant = world.grants().create(WORKSPACE, world.consent())
        there.place(grant, world.consent())
        assert there.run("create", at)[-1]["killed"]
        world.clock.advance(hours=25)
        world.store().sweep_secrets(WORKSPACE, there.now - 24 * 3600)
        kept = [one["ARN"] for one in world.secrets.list_secrets()["SecretList"]]
        assert kept == [world.stored(grant).secret], f"line {at}"
        again = world.grants().create(WORKSPACE, world.consent())
        assert again == grant
        assert world.accepts(world.grants().access_token(WORKSPACE, grant))


def _until_nothing_is_left(there: Processes, order: str) -> Iterator[tuple[int, int]]:
    """Every line of the work, as the first and the last of those between which nothing was sent: (line, how many lines
    it stands for). To be killed at one of them or at another is the same for all that is left, which is outside."""
    grant = there.expired_grant()
    there.place(grant, there.world.consent() if order == "create" else None)
    [sent_before] = [line["sent_before"] for line in there.run(order, 0) if "sent_before" in line]
    assert len(sent_before) > 30
    stretches: list[list[int]] = []
    for line, sent in enumerate(sent_before, 1):
        if not stretches or sent != sent_before[line - 2]:
            stretches.append([])
        stretches[-1].append(line)
    assert len(stretches) > 5
    for lines in stretches:
        yield lines[0], 1
        if lines[1:]:
            yield lines[-1], len(lines) - 1
