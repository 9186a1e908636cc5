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

    _odd_routes(app)
    return app


def _odd_routes(app: App[Dependencies]) -> None:
    """Handlers that meet what goes wrong."""

    @app.route("POST", "/typed", who="member")
    @app.route("POST", "/api/v1/typed", who="member")
    def typed(visit: Visit, deps: Dependencies) -> Reply:
        return text(visit.field("name", 5, label="Name"))

    @app.route("POST", "/rotate", who="link")
    def rotate(visit: Visit, deps: Dependencies) -> Reply:
        shown = page("second_factor.html.j2", next="/")
        return shown.with_session(*deps.edge.sessions.rotate(visit.own_session))

    @app.route("POST", "/raced", who="link")
    def raced(visit: Visit, deps: Dependencies) -> Reply:
        deps.edge.sessions.end(visit.own_session)
        return redirect("/").with_session(*deps.edge.sessions.rotate(visit.own_session))

    @app.route("GET", "/broken", who="nobody")
    def broken(visit: Visit, deps: Dependencies) -> Reply:
        return page("problem.html.j2", title="lacks its message")

    @app.route("GET", "/away", who="nobody")
    def away(visit: Visit, deps: Dependencies) -> Reply:
        return redirect(visit.query["to"])


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


def test_head_is_answered_as_get_without_the_body(person: Browser) -> None:
    answer = person.send("HEAD", "/open")
    assert (answer.status, answer.body) == (200, "")


def test_a_session_without_its_second_factor_is_led_to_its_form_and_the_api_says_so(
    person: Browser, edge_world: World
) -> None:
    member = edge_world.member(role="owner")
    edge_world.edge.members.update(member.id, {"totp": "on"})
    value, session = edge_world.edge.sessions.start(edge_world.edge.members.get(member.id) or member)
    person.cookies["__Host-session"], person.csrf = value, session.csrf
    assert person.get("/sources/xero-1").location == "/sign-in?next=%2Fsources%2Fxero-1"
    answer = person.get("/api/v1/me")
    assert (answer.status, answer.json["error"]["code"]) == (403, "second_factor_required")


def test_a_session_older_than_the_second_factor_does_not_stand_in_for_it_oa_3(
    person: Browser, edge_world: World
) -> None:
    # given a full session of a member without the second factor
    member = edge_world.member()
    edge_world.sign_in(person, member)
    assert person.get("/sources/xero-1").status == 200
    # when the second factor is turned on elsewhere
    edge_world.edge.members.update(member.id, {"totp": "on"})
    # then this session has to pass it
    assert person.get("/sources/xero-1").location.startswith("/sign-in")


def test_the_page_of_a_rotated_session_carries_the_new_csrf_value_se_1(person: Browser, edge_world: World) -> None:
    edge_world.sign_in(person, edge_world.member())
    before = person.csrf
    answer = person.post("/rotate")
    assert answer.status == 200
    assert person.csrf != before
    assert person.post("/typed", name="Ada").body == "Ada"


def test_who_loses_the_race_of_two_rotations_signs_in_again_se_1(person: Browser, edge_world: World) -> None:
    edge_world.sign_in(person, edge_world.member())
    assert person.post("/raced").location == "/sign-in"
    assert "__Host-session" not in person.cookies


@pytest.mark.parametrize("name", ["", "Augusta", "A\x00a", "A\nb"])
def test_a_field_that_does_not_fit_is_told_in_words(person: Browser, edge_world: World, name: str) -> None:
    edge_world.sign_in(person, edge_world.member())
    answer = person.post("/typed", name=name)
    assert answer.status == 422
    assert "Name: " in answer.body


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"{}", "application/json; charset=utf-8", 201),
    ],
)
def test_the_api_takes_json_alone_and_answers_with_its_errors(
    person: Browser, edge_world: World, body: bytes, kind: str, status: int
) -> None:
    edge_world.sign_in(person, edge_world.member())
    headers = {"content-type": kind, "x-csrf-token": person.csrf}
    answer = person.send("POST", "/api/v1/pulses", body=body, headers=headers)
    assert answer.status == status
    assert status == 201 or set(answer.json["error"]) == {"code", "message"}


def test_a_page_that_cannot_be_rendered_is_a_fault_with_an_id_lg_3(person: Browser) -> None:
    answer = person.get("/broken")
    assert answer.status == 500
    assert "Error " in answer.body and "lacks" not in answer.body


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/%0d%0aLocation:%20https://evil.example"])
def test_a_handler_that_forgot_to_check_where_to_still_leads_nowhere_else_oa_2(person: Browser, to: str) -> None:
    answer = person.get(f"/away?to={to}")
    assert answer.status == 500
    assert not answer.location


def test_cookies_without_the_prefix_are_none_in_a_deployment_se_2(person: Browser, edge_world: World) -> None:
    edge_world.sign_in(person, edge_world.member())
    person.cookies["session"] = person.cookies.pop("__Host-session")
    assert person.get("/sources/xero-1").location.startswith("/sign-in")
