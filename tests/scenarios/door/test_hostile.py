"""Hostile input over every route, callback and form of the deployed table: no fault, no leak, no way off the site.

All of it goes through the real front, byte for byte, by a client that mends nothing. The whole
corpus goes to each function in tests/service/web/test_hostile_corpus.py.
"""

from __future__ import annotations

import csv
import http.client
import io
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pyotp
import pytest

from infra.routes import ROUTES
from local.demo.person import Page
from local.xero.identity import Consent
from tests.hostile import SEGMENTS, mixtures
from tests.scenarios.door import canaries
from tests.scenarios.door.conftest import Door
from tests.scenarios.door.pulses import install_of, run
from tests.scenarios.door.visitor import place

pytestmark = pytest.mark.xdist_group("front-door")

ROOT = Path(__file__).parents[3]
KEYS = [key for keys in ROUTES.values() for key in keys]
GETS = [key.removeprefix("GET ") for key in KEYS if key.startswith("GET ")]
POSTS = [key.removeprefix("POST ") for key in KEYS if key.startswith("POST ")]


@dataclass
class Got:
    status: int
    headers: list[tuple[str, str]]
    body: str

    def header(self, name: str) -> str:
        return next((value for known, value in self.headers if known.lower() == name.lower()), "")


@dataclass
class Raw:
    """Sends what it is given and keeps the line open. `cookie` is the whole header."""

    door: Door
    cookie: str = ""
    csrf: str = ""
    _line: http.client.HTTPConnection | None = None

    def ask(self, method: str, target: str, body: str = "", **headers: str) -> Got:
        own = {"Host": urlsplit(self.door.runtime.url).netloc, "Cookie": self.cookie}
        given = {**own, **{name.replace("_", "-"): value for name, value in headers.items()}}
        line = self._line = self._line or http.client.HTTPConnection(
            "127.0.0.1", self.door.runtime.front.port, timeout=60
        )
        line.request(method, target, body.encode(), {name: value for name, value in given.items() if value})
        answer = line.getresponse()
        return Got(answer.status, answer.getheaders(), answer.read().decode("utf-8", "replace"))

    def close(self) -> None:
        if self._line:
            self._line.close()

    def get(self, target: str, **headers: str) -> Got:
        return self.ask("GET", target, **headers)

    def post(self, target: str, fields: str, kind: str = "application/x-www-form-urlencoded", **headers: str) -> Got:
        ours = {"Content_Type": kind, "Origin": self.door.runtime.url, **headers}
        return self.ask("POST", target, f"csrf={self.csrf}&{fields}", **ours)


@pytest.fixture(scope="module")
def owner(house: Door) -> Iterator[Raw]:
    """Fully in, so that nothing is turned away at the door; with real second steps, so that codes are looked at."""
    visitor, _ = house.someone("owner", protected=False)
    visitor.protect()
    raw = Raw(house, f"session={visitor.cookie()}", house.session(visitor).csrf)
    yield raw
    raw.close()


@pytest.fixture
def stranger(door: Door) -> Iterator[Raw]:
    visitor = door.stranger()
    csrf = visitor.csrf()
    raw = Raw(door, f"form={visitor.cookie('form')}", csrf)
    yield raw
    raw.close()


def sound(got: Got, door: Door, sent: str) -> None:
    """What holds for every answer, whatever was asked."""
    assert got.status < 500, sent
    assert got.header("X-Content-Type-Options") == "nosniff", sent
    assert "default-src 'none'" in got.header("Content-Security-Policy"), sent
    assert got.header("Strict-Transport-Security") and got.header("Referrer-Policy"), sent
    assert "Traceback" not in got.body and 'File "' not in got.body and "botocore" not in got.body, sent
    if "json" not in got.header("Content-Type"):
        assert "<script" not in got.body and "<img src=x" not in got.body, sent
    assert "qq7marked7" not in got.body + repr(got.headers), f"{sent}: what was secret came back"
    for name, value in got.headers:
        if name == "Set-Cookie":
            assert re.fullmatch(
                r"(session|form|oauth)=[\w-]*; Path=/(; Max-Age=\d+)?; HttpOnly; SameSite=Lax", value
            ), sent
        assert not name.lower().startswith("zz9"), sent
    to = got.header("Location")
    providers = (f"{door.xero.url}/identity/connect/authorize?", f"{door.slack.url}/oauth/v2/authorize?")
    assert not to or to.startswith(providers) or re.fullmatch(r"/(?!/)[\x21-\x7e]*", to), f"{sent}: {to}"
    assert "\\" not in to and "evil" not in urlsplit(to).netloc + urlsplit(to).path, f"{sent}: {to}"


def addresses(door: Door, pattern: str, *, real: bool) -> str:
    """An address of the route, its names filled with ids that exist, or with none that does."""
    known = {"connection": door.connections.list()[0].id, "metric": "revenue", "reason": "state"}
    known["install"] = install_of(door) if "{install}" in pattern else ""
    return re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], "no-such") if real else "no-such", pattern)


def test_every_route_stands_through_the_real_front_oa_2_oa_5(door: Door, owner: Raw, stranger: Raw) -> None:
    """One helping for each route, with names that exist where there are any; the whole of it goes to each function."""
    helpings = list(mixtures())
    for number, key in enumerate(one for one in KEYS if one != "POST /sign-out"):
        method, pattern = key.split(" ")
        fields = helpings[number % len(helpings)]
        known = method == "GET" or pattern.endswith("/channels")  # the other forms would do what they say
        filled, trick = addresses(door, pattern, real=known), SEGMENTS[number % len(SEGMENTS)]
        elsewhere = re.sub(r"\{\w+\}", lambda _, one=trick: one, pattern)  # type: ignore[misc]
        for visitor in (owner, stranger):
            for target in (filled, elsewhere):
                asked = "" if visitor is stranger else fields  # what a stranger asked for is asked again after sign-in
                got = visitor.get(f"{target}?{asked}") if method == "GET" else visitor.post(target, fields)
                sound(got, door, f"{method} {target}")
    assert owner.get("/api/v1/me").status == 200


def test_no_method_but_the_route_s_own_is_taken(door: Door, owner: Raw) -> None:
    methods = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "GETT")
    for number, key in enumerate(KEYS):
        filled, method = addresses(door, key.split(" ")[1], real=False), methods[number % len(methods)]
        got = owner.ask(method, filled, X_HTTP_Method_Override="GET", Origin=door.runtime.url)
        assert got.status in (404, 405), f"{method} {filled}"
        sound(got, door, f"{method} {filled}")


def test_headers_lead_nobody_elsewhere_and_no_link_is_built_of_them_oa_2(door: Door, owner: Raw, stranger: Raw) -> None:
    member = door.someone()[1]
    lies = {
        "Host": "evil.example",
        "X_Forwarded_Host": "evil.example",
        "X_Forwarded_Proto": "https",
        "X_Forwarded_For": "127.0.0.1, zz9",
        "Forwarded": "host=evil.example;proto=https",
        "X_Original_URL": "/settings",
        "X_Rewrite_URL": "/settings",
        "Referer": "https://evil.example/zz9",
        "User_Agent": "<script>zz9()</script>" + "x" * 3000,
        "Accept_Language": "zz9" * 500,
        "Cookie": f'{owner.cookie}; {"zz9=1; " * 200}form="><script>',
        "Range": "bytes=0-1",
        "If_None_Match": "*",
        "X_Amzn_Trace_Id": "zz9\tzz9",
    }
    for name, value in lies.items():
        for path in ("/security", "/oauth/xero/start", "/nothing"):
            got = owner.get(path, **{name: value})
            sound(got, door, name)
            assert "evil.example" not in got.body + got.header("Location"), name
    before = len(door.runtime.mail())
    got = stranger.post(
        "/sign-in", f"email={quote(member.email)}", Host="evil.example", X_Forwarded_Host="evil.example"
    )
    assert got.status == 200
    [letter] = door.runtime.mail()[before:]
    words = canaries.words_of(letter.raw)
    assert f"{door.runtime.url}/sign-in/verify?token=" in words and "evil.example" not in words


@pytest.mark.parametrize("away", ["//evil.example", "/oauth/xero/callback?code=a"])
def test_signing_in_setting_up_and_connecting_end_on_our_own_pages_oa_2(door: Door, away: str) -> None:
    """Each way to its very end, with a wish to go elsewhere at every step that takes one."""
    visitor, member = door.someone(protected=False)
    wish = quote(away, safe="")
    person = door.stranger(visitor.email)
    path = person.link(away)
    assert place(person.post("/sign-in/verify", token=path.rpartition("=")[2], next=away)) == "/"
    page = person.open(f"/security/mfa-required?next={wish}")
    code = pyotp.TOTP("".join(page.texts["totp-secret"].split())).now()
    shown = Page(person.post("/security/totp/confirm", code=code, next=away))
    assert shown.links["continue"] == "/security?done=totp_on"
    person.codes = shown.texts["backup-codes"].split()
    door.enter(person, member.id, mfa=False)
    assert place(person.post("/security/totp/verify", code=person.codes.pop(), next=away)) == "/"
    before = door.xero.identity.consent
    door.xero.identity.consent = Consent(organisations=[door.xero.books[0].organisation.id])
    back = door.consent(door.begin(person, f"/oauth/xero/start?next={wish}"))
    door.xero.identity.consent = before
    assert place(person.get(back)) == f"/sources/{door.connections.id_for(door.xero.books[0].organisation.id)}"


# What no browser sends

BROKEN = {
    "a length of words": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: zz9\r\n\r\n",
    "a length below nothing": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    "two lengths": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 90\r\n\r\na",
    "chunks": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nzz9\r\n0\r\n\r\n",
    "chunks and a length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
    "an address of two lines": b"GET //evil.example/%0d%0a HTTP/1.1\r\nHost: x\r\n\r\n",
    "a broken address": b"GET //[zz9/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "another site's address": b"GET http://evil.example/sources HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "raw bytes": b"GET /\xff\xfe\x80zz9?\xff=\xfe HTTP/1.1\r\nHost: \xff\r\nCookie: session=\xff\xfe\r\n\r\n",
    "no host": b"GET /sign-in HTTP/1.0\r\n\r\n",
    "a broken host at the helpers": b"GET /_local/mail HTTP/1.1\r\nHost: [::1\r\n\r\n",
    "a broken origin at the helpers": b"GET /_local/mail HTTP/1.1\r\nHost: localhost\r\nOrigin: http://[zz9\r\n\r\n",
    "no protocol": b"GET /sign-in\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00zz9\r\n\r\n",
    "a long line": b"GET /" + b"z" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "many headers": b"GET /sign-in HTTP/1.1\r\nHost: x\r\n" + b"X-Zz9: 1\r\n" * 300 + b"\r\n",
    "a folded header": b"GET /sign-in HTTP/1.1\r\nHost: x\r\nCookie: session=a;\r\n\tform=zz9\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_request_breaks_nothing(door: Door, capfd: pytest.CaptureFixture[str], name: str) -> None:
    with socket.create_connection(("127.0.0.1", door.runtime.front.port), timeout=20) as line:
        line.sendall(BROKEN[name])
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := line.recv(65_536):
            answer += piece
    statuses = [int(one) for one in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]
    assert all(status < 500 for status in statuses), answer[:300]
    assert len(statuses) <= 1, "two answers for one request"
    assert b"Traceback" not in answer and capfd.readouterr().err == ""
    assert door.stranger().get("/healthz").status_code == 200


# Hostile names from Xero


class Elements(HTMLParser):
    """The elements of a page, its links, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.addresses: set[str] = set()
        self.handlers: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src", "action")}
        self.handlers |= {name for name, _ in attrs if name.startswith("on")}


def test_names_from_xero_are_text_in_every_page_message_mail_and_table_sx_3(door: Door) -> None:
    hostile = next(one for one in door.connections.list() if "script" in one.name)
    owner = door.owner
    owner_in = door.stranger(owner.email)
    member = door.edge.members.by_email(owner.email)
    assert member
    door.enter(owner_in, member.id, mfa=True)
    sent, posted = len(door.runtime.mail()), len(door.slack.messages)
    for metric in ("aged_receivables", "expense_breakdown"):
        assert run(door, metric, hostile.id) == "sent"
        ran = re.search(r'<li data-run="([^"]+)"', owner_in.get("/activity").text)
        assert ran
        sent_pages = re.findall(rf'href="(/activity/{ran[1]}/[^"]+)"', owner_in.get(f"/activity/{ran[1]}").text)
        assert len(sent_pages) > 3
        source = f"/sources/{hostile.id}"
        pages = ("/", "/sources", source, f"{source}/metrics/{metric}", "/activity", f"/activity/{ran[1]}")
        for path in (*pages, *(one for one in sent_pages if not one.endswith(".png"))):
            answer = owner_in.get(path)
            assert answer.status_code == 200, path
            page = Elements(answer.text)
            assert page.names.isdisjoint({"script", "iframe", "object"}) and not page.handlers, path
            assert not any("evil" in one for one in page.addresses), path
        assert owner_in.get(f"/api/v1/metrics/{metric}/preview?connection={hostile.id}").json()["facts"]
    for message in door.slack.messages[posted:]:
        for text in [message.text, *interpreted(message.blocks)]:
            assert not re.search(r"<[!@#]|evil[^>]*\|", text), "neither a mention nor a link of theirs"
    letters = [BytesParser(policy=policy.default).parsebytes(one.raw.encode()) for one in door.runtime.mail()[sent:]]
    assert letters
    for letter in letters:
        assert_harmless(letter)


def interpreted(value: Any) -> Iterator[str]:
    """The texts in which Slack reads mentions, links and bold; plain_text and descriptions it shows as they are."""
    if isinstance(value, list):
        for one in value:
            yield from interpreted(one)
    elif isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        yield from interpreted(list(value.values()))


def assert_harmless(letter: EmailMessage) -> None:
    assert not re.search(r"[\r\n]", str(letter["Subject"]))
    html = letter.get_body(("html",))
    mail = Elements(html.get_content() if html else "")
    assert mail.names.isdisjoint({"script", "iframe"}) and not mail.handlers
    assert not any("evil" in one for one in mail.addresses)
    for part in letter.walk():
        if part.get_content_type() == "text/csv":
            text = part.get_payload(decode=True)
            assert isinstance(text, bytes)
            cells = [cell for row in csv.reader(io.StringIO(text.decode("utf-8-sig"))) for cell in row]
            assert cells
            formulas = [one for one in cells if re.match(r"[=+@\t\r]|-(?![\d.,]+$)", one)]
            assert formulas == [], "a spreadsheet would run them"


def test_nothing_of_it_stands_in_a_log_lg_1(door: Door) -> None:
    """Neither a path nor a field nor a header is logged, at any level."""
    for name, text in canaries.logs(door).items():
        assert "zz9" not in text and "qq7marked7" not in text and "evil" not in text, name


# The helpers of this machine, and what else listens on it


def test_the_helpers_answer_no_foreign_page(door: Door, stranger: Raw) -> None:
    """Mail holds sign-in links: a page of another site, or of a name that was pointed here, gets none."""
    here = urlsplit(door.runtime.url)
    foreign: list[dict[str, str]] = [
        {"Host": "evil.example"},
        {"Host": f"evil.example:{here.port}"},
        {"Host": f"localhost.evil.example:{here.port}"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://localhost:{(here.port or 0) + 1}"},
        {"Origin": f"https://localhost:{here.port}"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ]
    known = {("GET", path) for path in door.runtime.front.pages} | set(door.runtime.front.helpers)
    assert len(known) >= 7
    for method, path in known:
        for headers in foreign:
            got = stranger.ask(method, path, '{"advance_s": 9999}', **headers)
            assert got.status == 403, f"{method} {path} {headers}"
            assert not got.header("Access-Control-Allow-Origin")
    viewer = stranger.get("/_local/inbox", Sec_Fetch_Site="none")
    assert viewer.status == 200 and "frame-ancestors 'none'" in viewer.header("Content-Security-Policy")


def test_the_local_aws_and_the_workers_line_answer_no_foreign_page(door: Door) -> None:
    """The local AWS holds the apps' secrets and every token, and knows no signature from another."""
    target = {"X-Amz-Target": "secretsmanager.ListSecrets", "Content-Type": "application/x-amz-json-1.1"}
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/secretsmanager/aws4_request, S=x"}
    own = urlsplit(door.runtime.endpoint).netloc
    foreign = (
        {"Host": "evil.example"},
        {"Host": own, "Origin": "https://evil.example"},
        {"Host": own, "Origin": "null"},
    )
    for method, path in (("POST", "/"), ("GET", "/moto-api/data.json"), ("POST", "/moto-api/reset"), ("OPTIONS", "/")):
        for headers in (*foreign, {"Host": own, "Sec-Fetch-Site": "cross-site"}):
            status, allowed, body = ask_plainly(own, method, path, {**target, **signed, **headers})
            assert status == 403 and not allowed and "ledgercast" not in body, f"{method} {path} {headers}"
    status, _, body = ask_plainly(own, "POST", "/", {**target, **signed, "Host": own})
    assert status == 200 and "ledgercast" in body, "the functions' own way still works"


def ask_plainly(host: str, method: str, path: str, headers: dict[str, str]) -> tuple[int, str, str]:
    line = http.client.HTTPConnection(host, timeout=20)
    line.request(method, path, b"{}", headers)
    answer = line.getresponse()
    told = answer.status, answer.getheader("Access-Control-Allow-Origin") or "", answer.read().decode()
    line.close()
    return told


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc")
def test_nothing_listens_beyond_this_machine(door: Door) -> None:
    inodes = {
        link.readlink().as_posix()
        for pid in ("self", *map(str, door.runtime.workers.processes()))
        for link in Path(f"/proc/{pid}/fd").iterdir()
        if link.is_symlink()
    }
    listening = {}
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            parts = line.split()
            if parts[3] in ("0A", "07") and f"socket:[{parts[9]}]" in inodes:
                listening[parts[9]] = parts[1].partition(":")[0]
    assert len(listening) >= 4, "the front, the local AWS, two sandboxes"
    assert set(listening.values()) == {"0100007F"}
