"""The edge: who may enter, what a state change must carry, what every answer has, and what a fault looks like."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ledgercast.web.app import App
from ledgercast.web.edge import Edge
from ledgercast.web.reply import Reply, json_reply, page, redirect, text
from ledgercast.web.visit import Visit
from tests.service.web.browser import Browser
from tests.service.web.world import World


@dataclass(frozen=True)
class Dependencies:
    edge: Edge


def small_app(world: World) -> App[Dependencies]:
    app: App[Dependencies] = App("test", lambda: Dependencies(world.edge))

    @app.route("GET", "/open", who="nobody")
    def opened(visit: Visit, deps: Dependencies) -> Reply:
        return page("problem.html.j2", title="Open", message="Anyone")

    @app.route("GET", "/sources/{connection}", who="member")
    def source(visit: Visit, deps: Dependencies) -> Reply:
        return text(visit.params["connection"])

    @app.route("POST", "/sources/{connection}/disconnect", who="owner")
    def change(visit: Visit, deps: Dependencies) -> Reply:
        return redirect(f"/sources/{visit.params['connection']}")

    @app.route("GET", "/api/v1/me", who="member")
    def me(visit: Visit, deps: Dependencies) -> Reply:
        return json_reply({"id": visit.signed_in.id})

    @app.route("POST", "/api/v1/pulses", who="member")
    def pulses(visit: Visit, deps: Dependencies) -> Reply:
        return json_reply(visit.json, 201)

    return app


@pytest.fixture
def person(edge_world: World) -> Browser:
    return edge_world.browser(small_app(edge_world).handle)


def test_a_stranger_is_led_to_sign_in_and_back(person: Browser) -> None:
    answer = person.get("/sources/xero-1")
    assert (answer.status, answer.location) == (303, "/sign-in?next=%2Fsources%2Fxero-1")
    assert person.get("/api/v1/me").status == 401


def test_a_member_enters_and_is_no_owner(person: Browser, edge_world: World) -> None:
    edge_world.sign_in(person, edge_world.member())
    assert person.get("/sources/xero-1").body == "xero-1"
    assert person.post("/sources/xero-1/disconnect").status == 403
    assert edge_world.acts() == ["access.denied forbidden"]


def test_an_owner_may_change_with_the_csrf_value_alone(person: Browser, edge_world: World) -> None:
    edge_world.sign_in(person, edge_world.member(role="owner"))
    assert person.post("/sources/xero-1/disconnect").location == "/sources/xero-1"
    assert person.post("/sources/xero-1/disconnect", csrf="").status == 403
    assert person.call("POST", "/api/v1/pulses", {"a": 1}).json == {"a": 1}
