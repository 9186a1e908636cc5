"""Every route of the HTTP API and the function that answers it (contracts.md 1).

One table, written down here, because the deployment must not depend on importing the functions; a test compares it with
what their Apps register. Whatever is not in it goes to the console, which says that there is nothing.
"""

from __future__ import annotations

ANYTHING_ELSE = "$default"

ROUTES: dict[str, tuple[str, ...]] = {
    "console": (
        "GET /",
        "GET /activity",
        "GET /api/v1/audit",
        "GET /api/v1/connections",
        "GET /api/v1/me",
        "GET /api/v1/metrics/{metric}/preview",
        "GET /assets/{name}",
        "GET /healthz",
        "GET /security",
        "GET /settings",
        "GET /settings/slack/{install}/channels",
        "GET /sign-in",
        "GET /sign-in/verify",
        "GET /sources",
        "GET /sources/{connection}",
        "GET /sources/{connection}/metrics/{metric}",
        "POST /security/end-other-sessions",
        "POST /security/members",
        "POST /security/members/{member}/remove",
        "POST /security/sessions/{session}/end",
        "POST /settings/channels/{channel}/remove",
        "POST /settings/mail-domains",
        "POST /settings/mail-domains/remove",
        "POST /settings/own-channels",
        "POST /settings/slack/{install}/channels",
        "POST /settings/timezone",
        "POST /sign-in",
        "POST /sign-in/verify",
        "POST /sign-out",
    ),
    "mfa": (
        "GET /admin/security/mfa-required",
        "GET /security/mfa-required",
        "POST /security/backup-codes",
        "POST /security/members/{member}/reset",
        "POST /security/totp/confirm",
        "POST /security/totp/disable",
        "POST /security/totp/enrol",
        "POST /security/totp/verify",
    ),
    "oauth": (
        "GET /oauth/slack/callback",
        "GET /oauth/slack/problem/{reason}",
        "GET /oauth/slack/start",
        "GET /oauth/xero/callback",
        "GET /oauth/xero/choose",
        "GET /oauth/xero/help",
        "GET /oauth/xero/problem/{reason}",
        "GET /oauth/xero/start",
        "POST /oauth/xero/choose",
        "POST /settings/slack/{team}/disconnect",
        "POST /sources/{connection}/disconnect",
    ),
}
