"""Hostile input over every route, callback and form of the deployed table: no fault, no leak, no way off the site.

Each function gets what API Gateway makes of the bytes, and composes itself from its environment. The same through the
running system is in tests/scenarios/door/test_hostile.py.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from infra.routes import ANYTHING_ELSE, ROUTES
from ledgercast.domain.accounts import Member
from ledgercast.store.settings import SettingsStore
from ledgercast.store.table import Table
from ledgercast.web.edge import Edge, WebSettings, edge
from local.aws.gateway import Request, Response, event_of, match, response_of
from local.aws.resources.kinds import Route
from tests.hostile import AWAY, KINDS, NAMES, SEGMENTS, UNREADABLE, VALUES, marked, mixtures
from tests.service.web.browser import HOST, ORIGIN
from tests.service.web.sites import deploy, site

TABLE = [Route(key, name) for name, keys in ROUTES.items() for key in keys] + [Route(ANYTHING_ELSE, "console")]
KEYS = [one.key for one in TABLE if one.key != ANYTHING_ELSE]
GETS = [key.removeprefix("GET ") for key in KEYS if key.startswith("GET ")]
POSTS = [key.removeprefix("POST ") for key in KEYS if key.startswith("POST ")]
UNREAD = "/unsubscribe/{token}"
"""Of what a mail program sends there nothing is read, so whatever it is does what the address says."""
FORM = "application/x-www-form-urlencoded"
API = "/api/"
PROVIDERS = ("https://login.xero.com/identity/connect/authorize?", "https://slack.com/oauth/v2/authorize?")
FILLED = {
    "/security/members": {"email": "new@example.com", "role": "member"},
    "/settings/timezone": {"timezone": "Europe/London"},
    "/settings/mail-domains": {"domain": "example.org"},
    "/settings/mail-domains/remove": {"domain": "example.org"},
    "/sign-in/verify": {"token": "A" * 43},
    "/security/totp/enrol": {"code": "ABCD-EFGH-ABCD-EFGH-ABCD-EFGH", "next": "/"},
    "/security/totp/confirm": {"code": "000000", "next": "/"},
}
"""Forms that are right but for one field."""


def filled(pattern: str, value: str = "no-such") -> str:
    return re.sub(r"\{\w+\}", lambda _: value, pattern)


@dataclass
class Sender:
    """`cookie` is the whole header; answers are looked at before they are given back."""

    live: Edge
    cookie: str
    csrf: str

    def get(self, target: str) -> Response:
        return self.send("GET", target)

    def post(self, target: str, fields: str, kind: str = FORM) -> Response:
        body = f"csrf={self.csrf}&{fields}" if kind == FORM else fields
        return self.send("POST", target, body.encode(), [("Content-Type", kind)] if kind else [])

    def send(
        self, method: str, target: str, body: bytes = b"", headers: list[tuple[str, str]] | None = None
    ) -> Response:
        path, _, query = target.partition("?")
        given = [
            ("Host", HOST),
            ("Cookie", self.cookie),
            ("Origin", ORIGIN),
            ("X-CSRF-Token", self.csrf),
            *(headers or []),
        ]
        request = Request(method, path, query, given, body, "203.0.113.7")
        found = match(TABLE, method, path)
        assert found
        route, params = found
        answer = site(route.function).handle(event_of(request, route, params, self.live.now()), None)
        response = response_of(json.dumps(answer).encode(), failed=False)
        assert_sound(response, f"{method} {target[:300]} {body[:300]!r}")
        return response

    def forget_throttles(self, dynamodb: Any) -> None:
        for item in dynamodb.scan(TableName="state")["Items"]:
            if item["pk"]["S"].startswith("THROTTLE#"):
                dynamodb.delete_item(TableName="state", Key={"pk": item["pk"], "sk": item["sk"]})


def assert_sound(got: Response, sent: str) -> None:
    """What holds for every answer, whatever was asked."""
    headers, body = dict(got.headers), got.body.decode()
    assert got.status < 500, sent
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY", sent
    assert "default-src 'none'" in headers["Content-Security-Policy"] and headers["Strict-Transport-Security"], sent
    assert "<script" not in body and "<img src=x" not in body and "Traceback" not in body and 'File "' not in body, sent
    assert "qq7marked7" not in body, f"{sent}: what was secret came back"
    to = headers.get("Location", "")
    assert not to or to.startswith(PROVIDERS) or re.fullmatch(r"/(?!/)[!-~]*", to), f"{sent}: {to}"
    assert "\\" not in to and "evil" not in to.partition("?")[0], f"{sent}: {to}"
    for name, value in got.headers:
        assert re.fullmatch(r"[A-Za-z-]+", name) and re.fullmatch(r"[ -~]*", value), sent
        if name == "Set-Cookie":
            assert re.fullmatch(r"__Host-(session|form|oauth)=[\w-]*; Path=/.*; HttpOnly; SameSite=Lax", value), sent


@pytest.fixture
def live(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Edge:
    monkeypatch.delenv("LEDGERCAST_LOCAL", raising=False)
    deploy(monkeypatch)
    return edge(Table(dynamodb, "state"), Table(dynamodb, "ledger"), WebSettings(ORIGIN))


def member(live: Edge, name: str, totp: str) -> Member:
    made = live.members.create(f"{name}@example.com", "owner", "active", live.now())
    assert made and live.members.update(made.id, {"totp": totp})
    return live.members.get(made.id) or made


def owner(live: Edge, totp: str = "on") -> Sender:
    value, session = live.sessions.start(member(live, f"owner-{totp}", totp), mfa=totp == "on")
    return Sender(live, f"__Host-session={value}", session.csrf)


def stranger(live: Edge) -> Sender:
    return Sender(live, f"__Host-form={'A' * 43}", "A" * 43)


def known(dynamodb: Any) -> list[str]:
    """Members and settings, which no hostile form may change; a set-up that was begun is none of it."""
    rows = [row for row in dynamodb.scan(TableName="state")["Items"] if row["pk"]["S"] == "WS#main"]
    kept = [{name: value for name, value in row.items() if "pending" not in name} for row in rows]
    settings = SettingsStore(Table(dynamodb, "state"), owner_email="owner@example.com").get()
    return [repr(settings), *sorted(repr(row) for row in kept if row["sk"]["S"] != "SETTINGS")]


def test_the_corpus_knows_every_field() -> None:
    assert {"email", "token", "code", "next", "domain", "organisation", "cursor", "before", "q", "timezone"} <= set(
        NAMES
    )


def test_no_question_leads_to_a_fault_or_away_oa_2_oa_5_sx_3(live: Edge) -> None:
    inside, outside = owner(live), stranger(live)
    for pattern in GETS:
        target = filled(pattern)
        for question in mixtures():
            inside.get(f"{target}?{question}")
        outside.get(f"{target}?{question.replace('qq7marked7', 'zz9')}")
        for unreadable in UNREADABLE:
            assert inside.get(f"{target}?next={unreadable}").status in (400, 414)


def test_no_form_leads_to_a_fault_or_changes_anything_oa_2_oa_5_sx_3(live: Edge, dynamodb: Any) -> None:
    bare, inside, outside = owner(live, "off"), owner(live), stranger(live)
    before = known(dynamodb)
    for pattern in set(POSTS) - {"/sign-out"}:
        target = filled(pattern)
        for fields in mixtures():
            for sender in (inside, outside) if pattern.startswith("/sign-in") else (inside,):
                sender.post(target, fields)
        for unreadable in UNREADABLE if pattern != UNREAD else ():
            refused = (413, 415) if target.startswith(API) else (400, 413)
            assert inside.post(target, f"next={unreadable}").status in refused
    for target, right in FILLED.items():
        for name in right:
            inside.forget_throttles(dynamodb)
            for value in VALUES.values():
                given = {**{one: quote(text) for one, text in right.items()}, name: marked(name, value)}
                sender = bare if target.endswith("/confirm") else inside
                sender.post(target, "&".join(f"{one}={text}" for one, text in given.items()))
    assert known(dynamodb) == before


def test_no_wish_to_go_elsewhere_is_heard_oa_2(live: Edge) -> None:
    inside, outside, bare = owner(live), stranger(live), owner(live, "off")
    half = Sender(live, *halfway(live))
    for number, away in enumerate(AWAY):
        wish = quote(away, safe="")
        outside.get(f"/admin/security/mfa-required?next={wish}")
        inside.get(f"/sign-in?next={wish}")
        inside.get(f"/security/mfa-required?next={wish}")
        for provider in ("xero", "slack"):
            assert b"evil" not in inside.get(f"/oauth/{provider}/start?next={wish}").body
        for sender in (half, outside):
            assert b"evil" not in sender.get(f"/sign-in?next={wish}").body
        assert b"evil" not in half.post("/security/totp/verify", f"code=1&next={wish}").body
        assert b"evil" not in outside.post("/sign-in", f"email=a&next={wish}").body
        if number % 8 == 0:  # a QR code takes long to draw
            assert b"evil" not in bare.get(f"/security/mfa-required?next={wish}").body
            assert b"evil" not in bare.post("/security/totp/confirm", f"code=1&next={wish}").body


def halfway(live: Edge) -> tuple[str, str]:
    value, session = live.sessions.start(member(live, "halfway", "on"))
    return f"__Host-session={value}", session.csrf


def test_no_trick_in_a_path_finds_anything(live: Edge, dynamodb: Any) -> None:
    inside = owner(live)
    before = known(dynamodb)
    for key in (one for one in KEYS if "{" in one):
        method, pattern = key.split(" ")
        for segment in SEGMENTS:
            target = filled(pattern, segment)
            got = inside.get(target) if method == "GET" else inside.post(target, "a=b")
            assert b"zz9" not in got.body, target
            refused = (404, 405, 414, 415, 422) if pattern.startswith(API) else (303, 404, 405, 414, 422)
            assert got.status in refused, f"{target}: {got.status}"
    assert known(dynamodb) == before


def test_no_body_of_another_kind_is_taken(live: Edge) -> None:
    inside = owner(live)
    for pattern in set(POSTS) - {UNREAD}:
        target = filled(pattern)
        for what, (kind, body) in KINDS.items():
            refused = (400, 404, 415, 422) if target.startswith(API) else (400, 403, 415)
            assert inside.post(target, body, kind).status in refused, f"{what}: {target}"
        many = inside.post(target, "&".join(f"zz9{n}=1" for n in range(300)))
        assert many.status == (415 if target.startswith(API) else 400)


def test_nothing_that_was_sent_is_logged_lg_1(
    live: Edge, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a path nor a question nor a field, at any level."""
    for name in ROUTES:
        logging.getLogger(name).setLevel(logging.DEBUG)
    inside, outside = owner(live), stranger(live)
    for key in KEYS:
        method, pattern = key.split(" ")
        target = filled(pattern, "zz9-qq7marked7")
        for sender in (inside, outside):
            question = next(mixtures())
            sender.get(f"{target}?{question}") if method == "GET" else sender.post(target, question)
    said = "\n".join(f"{one.getMessage()} {one.__dict__}" for one in caplog.records) + capsys.readouterr().out
    assert "answered" in said
    assert "zz9" not in said and "qq7marked7" not in said and "evil" not in said
