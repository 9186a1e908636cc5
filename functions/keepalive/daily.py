"""The daily pass: one round after another, none of which keeps another from its turn (design 6, 7, 9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from functions.keepalive.grants import GrantRound
from functions.keepalive.resets import Resets
from functions.keepalive.runs import MissedSlots, OldRuns, StuckRuns
from ledgercast.clock import Clock
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.errors import LedgercastError
from ledgercast.observability import logger
from ledgercast.pulses import Pulses
from ledgercast.store.artefacts import Unfinished
from ledgercast.store.connections import ConnectionStore
from ledgercast.store.grants import Grant, GrantStore
from ledgercast.xero.disconnect import Disconnects

log = logger("keepalive")

Work = Callable[[], int]

ENOUGH_SECONDS = 90.0
"""What one grant at Xero and the parts after it may take; with less time left the rest of the grants, and of what is to
be deleted, wait a day."""

ORPHANS_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Dependencies:
    grants: GrantStore
    connections: ConnectionStore
    disconnects: Disconnects
    round: GrantRound
    stuck: StuckRuns
    missed: MissedSlots
    resets: Resets
    pulses: Pulses
    old: OldRuns
    tell: Callable[[], int]
    now: Clock


class Unplanned(Exception):
    """Scheduler refused at least one pulse; the log names each."""


class Incomplete(Exception):
    """Something of the pass failed; its log says what. Lambda's own error, so that the alarm goes off."""


def daily(have: Dependencies, time_left: Callable[[], float]) -> dict[str, int]:
    """What was done, as counts. `time_left` in seconds. Raises Incomplete at the end, when all else is done."""
    done: Counter[str] = Counter()
    for part, work in _parts(have, time_left):
        try:
            done[part] += work()
        except LedgercastError as error:
            log.warning("a part of the pass was refused", extra={"part": part, "reason": error.code})
            done["refused"] += 1
        except Exception as fault:
            log.error("a part of the pass failed", extra={"part": part, "kind": type(fault).__name__})
            done["failed"] += 1
    log.info("the daily pass is over", extra=dict(done))
    if done["failed"]:
        raise Incomplete(f"{done['failed']} parts of the daily pass failed; the log names them")
    return dict(done)


def _parts(have: Dependencies, time_left: Callable[[], float]) -> Iterator[tuple[str, Work]]:
    """Each piece of work by its name: how much of it there was."""
    for connection in have.connections.list():
        if connection.delete_pending:
            yield "deleted", partial(_finish, have, connection.id)
    for grant in have.grants.by_age(WORKSPACE):
        yield ("grants", partial(_look_after, have, grant)) if time_left() > ENOUGH_SECONDS else ("left", lambda: 1)
    yield "secrets", partial(have.grants.sweep_secrets, WORKSPACE, int((have.now() - ORPHANS_AFTER).timestamp()))
    yield "runs", have.stuck.look_after
    yield "slots", have.missed.look_after
    yield "resets", have.resets.look_after
    yield "pulses", partial(_plan, have)
    yield "cleared", have.old.look_after
    yield "settled", partial(_settle, have)
    yield "told", have.tell


def _finish(have: Dependencies, connection: str) -> int:
    try:
        return have.disconnects.finish(connection) != "pending"
    except Unfinished:
        return 0


def _look_after(have: Dependencies, grant: Grant) -> int:
    outcome = have.round.look_after(grant)
    log.info("looked after a grant", extra={"grant": grant.id, "outcome": outcome})
    return 1


def _plan(have: Dependencies) -> int:
    """How many schedules were not as their pulse says. Raises Unplanned when all that could be done is done."""
    done = have.pulses.repair_all()
    if done.pop("failed", 0):
        raise Unplanned
    return sum(done.values())


def _settle(have: Dependencies) -> int:
    have.round.transitions.settle()
    return 0
