"""Slack by OAuth: the same state as for Xero, one bot token an install, reinstalled, removed, found dead."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ledgercast.domain.sending import NotSent
from ledgercast.settings import SLACK_API
from ledgercast.slack.api import Slack
from ledgercast.slack.client import slack_client
from ledgercast.slack.install import SCOPES, SlackApp, slack_install_broken
from local.slack.faults import Fault
from local.slack.workspace import BOT_USER, TEAM
from tests.service.oauth.world import Place, query_of
from tests.service.web.browser import Browser

START = "/oauth/slack/start"


def install(here: Place, browser: Browser) -> str:
    return here.connect(browser, START).location


def token_of(here: Place) -> str:
    found = here.deps.installs.get(TEAM)
    assert found
    return here.deps.installs.token(found)


def test_an_owner_installs_the_app_without_a_second_factor(here: Place) -> None:
    """OA-1, OA-2: the state machinery of Xero; the frozen bot scopes of design 6."""
    owner = here.owner(mfa=False)
    address = here.start(owner, START)
    asked = query_of(address)
    assert address.startswith(f"{here.slack.url}/oauth/v2/authorize?")
    assert asked["scope"].split(",") == list(SCOPES)
    assert asked["redirect_uri"] == "https://ledgercast.example.com/oauth/slack/callback"
    assert owner.get(here.consent(address)).location == "/settings?done=slack_connected"
    [found] = here.deps.installs.list()
    assert (found.id, found.team_name, found.bot_user, found.state) == (TEAM, "Sandbox", BOT_USER, "connected")
    assert token_of(here) == here.slack.token
    assert here.web.acts() == ["slack.started ok", "slack.installed connected"]


def test_the_token_lies_in_secrets_manager_under_the_installs_name(here: Place) -> None:
    install(here, here.owner())
    [name] = here.secrets()
    assert name.startswith(f"ledgercast/test/slack/{TEAM}/")
    assert here.slack.token not in json.dumps(here.web.state.get("WS#main", f"SLACK#{TEAM}"))


def test_deliver_finds_the_install_and_posts_with_it(here: Place) -> None:
    """The pipeline reads the row's secret as {"bot_token"}."""
    install(here, here.owner())
    row = here.web.state.get("WS#main", f"SLACK#{TEAM}")
    assert row
    secret = here.session.client("secretsmanager").get_secret_value(SecretId=row["secret"])["SecretString"]
    Slack(slack_client(json.loads(secret)["bot_token"], here.slack.url)).test()


def test_a_reinstall_replaces_the_token(here: Place) -> None:
    owner = here.owner()
    install(here, owner)
    before = token_of(here)
    here.slack.workspace.revoked = True
    install(here, owner)
    assert token_of(here) == here.slack.token != before
    assert len(here.secrets()) == 1
    assert len(here.deps.installs.list()) == 1


def test_a_removal_ends_the_token_at_slack_and_here(here: Place) -> None:
    owner = here.owner()
    install(here, owner)
    answer = owner.post(f"/settings/slack/{TEAM}/disconnect")
    assert answer.location == "/settings?done=slack_removed"
    assert here.slack.workspace.revoked
    assert here.deps.installs.list() == []
    assert here.secrets() == []
    assert here.web.acts()[-1] == "slack.removed ok"
    assert owner.post(f"/settings/slack/{TEAM}/disconnect").status == 404


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        (Fault("auth.revoke", "error", error="token_revoked"), "slack_removed"),
        (Fault("auth.revoke", "error", error="account_inactive"), "slack_removed"),
        (Fault("auth.revoke", "drop"), "left_at_slack"),
        (Fault("auth.revoke", "limited"), "left_at_slack"),
        (Fault("auth.revoke", "status", status=500), "left_at_slack"),
        (Fault("auth.revoke", "garbage"), "left_at_slack"),
    ],
)
def test_a_removal_is_done_here_whatever_slack_answers(here: Place, fault: Fault, done: str) -> None:
    owner = here.owner()
    install(here, owner)
    here.slack.faults.add(fault)
    assert owner.post(f"/settings/slack/{TEAM}/disconnect").location == f"/settings?done={done}"
    assert here.deps.installs.list() == []
    assert here.secrets() == []


def test_a_token_found_dead_is_noted_once(here: Place) -> None:
    install(here, here.owner())
    here.slack.workspace.revoked = True
    with pytest.raises(NotSent) as refused:
        Slack(slack_client(token_of(here), here.slack.url)).test()
    assert slack_install_broken(here.deps.installs, TEAM, refused.value.reason)
    assert not slack_install_broken(here.deps.installs, TEAM, refused.value.reason)
    [found] = here.deps.installs.list()
    assert (found.state, found.broken) == ("broken", "slack.token_revoked")
    assert not slack_install_broken(here.deps.installs, "T0UNKNOWN", "slack.token_revoked")
    install(here, here.signed_in("owner@example.com", mfa=True))
    assert here.deps.installs.list()[0].state == "connected"


def test_a_refusal_for_one_channel_does_not_break_an_install(here: Place) -> None:
    install(here, here.owner())
    assert not slack_install_broken(here.deps.installs, TEAM, "slack.channel_not_found")
    assert here.deps.installs.list()[0].state == "connected"


FAILURES = {
    "invalid_code": "code_refused",
    "code_already_used": "code_refused",
    "bad_client_secret": "app_credentials",
    "invalid_client_id": "app_credentials",
    "bad_redirect_uri": "app_credentials",
    "invalid_grant_type": "provider",
    "internal_error": "unavailable",
}


@pytest.mark.parametrize("error", FAILURES)
def test_every_refusal_of_the_exchange_has_its_reason(here: Place, error: str) -> None:
    """OA-5."""
    here.slack.faults.add(Fault("oauth.v2.access", "error", error=error))
    assert install(here, here.owner()) == f"/oauth/slack/problem/{FAILURES[error]}"
    assert here.deps.installs.list() == []
    assert here.secrets() == []
    assert here.web.acts()[-1] == f"slack.refused {FAILURES[error]}"


@pytest.mark.parametrize(
    "fault",
    [
        Fault("oauth.v2.access", "drop", after=True),
        Fault("oauth.v2.access", "limited"),
        Fault("oauth.v2.access", "status", status=502),
        Fault("oauth.v2.access", "garbage"),
        Fault("oauth.v2.access", "endless"),
    ],
)
def test_an_exchange_without_an_answer_can_be_tried_again(here: Place, fault: Fault) -> None:
    """SX-2: bounded in size too."""
    owner = here.owner()
    here.slack.faults.add(fault)
    assert install(here, owner) == "/oauth/slack/problem/unavailable"
    assert install(here, owner) == "/settings?done=slack_connected"


def test_a_denial_a_rotating_token_and_a_whole_organisation_are_said(here: Place) -> None:
    owner = here.owner()
    here.slack.oauth.deny = True
    assert install(here, owner) == "/oauth/slack/problem/denied"
    here.slack.oauth.deny, here.slack.oauth.rotation = False, True
    assert install(here, owner) == "/oauth/slack/problem/token_rotation"
    here.slack.oauth.rotation, here.slack.oauth.whole_organisation = False, True
    assert install(here, owner) == "/oauth/slack/problem/whole_organisation"
    assert here.deps.installs.list() == []


@pytest.mark.parametrize("token", ["", "xoxp-a-user", "xoxb-", "xoxb-two\r\nX: lines", "xoxb-é"])
def test_a_token_that_no_header_could_hold_is_not_kept(here: Place, token: str) -> None:
    """LG-1: a client that refuses it would repeat it in its exception."""
    here.slack.workspace.token = token
    assert install(here, here.owner()) == "/oauth/slack/problem/no_bot"
    assert here.deps.installs.list() == []
    assert here.secrets() == []


def test_the_state_is_bound_used_once_and_short_lived(here: Place) -> None:
    """OA-1."""
    owner, other = here.owner(), here.owner("second@example.com")
    back = here.consent(here.start(owner, START))
    assert other.get(back).location == "/oauth/slack/problem/session"
    twin = Browser(here.app.handle)
    twin.cookies["__Host-session"] = owner.cookies["__Host-session"]
    assert twin.get(back).location == "/oauth/slack/problem/browser"
    assert owner.get(back).location == "/settings?done=slack_connected"
    assert owner.get(back).location == "/oauth/slack/problem/state"
    late = here.consent(here.start(owner, START))
    here.web.clock.advance(minutes=10)
    assert owner.get(late).location == "/oauth/slack/problem/state"


def test_only_owners_install_and_remove(here: Place) -> None:
    owner = here.owner()
    install(here, owner)
    ada = here.person("ada@example.com")
    assert ada.get(START).status == 403
    assert ada.post(f"/settings/slack/{TEAM}/disconnect").status == 403
    assert ada.get("/oauth/slack/callback?code=c").location == "/oauth/slack/problem/state"
    assert len(here.deps.installs.list()) == 1


def test_an_owner_who_became_a_member_on_the_way_is_refused(here: Place) -> None:
    owner = here.owner()
    back = here.consent(here.start(owner, START))
    here.web.edge.members.update(here.web.edge.members.list()[0].id, {"role": "member"})
    assert owner.get(back).location == "/oauth/slack/problem/session"
    assert here.deps.installs.list() == []


def test_slack_itself_takes_no_http_address_and_that_is_said_first(here: Place) -> None:
    edge = replace(here.deps.edge, settings=replace(here.deps.edge.settings, public_url="http://localhost:8080"))
    here.deps = replace(here.deps, edge=edge, slack=lambda: SlackApp(SLACK_API, "id", "secret"))
    assert here.owner().get(START).location == "/oauth/slack/problem/https_only"


def test_the_wish_to_go_back_to_a_page_is_heard(here: Place) -> None:
    assert here.connect(here.owner(), f"{START}?next=/destinations").location == "/destinations"
    assert here.connect(here.signed_in("owner@example.com", mfa=True), f"{START}?next=//evil.example").location == (
        "/settings?done=slack_connected"
    )
