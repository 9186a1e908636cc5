"""Least privilege on what really ran: every call of AWS that any function made so far, against its deployed role.

Alone this file sees what the front door, one run and the daily pass ask for; after its neighbours, all of theirs too.
"""

from __future__ import annotations

import requests

from local.aws.permissions import read_calls, verdict
from tests.workflow.real.conftest import World


def test_no_function_asked_for_more_than_its_role_allows(world: World) -> None:
    """IN-1"""
    world.run(world.pulse())
    world.runtime.invoke(world.function("keepalive"), b"{}")
    world.person.sign_in()
    assert world.person.open(f"/sources/{world.figures}/metrics/cash_position").status in (200, 202)

    found, seen = verdict(world.calls), {one.function for one in read_calls(world.calls)}

    assert found.refused == []
    expected = ("console", "mfa", "oauth", "fetch", "render", "summarise", "deliver", "notify", "keepalive")
    assert seen == {world.function(name) for name in expected}


def test_a_stranger_is_told_nothing_and_leaves_with_every_header(world: World) -> None:
    """SE-2: locally too, over plain http"""
    for path in ("/sign-in", "/sources", "/nowhere", "/oauth/xero/callback?code=x&state=y", "/security/mfa-required"):
        answer = requests.get(f"{world.runtime.url}{path}", allow_redirects=False, timeout=20)
        assert answer.status_code in (200, 303, 404), path
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Secure" not in answer.headers.get("Set-Cookie", ""), "there is no https on this machine"
