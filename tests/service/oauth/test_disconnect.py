"""Ending a connection: at Xero, here, and with the last one its tokens; whatever fails (OA-6)."""

from __future__ import annotations

from typing import Any

import pytest

from functions.fetch.run import fetch
from ledgercast.domain.connections import GRANT_ENDED
from ledgercast.domain.pulses import Pulse
from ledgercast.domain.streams import Route
from ledgercast.keeping import Keeping
from ledgercast.store.artefacts import Artefacts
from ledgercast.store.pulses import PulseStore
from ledgercast.store.state import StateStore
from ledgercast.store.streams import RouteStore
from tests.service.oauth.test_xero_connect import consent_to
from tests.service.oauth.world import BUCKET, Place
from tests.service.pulses.keeping import keep
from tests.service.web.browser import Answer, Browser


@pytest.fixture
def owner(here: Place) -> Browser:
    """Connected two organisations by one consent."""
    browser = here.owner()
    consent_to(here, 0, 1)
    here.connect(browser)
    here.xero.calls.clear()
    return browser


def disconnect(here: Place, browser: Browser, number: int = 0) -> Answer:
    return browser.post(f"/sources/{here.connection(number).id}/disconnect")


def at_xero(here: Place) -> list[str]:
    return [one.organisation.name for one in here.xero.identity.connections]


def kept(here: Place) -> list[str]:
    listed = here.session.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return [str(one["Key"]) for one in listed]


def test_one_organisation_is_taken_away_and_the_other_goes_on(here: Place, owner: Browser) -> None:
    """DELETE of the connection, never a revocation, which would end both."""
    answer = disconnect(here, owner)
    assert (answer.status, answer.location) == (303, "/sources?done=disconnected")
    assert [f"{call.method} {call.path.split('/')[1]}" for call in here.xero.calls] == ["DELETE connections"]
    assert at_xero(here) == ["Upland Joinery"]
    gone = here.connection(0)
    assert (gone.state, gone.held_reason, gone.delete_pending) == ("disconnected", "disconnect.here", False)
    assert here.works(1)
    assert len(here.secrets()) == 1
    assert here.web.acts()[-1] == "xero.disconnected ok"


def test_the_last_one_takes_the_tokens_with_it(here: Place, owner: Browser) -> None:
    grant = here.connection().grant
    disconnect(here, owner, 0)
    disconnect(here, owner, 1)
    assert at_xero(here) == []
    assert here.secrets() == []
    assert here.web.state.get("WS#main", f"GRANT#{grant}") is None


def test_what_was_kept_of_its_books_is_deleted_and_nothing_else(here: Place, owner: Browser) -> None:
    artefacts = Artefacts(here.session.client("s3"), BUCKET)
    mine, neighbour = here.connection(0).id, here.connection(1).id
    for key in (f"snapshots/main/{mine}/a.json", f"snapshots/main/{mine}/b.json", f"snapshots/main/{mine}9/c.json"):
        artefacts.put_json(key, {})
    artefacts.put_json(f"snapshots/main/{neighbour}/d.json", {})
    artefacts.put_json(f"previews/main/{mine}/revenue.json", {})
    disconnect(here, owner)
    assert kept(here) == [
        *sorted((f"snapshots/main/{neighbour}/d.json", f"snapshots/main/{mine}9/c.json")),
    ]


def test_what_was_sent_of_its_books_is_deleted_with_it(here: Place, owner: Browser) -> None:
    """Product: deletion on disconnect. A pulse that was another organisation's too keeps what it sent of that."""
    artefacts = Artefacts(here.session.client("s3"), BUCKET)
    mine, neighbour = here.connection(0).id, here.connection(1).id
    for pulse, connection, state in (
        ("mine", mine, "active"),
        ("theirs", neighbour, "active"),
        ("gone", mine, "deleted"),
    ):
        keep(here.web.state, Pulse(pulse, "revenue", connection, (), "off", state, {}))  # type: ignore[arg-type]
    RouteStore(here.web.state).create(Route("r-1", mine, "C1", "T1", "finance", ("invoice.created",)))
    for pulse, slot, connection in (
        ("mine", "a", mine),
        ("mine", "b", ""),
        ("theirs", "a", neighbour),
        ("theirs", "b", mine),
        ("gone", "a", mine),
    ):
        row = {"state": "sent", "started_at": "2026", "connection": connection}
        here.web.state.put({"pk": f"WS#main#PULSE#{pulse}", "sk": f"RUN#{slot}", **row})
        artefacts.put_json(f"runs/main/{pulse}/{slot}/facts.json", {})
    artefacts.put_json("runs/main/stream-r-1/b/message.json", {})
    artefacts.put_json("runs/main/stream-r-2/b/message.json", {})
    disconnect(here, owner)
    assert kept(here) == ["runs/main/stream-r-2/b/message.json", "runs/main/theirs/a/facts.json"]


def test_what_takes_too_long_to_delete_is_left_to_the_daily_pass(here: Place, owner: Browser) -> None:
    bucket = Artefacts(here.session.client("s3"), BUCKET)
    bucket.put_json(f"snapshots/main/{here.connection().id}/a.json", {})
    side = here.deps.xero()
    side.disconnects._keeping = Keeping(here.web.state, bucket, lambda: True)
    object.__setattr__(here.deps, "xero", lambda: side)
    assert disconnect(here, owner).location == "/sources?done=pending"
    assert here.connection().delete_pending and kept(here)
    side.disconnects._keeping = Keeping(here.web.state, bucket)
    assert side.disconnects.finish(here.connection().id) == "ok"
    assert kept(here) == []


def test_gone_already_at_xero_is_as_good(here: Place, owner: Browser) -> None:
    here.xero.identity.connections.clear()
    assert disconnect(here, owner).location == "/sources?done=disconnected"
    assert not here.connection().delete_pending


@pytest.mark.parametrize("status", [500, 503, 429, 400, 403])
def test_a_failing_call_does_not_keep_it_connected_and_is_made_good_later(
    here: Place, owner: Browser, status: int
) -> None:
    """OA-6: the local disconnect is done, the tokens stay for the retry, which ends it all."""
    disconnect(here, owner, 1)
    here.xero.faults.answer("DELETE /connections", status)
    assert disconnect(here, owner).location == "/sources?done=pending"
    connection = here.connection()
    assert (connection.state, connection.delete_pending) == ("disconnected", True)
    assert here.web.acts()[-1] == "xero.disconnected pending"
    assert len(here.secrets()) == 1
    assert at_xero(here) == ["Harbour Tiles"]
    assert here.side().disconnects.finish(connection.id) == "ok"
    assert not here.connection().delete_pending
    assert at_xero(here) == []
    assert here.secrets() == []


def test_an_access_token_that_xero_refuses_is_renewed_for_it(here: Place, owner: Browser) -> None:
    here.xero.faults.answer("DELETE /connections", 401)
    assert disconnect(here, owner).location == "/sources?done=disconnected"
    assert at_xero(here) == ["Upland Joinery"]


def test_a_store_that_fails_leaves_the_rest_to_be_made_good(here: Place, owner: Browser) -> None:
    real = here.deps.xero().disconnects

    class NoBucket:
        def forget_connection(self, connection: str) -> None:
            raise OSError("canary")

    side = here.deps.xero()
    side.disconnects._keeping = NoBucket()
    object.__setattr__(here.deps, "xero", lambda: side)
    assert disconnect(here, owner).location == "/sources?done=pending"
    assert here.connection().state == "disconnected"
    assert real.finish(here.connection().id) == "ok"
    assert not here.connection().delete_pending


def test_a_consent_that_ended_leaves_the_organisation_to_xero(here: Place, owner: Browser) -> None:
    """Nobody can delete it there by dead tokens: that is said, and the tokens go."""
    here.xero.identity.forget_tokens()
    here.web.clock.advance(minutes=31)
    for number in (0, 1):
        here.connections.disconnect(here.connection(number).id, GRANT_ENDED)
    assert disconnect(here, owner).location == "/sources?done=left_at_xero"
    assert here.secrets() == []
    assert not here.connection().delete_pending


def test_a_second_disconnect_changes_nothing(here: Place, owner: Browser) -> None:
    disconnect(here, owner)
    here.xero.calls.clear()
    assert disconnect(here, owner).location == "/sources?done=disconnected"
    assert here.xero.calls == []


def test_reconnected_meanwhile_is_not_taken_away_by_the_retry(here: Place, owner: Browser) -> None:
    here.xero.faults.answer("DELETE /connections", 500)
    disconnect(here, owner)
    consent_to(here, 0)
    answer = here.connect(owner, f"/oauth/xero/start?connection={here.connection().id}")
    assert answer.location == f"/sources/{here.connection().id}?done=reconnected"
    assert here.side().disconnects.finish(here.connection().id) == "ok"
    assert here.connection().state == "connected"
    assert "Harbour Tiles" in at_xero(here)


def test_its_pulses_ask_xero_nothing_and_go_on_by_themselves_after_a_reconnect(here: Place, owner: Browser) -> None:
    """OA-6, TK-3: the connection's state alone holds them."""
    state = StateStore(here.web.state)
    PulseStore(here.web.state).create(Pulse("p", "revenue", here.connection().id, (), "off", "active", {}))
    event = {"workspace": "main", "pulse": "p", "slot": "2026-11-25T09:00:00Z"}

    def never(*_: Any) -> Any:
        raise AssertionError("Xero would be asked")

    disconnect(here, owner)
    outcome = fetch(event, state, Artefacts(here.session.client("s3"), BUCKET), never, here.web.clock)
    assert outcome["outcome"] in ("skip", "failed")
    consent_to(here, 0)
    here.connect(owner)
    with pytest.raises(AssertionError, match="Xero would be asked"):
        fetch(event, state, Artefacts(here.session.client("s3"), BUCKET), never, here.web.clock)


def test_an_owner_or_who_connected_it_may_and_nobody_else(here: Place, owner: Browser) -> None:
    ada, bob = here.person("ada@example.com"), here.person("bob@example.com")
    consent_to(here, 2)
    here.connect(ada)
    assert disconnect(here, bob, 2).status == 403
    assert disconnect(here, ada, 0).status == 403
    assert here.web.acts()[-1] == "access.denied forbidden"
    assert here.connection(0).state == here.connection(2).state == "connected"
    assert disconnect(here, ada, 2).location == "/sources?done=disconnected"
    assert disconnect(here, owner, 1).location == "/sources?done=disconnected"


def test_without_the_forms_value_or_from_elsewhere_nothing_happens(here: Place, owner: Browser) -> None:
    """SE-2."""
    target = f"/sources/{here.connection().id}/disconnect"
    assert owner.post(target, csrf="").status == 403
    assert owner.get(target).status == 405
    assert here.web.browser(here.app.handle).post(target).status == 303
    assert here.connection().state == "connected"


@pytest.mark.parametrize("connection", ["x-0", "..", "x" * 81, "%00"])
def test_an_unknown_connection_is_not_found(here: Place, owner: Browser, connection: str) -> None:
    assert owner.post(f"/sources/{connection}/disconnect").status == 404
