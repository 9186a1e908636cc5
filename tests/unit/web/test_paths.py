"""OA-2: what a visitor named as the next page leads to a page of ours from the list, or home."""

from __future__ import annotations

import pytest

from ledgercast.web.paths import own_path, safe_next
from ledgercast.web.reply import redirect, redirect_to_provider

OURS = [
    "/",
    "/sources",
    "/sources/xero-1",
    "/sources/xero-1/metrics/revenue",
    "/sources/xero-1?tab=permissions",
    "/settings",
    "/activity/p-0123456789ab~2026-11-25T09:00:00Z",
    "/activity?before=2026-11-25T09%3A00%3A00Z",
    "/security",
    "/security/mfa-required?next=%2Foauth%2Fxero%2Fstart",
    "/oauth/xero/start",
    "/oauth/slack/start",
    "/pulses/new",
]
HOSTILE = [
    "",
    "https://evil.example",
    "http:evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2f/evil.example",
    "/%5cevil.example",
    "/.//evil.example",
    "/sources//evil.example",
    "/sources/../../evil.example",
    "/sources/%2e%2e/x/y",
    "/sources@evil.example",
    "@evil.example",
    " /sources",
    "/sources\n",
    "/sources\r\nLocation: https://evil.example",
    "/sources\t",
    "/\tevil.example",
    "/sources#@evil.example",
    "/sources?x=<script>",
    "/sources?next=//evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/ⅼogin",
    "/sources?x=é",
    "/sign-out",
    "/sign-in/verify?token=x",
    "/oauth/xero/callback?code=x&state=y",
    "/oauth/slack/callback",
    "/_local/mail",
    "/api/v1/me",
    "/sources?" + "a" * 600,
    "/sources/" + "a" * 90,
    "/sources/https://evil.example",
]


@pytest.mark.parametrize("target", OURS)
def test_pages_of_ours_are_gone_to_oa_2(target: str) -> None:
    assert safe_next(target) == target
    assert redirect(target).headers["Location"] == target


@pytest.mark.parametrize("target", HOSTILE)
def test_anything_else_leads_home_oa_2(target: str) -> None:
    assert safe_next(target) == "/"
    assert safe_next(target, otherwise="") == ""


def test_no_next_page_is_home() -> None:
    assert safe_next(None) == "/"


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil", "/a\r\nb", "/a//b", "sources", ""]
)
def test_a_redirect_of_ours_cannot_leave_the_site_oa_2(target: str) -> None:
    assert not own_path(target)
    with pytest.raises(ValueError, match="path of this site"):
        redirect(target)


@pytest.mark.parametrize(
    "address",
    ["https://login.xero.com.evil.example/a", "https://login.xero.com@evil.example/", "https://evil.example/"],
)
def test_a_redirect_to_a_provider_stays_with_its_origin_oa_2(address: str) -> None:
    assert redirect_to_provider("https://login.xero.com/a?b=c", "https://login.xero.com").status == 303
    with pytest.raises(ValueError, match="provider"):
        redirect_to_provider(address, "https://login.xero.com")
