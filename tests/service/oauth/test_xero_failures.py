"""What goes wrong on the way back: each reason with its page (OA-5), each step with its truthful end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.oauth.reasons import SLACK, XERO, Refused
from ledgercast.domain.accounts import WORKSPACE
from ledgercast.domain.connections import GRANT_ENDED
from ledgercast.domain.errors import GrantDisconnected
from local.xero.identity import Consent
from tests.service.grants.conftest import Fate, Killed
from tests.service.oauth.world import Place, query_of
from tests.service.web.browser import Browser

Arrange = Callable[[Place], None]

TOKEN, LIST = "/connect/token", "GET /connections"


def fault(*given: object, **more: object) -> Arrange:
    return lambda here: here.xero.faults.answer(*given, **more)  # type: ignore[arg-type]


def unknown_token(here: Place) -> None:
    here.xero.faults.alter(TOKEN, lambda body: {**body, "access_token": "opaque"})


def long_token(here: Place) -> None:
    here.xero.faults.alter(TOKEN, lambda body: {**body, "access_token": body["access_token"] + "x" * 4096})


def no_app(here: Place) -> None:
    def refuse() -> object:
        raise Refused("not_configured")

    here.deps = replace(here.deps, xero=refuse)  # type: ignore[arg-type]


CASES: dict[str, tuple[Arrange, str]] = {
    "denied": (lambda here: setattr(here.xero.identity, "consent", Consent(deny=True)), "denied"),
    "the code was refused": (fault(TOKEN, 400, b'{"error":"invalid_grant"}'), "code_refused"),
    "the secret is wrong": (fault(TOKEN, 400, b'{"error":"invalid_client"}'), "app_credentials"),
    "the app is not enabled": (fault(TOKEN, 400, b'{"error":"unauthorized_client"}'), "app_credentials"),
    "the token endpoint is down": (fault(TOKEN, 500, b"<html>", content_type="text/html"), "unavailable"),
    "the token endpoint is busy": (fault(TOKEN, 429), "unavailable"),
    "Xero is offline": (fault(TOKEN, 503), "unavailable"),
    "the answer of the exchange is lost": (lambda here: here.xero.faults.drop(TOKEN, when="after"), "unavailable"),
    "the answer is not JSON": (fault(TOKEN, 200, b"<html>"), "unavailable"),
    "the token has another form": (unknown_token, "token"),
    "the token is too long": (long_token, "token"),
    "the list is refused": (fault(LIST, 401, b"{}"), "organisations"),
    "the list is down": (fault(LIST, 500), "organisations"),
    "the list is lost": (lambda here: here.xero.faults.drop(LIST), "organisations"),
    "the list has another form": (fault(LIST, 200, b'[{"id":1}]'), "organisations"),
    "no app is set up": (no_app, "not_configured"),
}


@pytest.mark.parametrize("case", CASES)
def test_every_failure_has_its_reason_and_connects_nothing(here: Place, case: str) -> None:
    """OA-5; LG-2: a refusal is noted with its code."""
    arrange, reason = CASES[case]
    owner = here.owner()
    address = here.start(owner)
    arrange(here)
    answer = owner.get(here.consent(address))
    assert (answer.status, answer.location) == (303, f"/oauth/xero/problem/{reason}")
    assert here.connections.list() == []
    assert here.secrets() == [], "tokens of a consent that connects nothing are not kept"
    assert here.web.acts()[-1] == f"xero.refused {reason}"
    here.xero.faults.clear()
    here.xero.identity.consent = Consent()
    if reason != "not_configured":
        assert "done=connected" in here.connect(owner).location


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("error=access_denied&code=stolen", "denied"),
        ("error=server_error&error_description=<script>", "provider"),
        ("code=", "no_code"),
        ("", "no_code"),
        (f"code={'c' * 2049}", "no_code"),
        ("code=%E2%80%AE", "no_code"),
        ("code=%00", "no_code"),
    ],
)
def test_an_error_is_looked_at_before_the_code_and_uses_the_state_up(here: Place, query: str, reason: str) -> None:
    owner = here.owner()
    state = query_of(here.start(owner))["state"]
    answer = owner.get(f"/oauth/xero/callback?{query}&state={state}")
    assert answer.location == f"/oauth/xero/problem/{reason}"
    assert owner.get(f"/oauth/xero/callback?code=c&state={state}").location == "/oauth/xero/problem/state"
    assert [call for call in here.xero.calls if call.path == TOKEN] == []


@pytest.mark.parametrize(("provider", "reasons"), [("xero", XERO), ("slack", SLACK)])
def test_every_reason_has_one_page_which_repeats_nothing_of_the_request(
    here: Place, provider: str, reasons: dict[str, object]
) -> None:
    """OA-5: generic text, for strangers too; SE-2 holds by the edge."""
    pages = {}
    for code in reasons:
        canaries = "?code=canary-1&state=canary-2&error=canary-3&error_description=canary-4"
        answer = Browser(here.app.handle).get(f"/oauth/{provider}/problem/{code}{canaries}")
        assert answer.status == 400
        assert f'data-reason="{code}"' in answer.body
        assert 'role="alert"' in answer.body
        assert "canary" not in answer.body
        assert len(re.findall("<h1>", answer.body)) == 1
        pages[answer.body] = code
    assert len(pages) == len(reasons)


def test_an_unknown_reason_is_no_page(here: Place) -> None:
    assert Browser(here.app.handle).get("/oauth/xero/problem/canary").status == 404


def test_what_xero_shows_without_coming_back_is_explained_to_the_operator(here: Place) -> None:
    """OA-5: two uncertified apps, invalid scope."""
    body = Browser(here.app.handle).get("/oauth/xero/help").body
    assert "two apps at most" in body
    assert "invalid scope" in body
    assert "LEDGERCAST_XERO_SCOPES" in body


def test_a_fault_of_ours_ends_on_its_page_with_an_id_and_leaves_the_code_behind(
    here: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """LG-3; the answer to a callback is always a redirect."""
    owner = here.owner()
    back = here.consent(here.start(owner))

    def fail() -> object:
        raise RuntimeError("canary")

    here.deps = replace(here.deps, xero=fail)  # type: ignore[arg-type]
    answer = owner.get(back)
    found = re.fullmatch(r"/oauth/xero/problem/internal\?error=([0-9a-f]{12})", answer.location)
    assert found
    page, logged = owner.get(answer.location).body, repr([record.__dict__ for record in caplog.records])
    assert found[1] in page
    assert found[1] in logged
    assert "canary" not in page + logged


def steps(here: Place, owner: Browser) -> list[str]:
    """The calls of AWS that one good callback makes."""
    fate, alive = Fate(), here.deps
    back = here.consent(here.start(owner))
    here.deps = here.mortal(fate)
    assert "done=connected" in owner.get(back).location
    here.deps = alive
    return fate.calls


def test_the_steps_that_are_killed_below_are_all_that_there_are(here: Place) -> None:
    """In this order: the state is used up, the tokens are sealed and saved, then the row, then the connection."""
    owner = here.owner()
    made = steps(here, owner)
    writes = [call for call in made if call != "get_item"]
    assert writes[0] == "delete_item"
    assert writes.index("encrypt") < writes.index("create_secret") < len(writes) - writes[::-1].index("put_item")
    assert writes[-1] == "update_item"
    assert max(len(made), len(steps(here, owner))) == STEPS


STEPS = 12


# Before a call of AWS is after the one before it. Only at the exchange, between two of them, are both worth a look.
KILLS = [*(("before", at) for at in range(STEPS)), ("after", 1)]


@pytest.mark.parametrize(("when", "at"), KILLS)
@pytest.mark.parametrize("known", [False, True])
def test_a_kill_at_any_step_ends_truthfully_and_the_next_try_is_whole(
    here: Place, at: int, when: str, known: bool
) -> None:
    """TK-2's side of a consent: nothing claims to be connected that was not; trying again makes it whole.

    `known`: the user had connected this and another organisation before, whose tokens the exchange replaces.
    """
    owner = here.owner()
    here.xero.identity.consent = Consent(organisations=here.tenants()[:2])
    if known:
        here.connect(owner)
    here.xero.identity.consent = Consent(organisations=here.tenants()[:1])
    back = here.consent(here.start(owner))
    alive, fate = here.deps, Fate(at, when)
    here.deps = here.mortal(fate)
    try:
        owner.get(back)
    except Killed:
        pass
    else:
        assert not fate.dead, "the process was to be killed"
    here.deps = alive
    assert known or all(here.works() for one in here.connections.list() if one.is_open)
    assert "done=connected" in here.connect(owner).location
    organisations = range(2 if known else 1)
    assert len(here.connections.list()) == len(organisations)
    assert all(here.works(number) and here.connection(number).is_open for number in organisations)
    here.grant_store.sweep_secrets(WORKSPACE, int(here.web.clock().timestamp()) + 1)
    assert len(here.secrets()) == 1


def test_a_consent_that_is_lost_on_the_way_ends_the_users_other_organisations_truthfully(here: Place) -> None:
    """Xero replaced the user's tokens at the exchange; where ours were not saved, nobody claims to be connected."""
    owner = here.owner()
    here.connect(owner)
    back = here.consent(here.start(owner))
    here.xero.faults.drop(TOKEN, when="after")
    assert owner.get(back).location == "/oauth/xero/problem/unavailable"
    here.web.clock.advance(minutes=31)
    with pytest.raises(GrantDisconnected):
        here.side().grants.access_token(WORKSPACE, here.connection().grant)
    here.connections.disconnect(here.connection().id, GRANT_ENDED)
    here.connect(owner)
    assert here.connection().state == "connected"
    assert here.works()
