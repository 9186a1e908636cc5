"""Where a redirect of ours may lead: an allow-list of pages, and nothing else (OA-2)."""

from __future__ import annotations

import re

HOME = "/"

_ID = r"[A-Za-z0-9._~-]{1,80}"
_RUN = r"[A-Za-z0-9._~:-]{1,150}"
_PAGES = (
    "/",
    "/sources",
    f"/sources/{_ID}",
    f"/sources/{_ID}/metrics/{_ID}",
    "/destinations",
    "/pulses",
    "/pulses/new",
    f"/pulses/{_ID}",
    f"/pulses/{_ID}/edit",
    "/streams",
    "/activity",
    f"/activity/{_RUN}",
    "/settings",
    "/security",
    "/security/mfa-required",
    "/oauth/xero/start",
    "/oauth/slack/start",
)
_ALLOWED = re.compile(rf"(?:{'|'.join(_PAGES)})(?:\?[A-Za-z0-9._~=&%-]{{0,500}})?")
_OWN = re.compile(r"/(?:[A-Za-z0-9._~%-][A-Za-z0-9._~:%/-]*)?(?:\?[A-Za-z0-9._~=&%+/-]*)?(?:#[A-Za-z0-9_-]*)?")


def safe_next(text: str | None, otherwise: str = HOME) -> str:
    """The page that may be gone to after signing in or a step in between; `otherwise` for anything not on the list."""
    return text if text and _ALLOWED.fullmatch(text) else otherwise


def own_path(text: str) -> bool:
    """Whether this is a path of this site in plain characters: no scheme, host, backslash or control character."""
    return _OWN.fullmatch(text) is not None and "//" not in text
