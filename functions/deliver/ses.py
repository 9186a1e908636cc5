"""SES v2: one raw message to one address, each answer sorted into sent, not sent and unknown (design 10).

The client must not retry by itself: SES has no way to ask what became of a message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    SSLError,
)

from ledgercast.domain.sending import Limited, NotSent, Unclear

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

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


class Mailer:
    """Sends from one verified address, whose identity names the configuration set that every message goes by."""

    def __init__(self, client: SESV2Client, sender: str) -> None:
        self._client = client
        self.sender = sender

    def send(self, address: str, mime: bytes, tag: str) -> str:
        """SES's message id. `tag` (letters and digits) comes back with every later event of this message."""
        try:
            answer = self._client.send_email(
                FromEmailAddress=self.sender,
                Destination={"ToAddresses": [address]},
                Content={"Raw": {"Data": mime}},
                EmailTags=[{"Name": "ledgercast_key", "Value": tag}],
            )
        except ClientError as refused:
            raise _refusal(refused) from None
        except _NEVER_LEFT:
            raise Limited("mail.unreachable", UNREACHED_SECONDS) from None
        except ParamValidationError:
            raise NotSent("mail.rejected") from None
        except Exception as failed:
            # A timeout, a dropped connection, an answer that is not SES's: it may have been sent.
            raise Unclear(type(failed).__name__) from None
        return answer["MessageId"]


def _refusal(refused: ClientError) -> Exception:
    status = refused.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = refused.response.get("Error", {}).get("Code", "")
    if code in _THROTTLED or status == 429:
        return Limited("mail.throttled", THROTTLE_SECONDS)
    if status >= 500 or not status >= 400:
        return Unclear(f"http_{status}")
    return NotSent(_REASONS.get(code, "mail.refused"))
