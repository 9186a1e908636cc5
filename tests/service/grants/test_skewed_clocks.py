"""Two processes whose clocks differ by more than the lease: both believe it theirs, and both ask Xero at once.

The lease cannot prevent it then, so what is stored must survive every order in which their steps can fall.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from ledgercast.domain.errors import RefreshInProgress
from ledgercast.xero.grants import LEASE_SECONDS, Grants
from tests.service.grants.conftest import WORKSPACE, World

AHEAD = timedelta(seconds=LEASE_SECONDS + 60)
STEPS = ("xero", "secret", "row")


def orders() -> Iterator[list[str]]:
    """Every way to weave the three steps of A into the three of B; both hold the lease before."""
    for places in combinations(range(6), 3):
        mine, theirs = iter(STEPS), iter(STEPS)
        yield ["A lease", "B lease", *(f"A {next(mine)}" if n in places else f"B {next(theirs)}" for n in range(6))]


class Turns:
    """Lets each step happen when it is its turn."""

    def __init__(self, order: list[str]) -> None:
        self._left = list(order)
        self._moved = threading.Condition()

    def __call__(self, step: str, act: Callable[[], Any]) -> Any:
        with self._moved:
            assert self._moved.wait_for(lambda: not self._left or self._left[0] == step, timeout=20), step
            try:
                return act()
            finally:
                if self._left:
                    self._left.pop(0)
                self._moved.notify_all()


def process(world: World, name: str, turns: Turns, now: Callable[[], datetime]) -> Grants:
    store, identity = world.store(), world.identity()

    def in_turn(owner: Any, method: str, step: str) -> None:
        real = getattr(owner, method)
        setattr(owner, method, lambda *given, **named: turns(f"{name} {step}", lambda: real(*given, **named)))

    in_turn(store, "lease", "lease")
    in_turn(identity, "refresh", "xero")
    in_turn(store, "save_refresh_token", "secret")
    in_turn(store, "save", "row")
    return Grants(store, identity, now)


@pytest.mark.parametrize("order", list(orders()), ids=lambda order: "-".join(step[0] + step[2] for step in order[2:]))
def test_no_order_of_two_refreshes_at_once_costs_the_grant(world: World, grant: str, order: list[str]) -> None:
    """TK-1, TK-3: both are given a token that Xero takes, and the grant lives on after the grace."""
    turns = Turns(order)
    behind = process(world, "A", turns, world.clock)
    ahead = process(world, "B", turns, lambda: world.clock() + AHEAD)

    def ask(grants: Grants) -> str:
        try:
            return grants.access_token(WORKSPACE, grant)
        except RefreshInProgress:
            return ""  # the one who lost may be told to come again

    with ThreadPoolExecutor(2) as pool:
        tokens = list(pool.map(ask, (behind, ahead)))

    assert any(tokens)
    assert all(world.accepts(token) for token in tokens if token)
    world.clock.advance(hours=3)
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))
    assert world.stored(grant).state == "connected"


def test_a_clock_that_is_behind_holds_nobody_off_for_longer_than_the_lease(world: World, grant: str) -> None:
    """TK-1: the holder wrote its end by its own clock."""
    late = Grants(world.store(), world.identity(), lambda: world.clock() - timedelta(minutes=2))
    assert world.accepts(late.access_token(WORKSPACE, grant))
    world.clock.advance(minutes=28)
    assert world.accepts(world.grants().access_token(WORKSPACE, grant))
