"""Hostile input over every route of the function: no 5xx, nothing of it comes back, nobody is sent elsewhere."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.service.oauth.world import Place

CORPUS = (
    "canary",
    "<script>canary</script>",
    '"><img src=canary>',
    "{{canary}}",
    "canary\r\nSet-Cookie: a=b",
    "canary\x00",
    "\u202ecanary",
    "../../canary",
    "//canary.example",
    "https://canary.example/",
    "javascript:canary",
    "canary" * 600,
    "😀canary",
)
GETS = (
    "/oauth/xero/start?connection={0}&next={0}",
    "/oauth/xero/callback?state={0}&code={0}",
    "/oauth/xero/callback?state={0}&error={0}&error_description={0}",
    "/oauth/xero/choose?{0}={0}",
    "/oauth/xero/problem/internal?error={0}",
    "/oauth/xero/problem/{0}",
    "/oauth/xero/help?{0}",
    "/oauth/slack/start?next={0}",
    "/oauth/slack/callback?state={0}&code={0}",
    "/oauth/slack/callback?state={0}&error={0}",
    "/oauth/slack/problem/{0}",
)
POSTS = ("/oauth/xero/choose", "/sources/{0}/disconnect", "/settings/slack/{0}/disconnect")


@pytest.mark.parametrize("value", CORPUS, ids=range(len(CORPUS)))
def test_no_route_fails_repeats_or_leads_astray(here: Place, value: str) -> None:
    """OA-2, OA-5, SX-3."""
    owner = here.owner()
    csrf = owner.csrf
    answers = [owner.get(target.format(quote(value, safe=""))) for target in GETS]
    owner.csrf = csrf
    for target in POSTS:
        answers.append(owner.post(target.format(quote(value, safe="")), organisation=value, **{"x" * 30: value}))
    for answer in answers:
        assert answer.status < 500, answer.headers
        assert "canary" not in answer.body
        own = answer.location.startswith(("/", here.xero.url, here.slack.url))
        assert "canary" not in answer.location
        assert not answer.location or (own and not answer.location.startswith("//"))
        assert all(cookie.startswith(("__Host-oauth=", "__Host-form=")) for cookie in answer.cookies)
    assert here.connections.list() == []


def test_a_cookie_of_any_form_is_no_fault(here: Place) -> None:
    owner = here.owner()
    back = here.consent(here.start(owner))
    for value in ("", "x", "é" * 43, "x" * 4000, "a=b; c"):
        owner.cookies["__Host-oauth"] = value
        assert owner.get(back).location == "/oauth/xero/problem/browser"


def test_to_ask_for_the_head_of_the_start_is_no_fault(here: Place) -> None:
    assert here.owner().send("HEAD", "/oauth/xero/start").status == 303
