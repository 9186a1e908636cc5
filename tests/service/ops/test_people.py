"""Members from the operator's side: what each command changes, prints and records (LG-2: actor `operator`)."""

from __future__ import annotations

import re

import pytest

from ledgercast.domain.accounts import member_id
from tests.service.ops.world import OWNER, SITE, World

Captured = pytest.CaptureFixture[str]


def token_in(out: str) -> str:
    found = re.fullmatch(rf"{SITE}/sign-in/verify\?token=([A-Za-z0-9_-]{{43}})\n", out)
    assert found, "stdout is the link and nothing else"
    return found[1]


def test_a_link_signs_its_member_in_once(world: World, capsys: Captured) -> None:
    ada = world.member()
    assert world.run("link", " Ada@Example.com ") == 0
    shown = capsys.readouterr()
    token = token_in(shown.out)
    assert "ada@example.com" in shown.err and "09:15 UTC" in shown.err
    link = world.links.consume(token, world.clock())
    assert link and link.member == ada.id
    assert world.links.consume(token, world.clock()) is None
    assert world.acts() == [f"sign_in.link_sent operator admin {ada.id} ok"]


def test_a_link_dies_after_a_quarter_of_an_hour(world: World, capsys: Captured) -> None:
    world.member()
    world.run("link", "ada@example.com")
    world.clock.advance(minutes=15)
    assert world.links.consume(token_in(capsys.readouterr().out), world.clock()) is None


def test_the_owner_of_the_deployment_becomes_the_first_member_by_their_link(world: World, capsys: Captured) -> None:
    assert world.run("link", OWNER.upper()) == 0
    token_in(capsys.readouterr().out)
    first = world.members.by_email(OWNER)
    assert first and (first.role, first.state) == ("owner", "invited")
    assert world.run("link", OWNER) == 0
    assert world.acts() == [
        f"member.created operator admin {first.id} ok",
        f"sign_in.link_sent operator admin {first.id} ok",
        f"sign_in.link_sent operator admin {first.id} ok",
    ]


def test_a_stranger_and_a_removed_member_get_nothing(world: World, capsys: Captured) -> None:
    world.member("gone@example.com", state="removed")
    emails = ("nobody@example.com", "gone@example.com")
    for words in (["link"], ["reset-2fa"], ["sessions"], ["sessions", "--end"]):
        for email in emails:
            assert world.run(*words, email) == 1
            shown = capsys.readouterr()
            assert (shown.out, len(shown.err.splitlines())) == ("", 1)
            assert "is no member" in shown.err
    assert world.acts() == []
    assert world.members.by_email("nobody@example.com") is None


def test_an_owner_who_was_removed_is_not_taken_back_by_a_link(world: World) -> None:
    world.member(OWNER, "owner", state="removed")
    assert world.run("link", OWNER) == 1


def test_what_is_no_address_is_told_so(world: World, capsys: Captured) -> None:
    for typed in ("ada", "", "ada@example.com,bob@example.com", "ad\u0430@example.com", "a\n@b.c"):
        assert world.run("link", typed) == 2
        assert "does not look like an email address" in capsys.readouterr().err


def test_members_are_listed_with_their_second_factor_and_sessions(world: World, capsys: Captured) -> None:
    ada = world.member(OWNER, "owner", totp="on")
    world.clock.advance(seconds=1)
    world.member("bob@example.com", state="removed")
    world.member("cyd@example.com", state="invited")
    world.sessions.start(ada)
    assert world.run("members") == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["EMAIL", "ROLE", "STATE", "2FA", "SESSIONS"],
        [OWNER, "owner", "active", "on", "1"],
        ["cyd@example.com", "member", "invited", "off", "0"],
    ]


def test_a_deployment_without_members_says_how_the_first_is_made(world: World, capsys: Captured) -> None:
    assert world.run("members") == 0
    shown = capsys.readouterr()
    assert shown.out == "" and "`link`" in shown.err


def test_a_reset_takes_the_second_factor_off_and_ends_every_session(world: World, capsys: Captured) -> None:
    ada = world.member(totp="on", seed=b"sealed", backup=["hash"], last_step=5)
    bob = world.member("bob@example.com")
    values = [world.sessions.start(ada, mfa=True)[0] for _ in range(2)]
    kept, _ = world.sessions.start(bob)
    assert world.run("reset-2fa", ada.email) == 0
    item = world.members.item(ada.id) or {}
    assert (item["totp"], item["seed"], item["backup"]) == ("off", b"", [])
    assert [world.sessions.find(value) for value in values] == [None, None]
    assert world.sessions.find(kept)
    assert world.acts() == [f"totp.reset operator admin {ada.id} ok"]
    assert "7 days" in capsys.readouterr().err


def test_a_reset_where_nothing_is_on_changes_nothing(world: World, capsys: Captured) -> None:
    value, _ = world.sessions.start(world.member())
    assert world.run("reset-2fa", "ada@example.com") == 1
    assert "is not on" in capsys.readouterr().err
    assert world.sessions.find(value) and world.acts() == []


def test_sessions_are_listed_newest_first_and_ended_together(world: World, capsys: Captured) -> None:
    ada = world.member()
    old, _ = world.sessions.start(ada, browser="Firefox on Linux")
    world.clock.advance(minutes=30)
    new, _ = world.sessions.start(ada, mfa=True, browser="Safari on iPhone")
    assert world.run("sessions", ada.email) == 0
    shown = capsys.readouterr().out
    assert [line.split("  ")[-1].strip() for line in shown.splitlines()] == [
        "BROWSER",
        "Safari on iPhone",
        "Firefox on Linux",
    ]
    assert "2026-11-25 09:30 UTC" in shown and old not in shown and new not in shown
    assert world.run("sessions", ada.email, "--end") == 0
    assert "ended: 2" in capsys.readouterr().out
    assert [world.sessions.find(value) for value in (old, new)] == [None, None]
    assert world.acts() == [f"session.ended operator admin {member_id(ada.email)} all"]
    assert world.run("sessions", ada.email) == 0
    assert "has no session" in capsys.readouterr().err


def test_a_session_of_a_deployment_with_longer_limits_is_found_and_ended_too(world: World, capsys: Captured) -> None:
    ada = world.member()
    value, session = world.sessions.start(ada)
    ends = int(world.clock().timestamp()) + 14 * 86_400
    world.state.update(f"SESSION#{session.key}", "SESSION", {"ttl": ends})
    world.clock.advance(days=2)
    assert world.run("sessions", ada.email, "--end") == 0
    assert "ended: 1" in capsys.readouterr().out
    assert value and world.state.get(f"SESSION#{session.key}", "SESSION") is None
