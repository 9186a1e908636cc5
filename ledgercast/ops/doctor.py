"""`doctor`: what still stands between a deployment and its first chart, as far as AWS can tell."""

from __future__ import annotations

from botocore.exceptions import ClientError

from ledgercast.clock import Clock
from ledgercast.ops.deployment import Deployment
from ledgercast.ops.secrets import AppSecret
from ledgercast.ops.terminal import say

# Xero's webhooks and Slack's events are features of their own; charts go out without them.
LATER = ("xero_webhook_keys", "slack_signing_secret")


def doctor(deployment: Deployment, now: Clock) -> int:
    """Print what is ready and what is not; the exit status is 1 when something is not."""
    domain = deployment.output("SenderDomain")
    missing = AppSecret(deployment, now).missing()
    needed = [name for name in missing if name not in LATER]
    later = [name for name in missing if name in LATER]
    verified = _verified(deployment, domain)
    _tell(not needed, "Credentials of both apps", f"`admin secrets set` fills {', '.join(needed)}")
    _tell(verified, f"Mail from {domain}", "SES has not verified the domain: copy the SenderDns outputs into its DNS")
    say(f"compare  In the Xero app, Redirect URIs:   {deployment.output('XeroRedirectUrl')}")
    say(f"compare  In the Slack app, Redirect URLs:  {deployment.output('SlackRedirectUrl')}")
    if later:
        say(f"later    Not set, and not needed for charts: {', '.join(later)}")
    return 0 if verified and not needed else 1


def _verified(deployment: Deployment, domain: str) -> bool:
    try:
        identity = deployment.client("sesv2").get_email_identity(EmailIdentity=domain)
    except ClientError as refused:
        if refused.response["Error"]["Code"] == "NotFoundException":
            return False
        raise
    return bool(identity.get("VerifiedForSendingStatus"))


def _tell(ready: bool, what: str, otherwise: str) -> None:
    say(f"ready    {what}" if ready else f"to do    {what}: {otherwise}")
