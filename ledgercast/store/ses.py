"""What became of a message that SES did not take plainly: certainly not sent, or unknown (design 10).

For clients that do not retry by themselves, since SES has no way to ask what became of a message.
"""

from __future__ import annotations

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    SSLError,
)

from ledgercast.domain.sending import Limited, NotSent, Unclear

_NEVER_LEFT = (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, SSLError)
_THROTTLED = ("TooManyRequestsException", "ThrottlingException", "Throttling")
_REASONS = {
    "MessageRejected": "mail.rejected",
    "BadRequestException": "mail.rejected",
    "MailFromDomainNotVerifiedException": "mail.sender_unverified",
    "NotFoundException": "mail.sender_unverified",
    "SendingPausedException": "mail.paused",
    "AccountSuspendedException": "mail.paused",
    "LimitExceededException": "mail.quota",
    "AccessDeniedException": "mail.refused",
}
THROTTLE_SECONDS = 2
UNREACHED_SECONDS = 5


def failure_of(error: Exception) -> NotSent | Unclear:
    """What an exception of `send_email` says about the message."""
    if isinstance(error, ClientError):
        return _refusal(error)
    if isinstance(error, _NEVER_LEFT):
        return Limited("mail.unreachable", UNREACHED_SECONDS)
    if isinstance(error, ParamValidationError):
        return NotSent("mail.rejected")
    # A timeout, a dropped connection, an answer that is not SES's: it may have been sent.
    return Unclear(type(error).__name__)


def _refusal(refused: ClientError) -> NotSent | Unclear:
    status = refused.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = refused.response.get("Error", {}).get("Code", "")
    if code in _THROTTLED or status == 429:
        return Limited("mail.throttled", THROTTLE_SECONDS)
    if status >= 500 or not status >= 400:
        return Unclear(f"http_{status}")
    if code == "MessageRejected" and "not verified" in refused.response.get("Error", {}).get("Message", ""):
        return NotSent("mail.unverified")
    return NotSent(_REASONS.get(code, "mail.refused"))
