"""The mails that the console sends: a link to sign in, and an invitation."""

from __future__ import annotations

from ledgercast.mail import Letter


def sign_in_letter(public_url: str, token: str) -> Letter:
    return Letter(
        subject="Your link to sign in",
        lines=("Open this link and press the button there to sign in to Ledgercast.",),
        button=("Sign in", f"{public_url}/sign-in/verify?token={token}"),
        small="The link works once, within 15 minutes, in any browser. If you did not ask for it, nothing happens: "
        "delete this mail.",
    )


def invitation(public_url: str, role: str) -> Letter:
    kind = "an owner" if role == "owner" else "a member"
    return Letter(
        subject="You are invited to Ledgercast",
        lines=(
            f"An owner of this workspace made you {kind} of it.",
            "Sign in with this very mail address; you will get a link by mail each time, so there is no password.",
        ),
        button=("Go to the sign-in page", f"{public_url}/sign-in"),
        small="Ledgercast draws charts from an organisation's accounts in Xero and sends them to Slack and email. "
        "If you do not know who invited you, delete this mail.",
    )
