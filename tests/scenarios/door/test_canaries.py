"""LG-1: a whole life of an account, with every logger at DEBUG; afterwards every secret is looked for everywhere.

Sign-in by mail, invitation, second factor set up, mistyped, passed, renewed and turned off; organisations connected,
refused, previewed, sent, refreshed, disconnected and reconnected; Slack installed and removed; both providers failing
with our own secrets in their words. Each secret may stand in the one place where it belongs, and in no other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pyotp
import pytest

from local.slack.faults import Fault
from local.xero.identity import Consent
from tests.scenarios.door import canaries
from tests.scenarios.door.canaries import Kept, Search
from tests.scenarios.door.conftest import Door
from tests.scenarios.door.pulses import READER, run
from tests.scenarios.door.visitor import Visitor, place, query

pytestmark = pytest.mark.xdist_group("front-door")

METRICS = ("aged_receivables", "cash_position")


@dataclass
class Life:
    door: Door
    visitors: list[Visitor]
    typed: set[str]
    secrets: Kept
    search: Search
    objects: dict[str, bytes]
    """What lay in the bucket before a disconnect deleted what was sent."""


@pytest.fixture(scope="module")
def life(house: Door) -> Iterator[Life]:
    house.forget_throttles()
    typed: set[str] = set()
    first = house.connections.list()[0].id
    with ThreadPoolExecutor(1) as beside:
        charts = beside.submit(lambda: [run(house, metric, first) for metric in METRICS])
        person = a_member_comes_in(house, typed)
    assert charts.result() == ["sent"] * len(METRICS)
    figures_are_looked_at(house)
    providers_fail(house, person)
    tokens_are_renewed(house)
    objects = dict(canaries.objects(house))
    connections_end(house, person, typed)
    visitors = [house.owner, person]
    secrets = canaries.secrets_of(house, visitors, typed)
    yield Life(house, visitors, typed, secrets, Search(secrets), objects)


def a_member_comes_in(door: Door, typed: set[str]) -> Visitor:
    """Invited, signed in by mail, with the second factor set up after mistakes; then once more by a code."""
    person = door.stranger("invited-person@example.com")
    assert door.owner.post("/security/members", email=person.email, role="owner").status_code == 303
    person.submit(person.open(person.link()), "/sign-in/verify")
    page = person.open("/security/mfa-required")
    person.seed = "".join(page.texts["totp-secret"].split())
    phone = pyotp.TOTP(person.seed)
    wrong = f"{(int(phone.now()) + 7) % 10**6:06}"
    assert person.post("/security/totp/confirm", code=wrong).status_code == 422
    typed |= {wrong, phone.now()}
    person.codes = person.confirm(phone.now())
    again = door.stranger(person.email)
    again.codes = person.codes
    again.submit(again.open(again.link()), "/sign-in/verify")
    assert again.post("/security/totp/verify", code=wrong).status_code == 422
    assert place(again.pass_second_step()) == "/"
    assert again.post("/security/backup-codes", code=wrong).status_code == 422
    again.renew_codes(again.codes.pop())
    assert len(again.codes) == 10
    again.seed = person.seed
    return again


def figures_are_looked_at(door: Door) -> None:
    for path in ("/", "/sources", "/activity", "/settings", "/api/v1/me", "/api/v1/connections", "/api/v1/audit"):
        assert door.owner.get(path).status_code == 200
    for one in door.connections.list():
        assert door.owner.get(f"/sources/{one.id}/metrics/revenue").status_code in (200, 202)
        assert door.owner.get(f"/api/v1/metrics/aged_payables/preview?connection={one.id}").status_code in (200, 202)


def providers_fail(door: Door, person: Visitor) -> None:
    """With the words of our own requests in their answers, as some servers do."""
    own = " ".join(str(value) for form in door.told.sent for value in form.values())
    tokens = " ".join(str(one.get("access_token")) for one in door.told.answered)
    [first, second] = door.connections.list()
    door.xero.faults.answer("Reports/BankSummary", 400, json.dumps({"Message": tokens, "Detail": own}))
    assert run(door, "cash_position", second.id) == "failed"
    door.slack.faults.add(Fault("chat.postMessage", "error", error="is_archived"))
    assert run(door, "net_profit", first.id) == "partly_sent"
    for status in (400, 500):
        body = json.dumps({"error": "server_error", "error_description": f"{own} {tokens}"})
        door.xero.faults.answer("POST /connect/token", status, body)
        back = door.consent(door.begin(person, "/oauth/xero/start"))
        assert place(person.get(back)).startswith("/oauth/xero/problem/")
    refused = door.begin(person, "/oauth/xero/start")
    denied = (
        f"/oauth/xero/callback?error=access_denied&error_description={tokens[:300]}&state={query(refused)['state']}"
    )
    assert place(person.get(denied)) == "/oauth/xero/problem/denied"


def tokens_are_renewed(door: Door) -> None:
    """An hour later, the first time against a failing endpoint; then a day later, by the daily pass."""
    first = door.connections.list()[0].id
    door.runtime.scheduler.advance(3600)
    sent = json.dumps(door.told.sent)
    door.xero.faults.answer("POST /connect/token", 503, sent)
    before = len(door.told.answered)
    assert run(door, "operating_expenses", first) == "sent"
    assert len(door.told.answered) > before, "the tokens were renewed"
    keepalive = next(one.name for one in door.runtime.stack.functions if "keepalive" in one.handler)
    _, failed = door.runtime.invoke(keepalive, b"{}")
    assert not failed


def connections_end(door: Door, person: Visitor, typed: set[str]) -> None:
    """Disconnected with Xero failing, connected again, twice; Slack removed and connected; the second factor off."""
    first = door.connections.list()[0]
    door.xero.faults.answer("DELETE /connections", 500, json.dumps(door.told.answered))
    assert person.post(f"/sources/{first.id}/disconnect").status_code == 303
    door.xero.identity.consent = Consent(organisations=[first.tenant])
    person.get(door.consent(door.begin(person, f"/oauth/xero/start?connection={first.id}")))
    assert place(person.post(f"/sources/{first.id}/disconnect")) == "/sources"
    person.get(door.consent(door.begin(person, f"/oauth/xero/start?connection={first.id}")))
    assert door.connections.get(first.id) != first
    install = next(
        row["sk"].removeprefix("SLACK#") for row in canaries.rows(door, "StateTable") if "SLACK#" in row["sk"]
    )
    assert place(person.post(f"/settings/slack/{install}/disconnect")) == "/settings"
    owner = door.edge.members.by_email(door.owner.email)
    assert owner
    door.enter(door.owner, owner.id, mfa=True)
    assert door.owner.open("/oauth/slack/start").status == 200
    typed.add(person.codes[-1])
    assert place(person.post("/security/totp/disable", code=person.codes.pop())) == "/security"
    assert place(person.post("/sign-out")) == "/sign-in"


def test_the_life_met_every_kind_of_secret(life: Life) -> None:
    """Or else the other tests would look for nothing."""
    met = {kind for kind, values in life.secrets.items() if values}
    assert met == {
        *("sign-in link", "cookie session", "cookie oauth", "cookie form", "csrf", "seed", "one-time code"),
        *("backup code", "state", "verifier", "code", "access_token", "refresh_token", "id_token"),
        *("app secret", "bot token", "webhook key", "signing secret"),
    }
    assert sum(map(len, life.secrets.values())) > 60


def test_no_log_holds_a_secret_at_debug_lg_1(life: Life) -> None:
    found = {name: life.search.kinds_in(text) for name, text in canaries.logs(life.door).items()}
    assert {name: kinds for name, kinds in found.items() if kinds} == {}
    assert any('"level":"DEBUG"' in text or '"level": "DEBUG"' in text for text in canaries.logs(life.door).values())


def test_no_log_holds_a_figure_a_name_or_an_address_lg_1(life: Life) -> None:
    told = private_words(life)
    assert len(told) > 60
    text = "\n".join(canaries.logs(life.door).values())
    assert {word for word in told if word in text} == set()


def test_no_state_machine_keeps_a_secret_a_figure_or_a_name_lg_1(life: Life) -> None:
    told, kept = private_words(life), list(canaries.executions(life.door))
    assert len(kept) >= len(METRICS) + 3
    assert any('"status": "FAILED"' in one or "partly_sent" in one for one in kept), "one that failed is among them"
    for one in [*kept, canaries.schedules(life.door)]:
        assert life.search.kinds_in(one) == set()
        assert {word for word in told if word in one} == set()


def test_rows_hold_secrets_hashed_or_sealed_alone_lg_1(life: Life) -> None:
    """A state's verifier and a session's form value stay on the server in their own rows, and nowhere else."""
    own = {"STATE#": {"verifier"}, "SESSION#": {"csrf"}}
    for row in canaries.rows(life.door, "StateTable"):
        allowed = next((kinds for start, kinds in own.items() if row["pk"].startswith(start)), set())
        assert life.search.kinds_in(repr(row), codes=False) - allowed == set(), row["pk"].split("#")[0]


def test_the_ledger_holds_ids_and_codes_alone_lg_1_lg_2(life: Life) -> None:
    ledger = canaries.rows(life.door, "LedgerTable")
    told = private_words(life, addresses=False)
    acts = {row.get("act") for row in ledger}
    assert {"sign_in.ok", "totp.enrolled", "xero.connected", "xero.disconnected", "totp.disabled"} <= acts
    for row in ledger:
        assert life.search.kinds_in(repr(row)) == set()
        assert {word for word in told if word in repr(row)} == set()


def test_no_object_in_the_bucket_holds_a_secret_lg_1(life: Life) -> None:
    kept = {**life.objects, **dict(canaries.objects(life.door))}
    assert len(kept) > 10
    for key, body in kept.items():
        assert life.search.kinds_in(f"{key} {body.decode('latin-1')}", codes=False) == set(), key


def test_no_mail_and_no_message_holds_a_secret_but_the_link_lg_1(life: Life) -> None:
    letters = [canaries.words_of(one.raw) for one in life.door.runtime.mail()]
    assert sum("/sign-in/verify?token=" in one for one in letters) >= 3
    for letter in letters:
        assert life.search.kinds_in(letter, codes=False) <= {"sign-in link"}
    for message in life.door.slack.messages:
        assert life.search.kinds_in(repr(message), codes=False) == set()


BODIES = {
    "GET /security/mfa-required": {"seed"},
    "POST /security/totp/confirm": {"seed", "backup code"},
    "POST /security/backup-codes": {"backup code"},
    "GET /sign-in/verify": {"sign-in link"},
}
"""What one page alone may show, beside the value of its own forms."""


def test_no_answer_holds_a_secret_but_where_it_belongs_lg_1(life: Life) -> None:
    """Tokens, codes and verifiers never reach the browser; a cookie is in its own header, a state on its way out."""
    providers = (life.door.xero.url, life.door.slack.url)
    seen = 0
    for answer in canaries.answers(life.door):
        seen += 1
        route = f"{answer.request.method} {answer.url.removeprefix(life.door.runtime.url).partition('?')[0]}"
        body = life.search.kinds_in(answer.text, codes=False)
        assert body <= BODIES.get(route, set()) | {"csrf", "cookie form"}, route
        for name, value in answer.headers.items():
            allowed: set[str] = set()
            if name == "Set-Cookie":
                allowed = {"cookie session", "cookie oauth", "cookie form", "csrf"}
            elif name == "Location" and value.startswith(providers):
                allowed = {"state"}
            assert life.search.kinds_in(value) <= allowed, f"{route}: {name}"
    assert seen > 50


def test_no_worker_was_started_with_a_secret(life: Life) -> None:
    assert life.search.kinds_in(canaries.processes(life.door)) == set()


def private_words(life: Life, *, addresses: bool = True) -> set[str]:
    """Names of organisations, customers and suppliers; addresses of people; every figure that was drawn."""
    door = life.door
    words = {one.name for one in door.connections.list()}
    for books in door.xero.books:
        words |= {contact.name for contact in books.contacts}
    if addresses:
        words |= {READER, door.owner.email, "invited-person@example.com"}
    for key, body in life.objects.items():
        if key.endswith("facts.json"):
            words |= figures_in(json.loads(body))
    return {one for one in words if len(one) > 5}


def figures_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(figures_in, value.values()))
    if isinstance(value, list):
        return set().union(*map(figures_in, value))
    text = str(value)
    return {text} if re.fullmatch(r"-?\d{3,}\.\d+", text) else set()
