"""SE-2 and LG-3 over every route that a browser can reach, whichever function answers it."""

from __future__ import annotations

import importlib
import re
from typing import Any

import pytest

from ledgercast.domain.accounts import Member
from ledgercast.store.table import Table
from ledgercast.web.edge import Edge, WebSettings, edge
from ledgercast.web.routes import STATE_CHANGES, Route
from tests.service.web.browser import ORIGIN, Answer, Browser
from tests.service.web.sites import FUNCTIONS, deploy, every_route, site, target

ROUTES = every_route()
VISITORS = ("stranger", "link", "member", "owner")
ASSETS = "/assets/"
LOCAL_COOKIE = re.compile(r"__Host-[a-z_]+=[^;]*; Path=/(; Max-Age=\d+)?; Secure; HttpOnly; SameSite=Lax")


@pytest.fixture
def live(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Edge:
    deploy(monkeypatch)
    return edge(Table(dynamodb, "state"), Table(dynamodb, "ledger"), WebSettings(ORIGIN))


def visitor(live: Edge, name: str, kind: str) -> Browser:
    person = Browser(site(name).handle)
    if kind == "stranger":
        return person
    member = live.members.create(f"{kind}@example.com", "owner" if kind == "owner" else "member", "active", live.now())
    assert isinstance(member, Member)
    live.members.update(member.id, {"totp": "on"})
    value, session = live.sessions.start(live.members.get(member.id) or member, mfa=kind != "link")
    person.cookies["__Host-session"], person.csrf = value, session.csrf
    return person


def assert_safe(answer: Answer) -> None:
    headers = answer.headers
    policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"] and "script-src" not in policy
    assert policy["form-action"].startswith("'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert int(headers["Strict-Transport-Security"].split(";")[0].removeprefix("max-age=")) >= 31_536_000
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    for cookie in answer.cookies:
        assert LOCAL_COOKIE.fullmatch(cookie), cookie


@pytest.mark.parametrize(("name", "route"), ROUTES, ids=[f"{name} {route.key}" for name, route in ROUTES])
def test_every_answer_has_the_security_headers_and_no_visitor_breaks_a_route_se_2(
    live: Edge, name: str, route: Route
) -> None:
    for kind in VISITORS:
        answer = visitor(live, name, kind).send(route.method, target(route))
        assert_safe(answer)
        assert answer.status < 500, kind
        if not route.pattern.startswith(ASSETS) or answer.status != 200:
            assert answer.headers["Cache-Control"] == "no-store", kind
        if kind == "stranger" and route.who != "nobody":
            assert answer.status == 401 or answer.location.startswith("/sign-in")
        if kind == "link" and route.who in ("member", "owner"):
            assert answer.status == 403 or answer.location.startswith("/sign-in")


OF_MACHINES = {"POST /unsubscribe/{token}"}
"""Called by mail programs without a session: what they may change is said by the token in the address alone."""

CHANGES = [(name, one) for name, one in ROUTES if one.method in STATE_CHANGES and one.key not in OF_MACHINES]


SPOILT = {
    "no value": {"csrf": ""},
    "another's value": {"csrf": "A" * 43},
    "another origin": {"origin": "https://evil.example"},
    "another site": {"sec-fetch-site": "cross-site"},
    "a neighbouring site": {"sec-fetch-site": "same-site"},
}


@pytest.mark.parametrize(("name", "route"), CHANGES, ids=[f"{name} {route.key}" for name, route in CHANGES])
def test_every_state_change_needs_our_own_form_se_2(live: Edge, dynamodb: Any, name: str, route: Route) -> None:
    assert route.csrf, "a route that is open to machines is named above"
    person = visitor(live, name, "owner")
    before = _rows(dynamodb)
    for what, spoilt in SPOILT.items():
        csrf = spoilt.get("csrf", person.csrf)
        api = route.pattern.startswith("/api/")
        headers = {
            "content-type": "application/json" if api else "application/x-www-form-urlencoded",
            "origin": ORIGIN,
            "sec-fetch-site": "same-origin",
            **({"x-csrf-token": csrf} if api else {}),
            **{header: value for header, value in spoilt.items() if header != "csrf"},
        }
        body = b"{}" if api else f"csrf={csrf}".encode()
        answer = person.send(route.method, target(route), body=body, headers=headers)
        assert answer.status == 403, what
        assert _rows(dynamodb) == before, what


def _rows(dynamodb: Any) -> list[str]:
    return sorted(str(item) for name in ("state", "ledger") for item in dynamodb.scan(TableName=name)["Items"])


READS = [route for name, route in ROUTES if name == "console" and route.method == "GET"]


@pytest.mark.parametrize("route", READS, ids=[route.key for route in READS])
def test_no_page_of_the_console_changes_anything_by_being_read_se_2(live: Edge, dynamodb: Any, route: Route) -> None:
    person = visitor(live, "console", "owner")
    before = _rows(dynamodb)
    person.get(target(route))
    assert _rows(dynamodb) == before


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_fault_shows_an_error_id_and_nothing_else_lg_3(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, name: str
) -> None:
    # given a function whose every dependency fails, with words that nobody should read
    def fails() -> Any:
        raise RuntimeError("canary-of-the-fault")

    app = importlib.import_module(f"functions.{name}.handler").build(fails)
    for route in app.routes:
        # when anybody asks it for anything
        answer = Browser(app.handle).send(route.method, target(route))
        # then they get an id that the log has too, and neither has those words
        found = re.search(r"Error ([0-9a-f]{12})\.", answer.body)
        assert answer.status == 500 and found, route.key
        assert_safe(answer)
        assert "canary" not in answer.body and "Traceback" not in answer.body
        logged = [record.__dict__["kind"] for record in caplog.records if record.__dict__.get("error") == found[1]]
        assert logged == ["RuntimeError"]
    assert "canary" not in caplog.text + capsys.readouterr().out


@pytest.mark.parametrize("name", FUNCTIONS)
def test_unknown_addresses_answer_plainly(live: Edge, name: str) -> None:
    for path in ("/nothing", "/sources/a/b/c", "/../etc/passwd", "/%00", "/sign-in/", "/SIGN-IN", "//sign-in"):
        answer = Browser(site(name).handle).get(path)
        assert answer.status == 404, path
        assert_safe(answer)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_other_methods_answer_plainly(live: Edge, name: str) -> None:
    routes = site(name).routes
    for route in routes:
        known = {one.method for one in routes if one.match(target(route)) is not None}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} - known:
            answer = Browser(site(name).handle).send(method, target(route))
            assert answer.status == 405, f"{method} {route.pattern}"
            assert set(answer.headers["Allow"].split(", ")) == known
            assert_safe(answer)
