"""The edge's small parts: addresses, names of browsers, settings, letters, the even time, the list of acts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import get_args

import pytest

from functions.console.evenly import evenly
from ledgercast.domain.accounts import Member, member_id, normalise_email
from ledgercast.domain.audit import WORDS, Act
from ledgercast.domain.errors import SettingsError
from ledgercast.mail import Letter, mime
from ledgercast.web.browsers import browser_name
from ledgercast.web.edge import WebSettings
from ledgercast.web.routes import Route

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Safari/604.1"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ada@Example.COM ", "ada@example.com"),
        ("ada+charts@example.co.nz", "ada+charts@example.co.nz"),
        ("аda@example.com", None),
        ("ada@example.com\nbcc: eve@example.com", None),
        ("ada@exämple.com", None),
        ('"ada b"@example.com', None),
        ("a" * 65 + "@example.com", None),
        ("ada@" + "a." * 130 + "com", None),
    ],
)
def test_addresses_are_kept_in_one_plain_form(typed: str, kept: str | None) -> None:
    assert normalise_email(typed) == kept


def test_a_member_s_id_comes_from_the_address_and_shows_it_to_nobody() -> None:
    assert member_id("ada@example.com") == member_id("ada@example.com") != member_id("bob@example.com")
    assert "ada" not in member_id("ada@example.com")


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (CHROME, "Chrome on Windows"),
        (f"{CHROME} Edg/142.0", "Edge on Windows"),
        (SAFARI, "Safari on iPhone"),
        ("curl/8", "Unknown browser"),
        ("<script>", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_told_by_a_name_of_ours(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name


def test_every_act_of_the_audit_has_its_words_lg_2() -> None:
    assert set(WORDS) == set(get_args(Act))


def test_limits_and_address_come_from_the_settings() -> None:
    env = {"LEDGERCAST_PUBLIC_URL": "https://ledgercast.example.com/", "LEDGERCAST_SESSION_IDLE_MINUTES": "30"}
    settings = WebSettings.read(env)
    assert settings.public_url == "https://ledgercast.example.com"
    assert (settings.limits.idle, settings.limits.absolute) == (timedelta(minutes=30), timedelta(hours=12))
    assert dict(settings.onward)["/oauth/xero/"] == "https://login.xero.com https://*.xero.com"


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"LEDGERCAST_PUBLIC_URL": "http://ledgercast.example.com"},
        {"LEDGERCAST_PUBLIC_URL": "https://ledgercast.example.com/app"},
        {"LEDGERCAST_PUBLIC_URL": "https://ledgercast.example.com", "LEDGERCAST_SESSION_MINUTES": "0"},
        {"LEDGERCAST_PUBLIC_URL": "https://ledgercast.example.com", "LEDGERCAST_SESSION_MINUTES": "soon"},
    ],
)
def test_a_setting_that_cannot_be_is_named(env: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="LEDGERCAST_"):
        WebSettings.read(env)


def test_a_letter_says_the_same_in_text_and_html_and_lets_no_header_in() -> None:
    letter = Letter(
        "Hello\r\nBcc: eve@example.com", ("One & <two>.",), ("Open", "https://x.example/a?b=c&d=e"), "Small."
    )
    message = message_from_bytes(
        mime("l@example.com", "ada@example.com", letter, datetime(2026, 11, 25, tzinfo=UTC)), policy=default
    )
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert message["Bcc"] is None
    assert text and "https://x.example/a?b=c&d=e" in text.get_content()
    assert html and "One &amp; &lt;two&gt;." in html.get_content()
    assert html and 'href="https://x.example/a?b=c&amp;d=e"' in html.get_content()


@pytest.mark.parametrize("fails", [False, True])
def test_even_work_takes_its_time_whatever_it_finds(fails: bool) -> None:
    times, rested = iter([10.0, 10.2]), list[float]()

    def work() -> None:
        if fails:
            raise ValueError

    try:
        evenly(work, floor=0.7, clock=lambda: next(times), rest=rested.append)
    except ValueError:
        assert fails
    assert rested == [pytest.approx(0.5)]


def test_a_route_takes_values_of_a_plain_form_alone() -> None:
    route = Route("GET", "/sources/{connection}", "member", True, lambda visit, deps: None)  # type: ignore[arg-type,return-value]
    assert route.match("/sources/xero-1") == {"connection": "xero-1"}
    run = Route("GET", "/activity/{run}", "member", True, lambda visit, deps: None)  # type: ignore[arg-type,return-value]
    assert run.match(f"/activity/p-1~2026-11-25T09:00:00Z{'x' * 60}")
    strange = ("", "a/b", "a b", "é", "xero:1", "a" * 81)
    for path in (*(f"/sources/{one}" for one in strange), "/sourcesX/a"):
        assert route.match(path) is None, path


def test_an_owner_is_one_by_role() -> None:
    assert Member("m-1", "a@example.com", "owner", "active", 0).is_owner
    assert not Member("m-1", "a@example.com", "member", "active", 0).is_owner
