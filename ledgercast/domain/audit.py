"""The acts that the audit records (LG-2), each with the words that the activity page shows for it.

A row holds who (`actor`: a member's id, "operator", "system" or "" for a stranger), whence (`origin`: the client's
address or the part of the system), what it was about (`subject`: an id) and how it ended (`outcome`: "ok" or a code).
"""

from __future__ import annotations

from typing import Literal

Act = Literal[
    "sign_in.link_sent",
    "sign_in.ok",
    "sign_in.refused",
    "sign_in.throttled",
    "sign_out",
    "session.ended",
    "access.denied",
    "member.created",
    "member.invited",
    "member.removed",
    "totp.enrolled",
    "totp.verified",
    "totp.refused",
    "totp.disabled",
    "totp.reset",
    "backup_codes.made",
    "backup_code.used",
    "xero.started",
    "xero.refused",
    "xero.scopes_granted",
    "xero.connected",
    "xero.disconnected",
    "xero.held",
    "xero.resumed",
    "slack.started",
    "slack.refused",
    "slack.installed",
    "slack.removed",
    "settings.changed",
    "secrets.set",
    "metric.previewed",
    "pulse.sent",
    "notice.sent",
]

WORDS: dict[Act, str] = {
    "sign_in.link_sent": "Sign-in link sent",
    "sign_in.ok": "Signed in with a link",
    "sign_in.refused": "Sign-in link refused",
    "sign_in.throttled": "Sign-in slowed down",
    "sign_out": "Signed out",
    "session.ended": "Session ended",
    "access.denied": "Access denied",
    "member.created": "First owner created",
    "member.invited": "Member invited",
    "member.removed": "Member removed",
    "totp.enrolled": "Two-factor authentication turned on",
    "totp.verified": "One-time code accepted",
    "totp.refused": "One-time code refused",
    "totp.disabled": "Two-factor authentication turned off",
    "totp.reset": "Two-factor authentication reset",
    "backup_codes.made": "Backup codes made",
    "backup_code.used": "Backup code used",
    "xero.started": "Connecting to Xero started",
    "xero.refused": "Connecting to Xero refused",
    "xero.scopes_granted": "Permissions granted in Xero",
    "xero.connected": "Xero organisation connected",
    "xero.disconnected": "Xero organisation disconnected",
    "xero.held": "Xero connection held",
    "xero.resumed": "Xero connection resumed",
    "slack.started": "Connecting to Slack started",
    "slack.refused": "Connecting to Slack refused",
    "slack.installed": "Slack workspace connected",
    "slack.removed": "Slack workspace removed",
    "settings.changed": "Settings changed",
    "secrets.set": "App credentials set",
    "metric.previewed": "Metric previewed",
    "pulse.sent": "Pulse sent by hand",
    "notice.sent": "Owner told by mail",
}
"""Complete: a test compares it with `Act`."""
