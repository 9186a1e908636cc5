"""Claims, notes and routes in the table: of two at once one wins, and what was said stands (WH-6)."""

from __future__ import annotations

from ledgercast.store.streams import Claim
from tests.service.streams.world import World

MINE, THEIRS = Claim("k", "me", 100), Claim("r/other", "them", 100)


def test_the_first_claim_wins_and_only_the_very_one_may_be_replaced(world: World) -> None:
    events, now = world.have.events, world.clock()

    assert events.claim("r", "k", MINE, now)
    assert events.claim("r", "k", MINE, now), "the store's own retry met its own row"
    assert not events.claim("r", "k", THEIRS, now)
    assert not events.claim("r", "k", THEIRS, now, instead_of=THEIRS)
    assert events.find("r", "k") == MINE and events.find("another", "k") is None
    assert events.claim("r", "k", THEIRS, now, instead_of=MINE)
    assert events.find("r", "k") == THEIRS


def test_what_a_list_stands_for_is_written_down_once(world: World) -> None:
    events, now = world.have.events, world.clock()

    assert events.post("r", "p") is None
    assert events.keep_post("r", "p", [{"a": 1}], now)
    assert events.keep_post("r", "p", [{"a": 1}], now)
    assert not events.keep_post("r", "p", [], now), "no grave for what was written down"
    assert events.post("r", "p") == [{"a": 1}]
    assert events.keep_post("r", "q", [], now)
    assert not events.keep_post("r", "q", [{"a": 1}], now), "nor a note on a grave"


def test_of_many_posts_those_that_ended_are_known(world: World) -> None:
    events = world.have.events
    for post in range(0, 250, 2):
        events.end("r", f"p{post}", world.clock())

    assert events.ended(("r", f"p{post}") for post in range(250)) == {("r", f"p{post}") for post in range(0, 250, 2)}
    assert events.ended([("another", "p0")]) == set()


def test_the_newest_posted_stands_whatever_comes_after(world: World) -> None:
    events, now = world.have.events, world.clock()
    for at in ("2026-11-25T09:41:02+00:00", "2026-11-25T09:41:02.500000+00:00", "2026-11-25T09:41:01+00:00"):
        events.posted("r", "d", at, now)
    assert events.newest("r", "d") == "2026-11-25T09:41:02.500000+00:00"


def test_everything_is_forgotten_after_35_days(world: World) -> None:
    """Xero replays up to 31 days."""
    events = world.have.events
    events.claim("r", "k", MINE, world.clock())
    world.clock.advance(35 * 86_400 - 1)
    assert events.find("r", "k")
    world.clock.advance(2)
    assert events.find("r", "k") is None


def test_a_route_is_made_read_noted_and_deleted_once(world: World) -> None:
    routes = world.have.routes
    first, second = world.route("x-1"), world.route("x-2", only="bills")

    assert routes.list() == [first, second] and routes.get(second.id) == second
    assert list(routes.of_connection("x-2")) == [second]
    assert not routes.create(first)
    routes.note(first.id, last_event_at=7, failing_reason="slack.is_archived")
    noted = routes.get(first.id)
    assert noted and (noted.last_event_at, noted.failing_reason) == (7, "slack.is_archived")
    assert routes.delete(first.id) and not routes.delete(first.id)
    assert routes.get(first.id) is None
