"""Who may send mail, and with which configuration set."""

from __future__ import annotations

from typing import Any

from local.aws.resources.kinds import TAGS, Created, Kind, Stack, reads


def identity(stack: Stack, _logical_id: str, given: dict[str, Any]) -> Created:
    name = given["EmailIdentity"]
    stack.client("sesv2").create_email_identity(EmailIdentity=name)
    # Three DNS records that outputs may name; nobody looks them up here.
    records = {
        f"DkimDNSToken{part}{number}": f"{number}.{part.lower()}.dkim.local"
        for number in (1, 2, 3)
        for part in ("Name", "Value")
    }
    return Created(name, records)


def configuration_set(stack: Stack, logical_id: str, given: dict[str, Any]) -> Created:
    name = given.get("Name") or stack.physical(logical_id)
    stack.client("sesv2").create_configuration_set(ConfigurationSetName=name)
    return Created(name)


_NOT_SENT = "mail never leaves this machine"
KINDS = {
    "AWS::SES::EmailIdentity": Kind(
        identity,
        reads("EmailIdentity"),
        {
            "ConfigurationSetAttributes": _NOT_SENT,
            "DkimAttributes": _NOT_SENT,
            "DkimSigningAttributes": _NOT_SENT,
            "FeedbackAttributes": _NOT_SENT,
            "MailFromAttributes": _NOT_SENT,
            **TAGS,
        },
    ),
    "AWS::SES::ConfigurationSet": Kind(
        configuration_set,
        reads("Name"),
        {
            "DeliveryOptions": _NOT_SENT,
            "ReputationOptions": _NOT_SENT,
            "SendingOptions": _NOT_SENT,
            "SuppressionOptions": _NOT_SENT,
            "TrackingOptions": _NOT_SENT,
            "VdmOptions": _NOT_SENT,
            **TAGS,
        },
    ),
}
